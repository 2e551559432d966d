"""Work within this process, for functions that were made in it and cannot be loaded elsewhere."""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np

from labeling.apply.crew import Answer, Work
from labeling.apply.workers import CELLS
from labeling.lf.calling import ClassCodes
from labeling.lf.examples import Voter
from labeling.lf.worker import Printed, answer_chunk, answer_examples
from labeling.types import UNKNOWN


class Serial:
    """Does work call by call; there is no time limit.

    Parameters
    ----------
    functions : sequence of LabelingFunction or VectorFunction
    class_names : sequence of str
    """

    def __init__(self, functions: Sequence[Voter], class_names: Sequence[str]) -> None:
        self._functions = functions
        self._codes = [ClassCodes(class_names) for _ in functions]
        self._cells = np.empty(CELLS, dtype=np.int8)

    def do(self, work: Work) -> None:
        """Do all jobs; what ends this early leaves what was answered by then."""
        while (job := work.next_job()) is not None:
            header, start = {}, time.monotonic()
            self._cells[: job.size] = UNKNOWN
            chosen = job.message.header["functions"]
            called, cells = [self._functions[j] for j in chosen], self._cells.data
            try:
                if job.message.header["examples"]:
                    text_field = job.message.header["text_field"]
                    header = answer_examples(called, text_field, cells, Printed())
                else:
                    codes = [self._codes[j] for j in chosen]
                    header = answer_chunk(called, codes, job.message, cells, Printed())
            finally:
                codes_so_far = self._cells[: job.size].reshape(-1, job.n).copy()
                work.take(Answer(job, codes_so_far, header, None, time.monotonic() - start))

"""The calls of Python functions that a run has to make: cut into jobs, and what becomes of their answers."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from labeling.apply.columns import OpenColumns
from labeling.apply.content import chunk_bytes
from labeling.apply.crew import Answer
from labeling.apply.limits import Fault, Limits
from labeling.apply.tally import Tally
from labeling.apply.tasks import Queue, Task, group_tasks
from labeling.apply.verdicts import Verdicts
from labeling.apply.workers import CELLS, Job
from labeling.items import Items
from labeling.lf import LabelingFunction
from labeling.lf.calling import preparations_of
from labeling.lf.examples import Voter
from labeling.lf.messages import Message
from labeling.types import LOST, UNKNOWN, Bools, Codes, LabelSchema
from labeling.votes import VoteColumn

Progress = Callable[[str, int, int], None]
SHOW_SECONDS = 0.1
CALLING = "calling functions"


@dataclass
class PythonWork:
    """Calls of some functions, checks of their examples first.

    Parameters
    ----------
    items : Items
    schema : LabelSchema
    columns : OpenColumns
        Of all functions of the run.
    functions : sequence of LabelingFunction or VectorFunction
        All functions of the run; jobs name them by their place among ``numbers``.
    numbers : sequence of int
        Those that are called here.
    limits : sequence of Limits
        Of all functions of the run.
    verdicts : Verdicts
    progress : callable
        Called with (what, done, total).
    """

    items: Items
    schema: LabelSchema
    columns: OpenColumns
    functions: Sequence[Voter]
    numbers: Sequence[int]
    limits: Sequence[Limits]
    verdicts: Verdicts
    progress: Progress
    calls: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        called = [self.functions[j] for j in self.numbers]
        self._rows = len(called) + len(preparations_of(called))
        self._queue = Queue(self._missing(), CELLS)
        self.calls = self._queue.calls
        self._tally = Tally(self.schema, self.limits)
        self._unchecked = self.verdicts.unknown(called)
        self._checking: list[Voter] = []
        self._tasks: dict[int, Task] = {}
        self._heard: set[str] = set()
        self._shown = 0.0

    @property
    def anything(self) -> bool:
        """Whether there is anything to do."""
        return bool(self.calls or self._unchecked)

    def next_job(self) -> Job | None:
        """Give the next chunk, after the examples."""
        if self._unchecked:
            self._checking, self._unchecked = self._unchecked, []
            return self._examples_job(self._checking)
        if self._checking:
            return None
        task = self._next_task()
        return None if task is None else self._chunk_job(task)

    def take(self, answer: Answer) -> None:
        """Take codes, faults and what was printed.

        Raises
        ------
        QuorumError
            A function fails too often, or did not come back too often.
        """
        self._tell(answer.header.get("said", {}))
        task = self._tasks.pop(id(answer.job), None)
        if task is None:
            self._take_examples(answer)
            return
        self._queue.took(answer.seconds)
        self._take_codes(task, answer)
        self._show(self._tally.done)
        for j in task.functions:
            error = self._tally.judge(j)
            if error is not None:
                self.columns.forget_faults(j)
                raise error
        self.columns.keep_now_and_then()

    def finish(self) -> None:
        """Show that all is done."""
        if self.calls:
            self.progress(CALLING, self.calls, self.calls)

    def _missing(self) -> Iterator[Task]:
        for block in range(len(self.columns.blocks)):
            yield from group_tasks(block, {j: self.columns.missing(block, j) for j in self.numbers})

    def _next_task(self) -> Task | None:
        refused = self.verdicts.refusals(self.functions[j] for j in self.numbers)
        while (task := self._queue.take(self._rows)) is not None:
            voting = tuple(j for j in task.functions if self.functions[j].name not in refused)
            self.calls -= len(task.places) * (len(task.functions) - len(voting))
            if voting:
                return Task(task.block, task.places, voting)
        return None

    def _chunk_job(self, task: Task) -> Job:
        functions = [self.functions[j] for j in task.functions]
        limits = [self.limits[j].time_limit for j in task.functions]
        patience = [
            max(limit for limit, f in zip(limits, functions, strict=True) if _prepares(f, p))
            for p in preparations_of(functions)
        ]
        rows = self.columns.blocks[task.block].rows[task.places]
        message = Message(self._header(task.functions, examples=False), chunk_bytes(self.items, rows))
        job = Job(message, len(task.places), [*patience, *limits])
        self._tasks[id(job)] = task
        return job

    def _examples_job(self, functions: Sequence[Voter]) -> Job:
        numbers = [j for j in self.numbers if any(self.functions[j] is f for f in functions)]
        limits = [self.limits[j].time_limit * len(self.functions[j].examples) for j in numbers]
        return Job(Message(self._header(numbers, examples=True)), 1, limits)

    def _header(self, numbers: Sequence[int], *, examples: bool) -> dict[str, object]:
        places = [self.numbers.index(j) for j in numbers]
        return {"functions": places, "examples": examples, "text_field": self.items.text_field}

    def _take_examples(self, answer: Answer) -> None:
        checked, self._checking = self._checking, []
        if "failures" in answer.header:
            self.verdicts.remember(list(zip(checked, answer.header["failures"], strict=True)))
        elif answer.lost:
            row, _, reason = answer.lost
            self.verdicts.refuse(checked[row], f"on an example it {reason}")
            self._unchecked = [f for i, f in enumerate(checked) if i != row]

    def _take_codes(self, task: Task, answer: Answer) -> None:
        functions = [self.functions[j] for j in task.functions]
        prepared = len(preparations_of(functions))
        codes, header = answer.codes[prepared:], answer.header
        told = {row - prepared: (i, words) for row, i, words in header.get("faults", []) if row >= prepared}
        told |= self._mark_lost(task, functions, codes, answer)
        # A worker that was lost can no longer say what names it met beside the classes.
        names = [tuple(n) for n in header.get("names", [self.schema.names] * len(functions))]
        seconds = header.get("seconds", [0.0] * len(answer.codes))[prepared:]
        left = {}
        for m, j in enumerate(task.functions):
            codes[m][codes[m] >= len(names[m])] = UNKNOWN
            strange = self._tally.count(j, codes[m], names[m])
            first = self._first_fault(task, m, told.get(m))
            if strange is not None:
                self._first_fault(task, m, strange)
            self.columns.add(task.block, j, task.places, VoteColumn(codes[m], names[m], first, seconds[m]))
            left[j] = self._left(task, codes[m])
        self._queue.put_back(group_tasks(task.block, left))

    def _mark_lost(
        self, task: Task, functions: Sequence[Voter], codes: Codes, answer: Answer
    ) -> dict[int, tuple[int, str]]:
        """Mark the votes that a lost worker was at; give what is told of each function, as (item, words)."""
        if answer.lost is None:
            return {}
        row, i, reason = answer.lost
        prepared = preparations_of(functions)
        if row < len(prepared):
            guilty = [m for m, f in enumerate(functions) if _prepares(f, prepared[row])]
            reason = f"waited for {prepared[row].__name__}, which {reason}"
        else:
            guilty = [row - len(prepared)]
        for m in guilty:
            function = functions[m]
            batch = isinstance(function, LabelingFunction) and function.batch
            codes[m, i : None if batch else i + 1] = LOST
            self._tally.hang(task.functions[m], self._row(task, i), reason)
        return dict.fromkeys(guilty, (i, reason))

    def _first_fault(self, task: Task, m: int, told: tuple[int, str] | None) -> Mapping[str, str] | None:
        """Give a fault as a column keeps it, None where there is none."""
        if told is None:
            return None
        i, words = told
        j, item = task.functions[m], self._item(task, i)
        self._tally.fault(j, Fault(str(self.functions[j].name), self._row(task, i), words))
        return {"item": self.items.digest_column[item].as_py().hex(), "traceback": words}

    def _left(self, task: Task, codes: Codes) -> Bools:
        left = np.zeros(len(self.columns.blocks[task.block]), dtype=bool)
        left[task.places[codes == UNKNOWN]] = True
        return left

    def _item(self, task: Task, i: int) -> int:
        return int(self.columns.blocks[task.block].rows[task.places[i]])

    def _row(self, task: Task, i: int) -> str:
        return self.items.row_of_item(self._item(task, i))

    def _show(self, done: int) -> None:
        now = time.monotonic()
        if done < self.calls and now - self._shown > SHOW_SECONDS:
            self._shown = now
            self.progress(CALLING, done, self.calls)

    def _tell(self, said: Mapping[str, str]) -> None:
        for name in said.keys() - self._heard:
            self._heard.add(name)
            self.progress(f"{name} printed: {said[name]}", 0, 0)


def _prepares(function: Voter, prepare: object) -> bool:
    return isinstance(function, LabelingFunction) and any(p is prepare for p in function.pre)

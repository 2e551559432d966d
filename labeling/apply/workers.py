"""Worker processes as the process sees them that started them."""

from __future__ import annotations

import contextlib
import mmap
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, cast

import numpy as np

from labeling.errors import QuorumError
from labeling.lf.messages import Message, read_message, write_message
from labeling.types import UNKNOWN, Codes

CELLS = 1 << 20
"""Calls that one chunk may have."""


@dataclass(frozen=True)
class Job:
    """A chunk for a worker: n items, and rows of calls on them that it answers one after the other.

    Parameters
    ----------
    message : Message
    n : int
        Items.
    time_limits : sequence of float
        Seconds of one call, by row.
    """

    message: Message = field(repr=False)
    n: int
    time_limits: Sequence[float]

    @property
    def size(self) -> int:
        """Number of cells."""
        return self.n * len(self.time_limits)


class Worker:
    """A process that calls functions.

    Parameters
    ----------
    setup : mapping
        The first message, as `labeling.lf.worker` takes it.
    """

    def __init__(self, setup: Mapping[str, Any]) -> None:
        self.job: Job | None = None
        self.ready = False
        with tempfile.TemporaryFile() as file:
            file.truncate(CELLS)
            self._cells = np.frombuffer(mmap.mmap(file.fileno(), CELLS), dtype=np.int8)
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "labeling.lf.worker", str(file.fileno()), str(os.getpid())],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                pass_fds=[file.fileno()],
                env=_environment(),
                process_group=0,
            )
        self._send(Message(dict(setup)))

    @property
    def pipe(self) -> BinaryIO:
        """Where answers come from."""
        return cast(BinaryIO, self._process.stdout)

    def start(self, job: Job) -> None:
        """Give the worker a job."""
        self.job = job
        self._cells[: job.size] = UNKNOWN
        self._send(job.message)

    def receive(self) -> Message | None:
        """Take an answer that has come; None where the process has ended.

        Raises
        ------
        QuorumError
            The worker could not load the functions.
        """
        message = read_message(self.pipe)
        if message is not None and "failed" in message.header:
            raise QuorumError(message.header["failed"])
        if message is None and not self.ready:
            raise QuorumError(f"a worker process {self.ending}. See above for the reason, and run it again.")
        self.ready = True
        return message

    def position(self) -> int | None:
        """Give the cell of the call that is under way; None where all calls are answered."""
        unknown = self._cells[: self.job.size if self.job else 0] == UNKNOWN
        place = int(unknown.argmax()) if len(unknown) else 0
        return place if len(unknown) and unknown[place] else None

    def codes(self) -> Codes:
        """Give the answers so far, shape (rows, n)."""
        assert self.job is not None
        return self._cells[: self.job.size].reshape(-1, self.job.n).copy()

    @property
    def ending(self) -> str:
        """How the process ended, in words; waits for it."""
        code = self._process.wait()
        return f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"

    def stop(self) -> None:
        """End the process at once."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()

    def _send(self, message: Message) -> None:
        # A process that has ended is found out when its answer is read.
        with contextlib.suppress(BrokenPipeError):
            write_message(cast(BinaryIO, self._process.stdin), message)


def _environment() -> dict[str, str]:
    """Let the worker import what this process can, and compute on one core: there is one of it per core."""
    path = os.pathsep.join(entry or str(Path.cwd()) for entry in sys.path)
    return {"OMP_NUM_THREADS": "1", **os.environ, "PYTHONPATH": path}

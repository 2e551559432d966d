"""Worker processes at work: they get jobs one by one, are watched, and are replaced where they are lost."""

from __future__ import annotations

import selectors
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import psutil

from labeling.apply.limits import too_long
from labeling.apply.workers import Job, Worker
from labeling.errors import QuorumError
from labeling.types import Codes

LOOK_SECONDS = 0.1
MOST_STEP = 1.0
"""Seconds that one look counts at most: a process that was suspended blames nobody."""

CALLS_PER_WORKER = 2_000
HEADROOM = 4 << 30
MEMORY_SHARE = 0.75
CGROUP_LIMIT = Path("/sys/fs/cgroup/memory.max")


@dataclass(frozen=True)
class Answer:
    """What became of a job.

    Attributes
    ----------
    job : Job
    codes : array of int8, shape (rows, n)
        ``UNKNOWN`` where the worker did not get to.
    header : mapping
        What the worker said; empty where it was stopped or lost.
    lost : tuple of (int, int, str) or None
        Row, item and reason where the worker was lost in a call.
    seconds : float
    """

    job: Job
    codes: Codes
    header: Mapping[str, Any]
    lost: tuple[int, int, str] | None = None
    seconds: float = 0.0


class Work(Protocol):
    """What is to be done: jobs, and what becomes of their answers."""

    def next_job(self) -> Job | None:
        """Give the next job, or None where there is none at present."""

    def take(self, answer: Answer) -> None:
        """Take an answer; afterwards there may be jobs again."""


@dataclass
class _Watch:
    """How long the present call of a worker has been seen under way."""

    began: float = field(default_factory=time.monotonic)
    looked: float = field(default_factory=time.monotonic)
    position: int | None = None
    seconds: float = 0.0

    def look(self, position: int | None) -> float:
        now = time.monotonic()
        step = min(now - self.looked, MOST_STEP)
        self.seconds = self.seconds + step if position == self.position else 0.0
        self.position, self.looked = position, now
        return self.seconds


class Crew:
    """Does work on as many processes as there are cores, and no more than the work is worth.

    Parameters
    ----------
    setup : mapping
        The first message for each worker.
    size : int
        The most processes.
    calls : int
        Roughly how many calls there will be.
    """

    def __init__(self, setup: Mapping[str, Any], size: int, calls: int) -> None:
        self._setup = {**setup, "memory": memory_headroom(size)}
        self._size = size
        self._hire = min(size, 1 + calls // CALLS_PER_WORKER)
        self._waiting: Job | None = None
        self._watches: dict[Worker, _Watch] = {}
        self._selector = selectors.DefaultSelector()

    def do(self, work: Work) -> None:
        """Do all jobs.

        Whatever ends this early, what busy workers have answered by then is taken before they are stopped.
        """
        try:
            while self._assign(work):
                self._look(work)
        except BaseException:
            for worker in self._busy():
                with suppress(QuorumError):
                    self._end(worker, None, work)
            raise
        finally:
            for worker in list(self._watches):
                self._dismiss(worker)
            self._selector.close()

    def _busy(self) -> list[Worker]:
        return [worker for worker in self._watches if worker.job is not None]

    def _assign(self, work: Work) -> bool:
        """Give every free worker a job and hire for those that wait; tell whether anything is left."""
        free = [worker for worker in self._watches if worker.ready and worker.job is None]
        while (job := self._waiting or work.next_job()) is not None:
            self._waiting = None
            if not free:
                self._waiting = job
                break
            worker = free.pop()
            self._watches[worker] = _Watch()
            worker.start(job)
        while self._waiting and len(self._watches) < self._hire:
            self._start_worker()
        return self._waiting is not None or bool(self._busy())

    def _start_worker(self) -> None:
        worker = Worker(self._setup)
        self._watches[worker] = _Watch()
        self._selector.register(worker.pipe, selectors.EVENT_READ, worker)

    def _look(self, work: Work) -> None:
        events = self._selector.select(LOOK_SECONDS)
        for key, _ in events:
            self._hear(key.data, work)
        if not events:
            # Work that keeps everybody busy for so long is worth another process.
            self._hire = min(self._hire + 1, self._size)
        for worker in self._busy():
            self._watch(worker, work)

    def _hear(self, worker: Worker, work: Work) -> None:
        message, job = worker.receive(), worker.job
        if message is None:
            self._end(worker, f"lost its process, which {worker.ending}", work)
        elif job is not None and "ready" not in message.header:
            seconds = time.monotonic() - self._watches[worker].began
            answer = Answer(job, worker.codes(), message.header, None, seconds)
            worker.job = None
            work.take(answer)

    def _watch(self, worker: Worker, work: Work) -> None:
        position, job = worker.position(), worker.job
        seconds = self._watches[worker].look(position)
        if job is None or position is None:
            return
        limit = job.time_limits[position // job.n]
        if seconds > limit:
            self._end(worker, too_long(limit), work)

    def _end(self, worker: Worker, reason: str | None, work: Work) -> None:
        """Stop a worker and take what it has answered; ``reason`` is why it was lost, if it was."""
        seconds = time.monotonic() - self._watches[worker].began
        self._dismiss(worker)
        job, position = worker.job, worker.position()
        if job is None:
            return
        lost = None if reason is None or position is None else (*divmod(position, job.n), reason)
        work.take(Answer(job, worker.codes(), {}, lost, seconds))

    def _dismiss(self, worker: Worker) -> None:
        if self._watches.pop(worker, None) is not None:
            self._selector.unregister(worker.pipe)
            worker.stop()


def memory_headroom(workers: int) -> int:
    """Give how many bytes each worker may grow by."""
    total = psutil.virtual_memory().total
    with suppress(OSError, ValueError):
        total = min(total, int(CGROUP_LIMIT.read_text(encoding="ascii")))
    return min(HEADROOM, int(MEMORY_SHARE * total / workers))

"""Runs on several processes: each takes the setting once and then one run after the other."""

from __future__ import annotations

import signal
from collections.abc import Iterator, Sequence
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess

from labeling.errors import QuorumError
from labeling.simulation.replay import Outcome, Run, replay
from labeling.simulation.setting import Setting

SPAWN = get_context("spawn")
"""Not forked: threads of numerical libraries and of the progress display do not survive that."""


def replay_all(setting: Setting, runs: Sequence[Run], jobs: int) -> Iterator[tuple[Run, Outcome]]:
    """Do runs, on ``jobs`` processes where there are several; outcomes come as they are finished.

    Whoever leaves off listening stops the processes.

    Raises
    ------
    QuorumError
        A process was lost.
    """
    jobs = min(jobs, len(runs))
    if jobs <= 1:
        yield from ((run, replay(setting, run)) for run in runs)
        return
    workers = [Worker() for _ in range(jobs)]
    try:
        for worker in workers:
            worker.send(setting)
        yield from _spread(workers, list(runs))
    finally:
        for worker in workers:
            worker.stop()


def _spread(workers: Sequence[Worker], runs: list[Run]) -> Iterator[tuple[Run, Outcome]]:
    waiting, busy = runs[::-1], list(workers)
    for worker in workers:
        worker.start(waiting.pop())
    while busy:
        heard = wait([worker.pipe for worker in busy])
        for worker in [worker for worker in busy if worker.pipe in heard]:
            yield worker.run, worker.outcome()
            if waiting:
                worker.start(waiting.pop())
            else:
                busy.remove(worker)


class Worker:
    """A process that is sent a setting and then does runs in it, one after the other."""

    run: Run

    def __init__(self) -> None:
        self.pipe, theirs = SPAWN.Pipe()
        self._process: SpawnProcess = SPAWN.Process(target=serve, args=(theirs,), daemon=True)
        self._process.start()
        theirs.close()

    def send(self, message: Setting | Run) -> None:
        """Send what it needs; a process that has ended is found out when its outcome is read."""
        with suppress(OSError):
            self.pipe.send(message)

    def start(self, run: Run) -> None:
        """Give it a run to do."""
        self.run = run
        self.send(run)

    def outcome(self) -> Outcome:
        """Give what its run came to; what it raised is raised."""
        try:
            told = self.pipe.recv()
        except (EOFError, OSError) as error:
            self._process.join()
            raise QuorumError(
                f"simulation: the process of {self.run.arm.name}, seed {self.run.seed}, ended with exit "
                f"code {self._process.exitcode}. Finished runs are kept; run it again, with fewer --jobs "
                "if memory is short."
            ) from error
        if isinstance(told, BaseException):
            raise told
        return told  # type: ignore[no-any-return]

    def stop(self) -> None:
        """End the process at once."""
        self._process.kill()
        self._process.join()
        self.pipe.close()


def serve(pipe: Connection) -> None:
    """Take a setting from a pipe, then do the runs that come through it, until nobody listens."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the process that started this one stops it
    with suppress(EOFError, OSError):
        setting = pipe.recv()
        while True:
            pipe.send(_done(setting, pipe.recv()))


def _done(setting: Setting, run: Run) -> Outcome | Exception:
    try:
        return replay(setting, run)
    except Exception as error:
        return error

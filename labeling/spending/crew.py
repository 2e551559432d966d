"""The tasks of a run, and how they end early: those that are in a call finish it, the others stop."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any


class Halted(Exception):
    """The run ends; nothing new may begin."""


class Crew:
    """Runs tasks until all are done or one fails.

    Attributes
    ----------
    reason : BaseException or None
        Why the run ends early.
    """

    def __init__(self) -> None:
        self.reason: BaseException | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._calling: set[asyncio.Task[Any] | None] = set()

    async def run(self, *work: Coroutine[Any, Any, None]) -> None:
        """Do all work at once.

        Raises
        ------
        BaseException
            The ``reason`` of `halt`, once the calls that were out have ended.
        """
        self._tasks = {asyncio.create_task(self._guarded(each)) for each in work}
        try:
            await asyncio.wait(self._tasks)
        finally:
            self.abandon()
            await asyncio.gather(*self._tasks, return_exceptions=True)
        if self.reason is not None:
            raise self.reason

    def halt(self, reason: BaseException) -> None:
        """End the run; calls that are out are awaited. The first reason counts."""
        if self.reason is None:
            self.reason = reason
        for task in self._tasks - self._calling - {asyncio.current_task()}:
            task.cancel()

    def abandon(self) -> None:
        """Cancel all that is left, calls included."""
        for task in self._tasks:
            task.cancel()

    def interrupt(self) -> None:
        """End the run as the user wishes; at the second time at once."""
        if isinstance(self.reason, KeyboardInterrupt):
            self.abandon()
        else:
            self.halt(KeyboardInterrupt())

    def check(self) -> None:
        """Make sure that something new may begin.

        Raises
        ------
        Halted
            It may not.
        """
        if self.reason is not None:
            raise Halted

    @contextmanager
    def calling(self) -> Iterator[None]:
        """Mark the block as a call, which `halt` lets finish."""
        task = asyncio.current_task()
        self._calling.add(task)
        try:
            yield
        finally:
            self._calling.discard(task)

    async def _guarded(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except Halted:
            pass
        except Exception as error:
            self.halt(error)

"""What the parts of a run in batches work with."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeVar

from sqlalchemy import Connection

from labeling.spending.batch_limits import MARGIN, MOST_BYTES
from labeling.spending.batch_questions import Questions
from labeling.spending.context import Spending
from labeling.spending.crew import Crew
from labeling.spending.tally import Tally
from labeling.store import StoredBatch, llm_batches, llm_calls
from labeling.types import CompletionError, LLMVoter

T = TypeVar("T")


@dataclass
class BatchRun:
    """One run over a voter's items.

    Attributes
    ----------
    spending : Spending
    voter : LLMVoter
    tally : Tally
    crew : Crew
    total : int
        Items in all, for the progress.
    questions : Questions
    strangers : set of (int, str)
        Intents, by number, with batches of the vendor that are not theirs.
    bytes_at_once : float
        The most that a batch may have; less after the server refused one for its size.
    answers : int
        How many answers batches brought in this run.
    last_error : CompletionError, optional
        Why a question was given up last.
    """

    spending: Spending
    voter: LLMVoter
    tally: Tally
    crew: Crew
    total: int = 0
    questions: Questions = field(default_factory=Questions)
    strangers: set[tuple[int, str]] = field(default_factory=set)
    bytes_at_once: float = MARGIN * MOST_BYTES
    answers: int = 0
    last_error: CompletionError | None = None

    @property
    def model(self) -> str:
        """The model that is asked."""
        return self.voter.model

    @property
    def limit(self) -> float | None:
        """The budget; None without end."""
        return None if self.spending.price is None else self.spending.budget

    async def write(self, do: Callable[[Connection], T]) -> T:
        """Do something in a write transaction of the lease's holder, in a thread."""
        return await asyncio.to_thread(self._write, do)

    async def read(self, do: Callable[[Connection], T]) -> T:
        """Do something in a read transaction, in a thread."""
        return await asyncio.to_thread(self._read, do)

    async def open_batches(self) -> list[StoredBatch]:
        """List the batches that are not settled, oldest first."""
        return await self.read(lambda tx: llm_batches.open_batches(tx, self.model))

    async def spent(self) -> float:
        """Give what the model cost in all runs, open calls at their worst."""
        return await self.read(lambda tx: llm_calls.spent(tx, self.model))

    @contextmanager
    def whole(self) -> Iterator[None]:
        """Let the block come to its end before the run may stop."""
        self.crew.check()
        with self.crew.calling():
            yield
        self.crew.check()

    def say(self, what: str) -> None:
        """Show a line, with how many items have an answer."""
        done = self.tally.answered + self.tally.unanswered
        self.spending.progress(f"{self.voter.name}: {what}", done, self.total)

    def _write(self, do: Callable[[Connection], T]) -> T:
        with self.spending.store.write() as tx:
            self.spending.lease.check(tx)
            return do(tx)

    def _read(self, do: Callable[[Connection], T]) -> T:
        with self.spending.store.read() as tx:
            return do(tx)

"""Direct mode: each item's question is sent by itself, many at once."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from contextlib import aclosing
from dataclasses import dataclass

from labeling.errors import InputError
from labeling.spending.calls import Caller, Unanswered
from labeling.spending.context import Spending
from labeling.spending.conversation import Question, follow, too_long
from labeling.spending.failures import Verdict, gave_up, verdict
from labeling.spending.feed import blocks
from labeling.spending.interrupts import interruptible
from labeling.spending.meter import Meter
from labeling.spending.opening import calling
from labeling.spending.tally import Tally
from labeling.store import StoredVote, llm_batches
from labeling.types import Item, LLMVoter

IN_A_ROW = 10
"""Items given up one after another after which a run stops."""


async def ask(
    spending: Spending, voter: LLMVoter, items: Iterable[Item], *, total: int = 0, tally: Tally | None = None
) -> Tally:
    """Ask about the items that have no answer yet; one voter at a time.

    All that arrives is in the ledger, however the run ends. Ctrl-C lets the calls that are out come in; a
    second one leaves them as lost.

    Parameters
    ----------
    spending : Spending
    voter : LLMVoter
    items : iterable of Item
        Drawn block by block, in threads.
    total : int
        How many they are, for the progress; 0 shows none.
    tally : Tally, optional
        A fresh one to fill, for who wants the counts of a run that ends with an error too.

    Raises
    ------
    GateRefused
        The budget does not allow another call.
    InputError
        The key, the model or the address will not do, or batches of the model are out.
    Unavailable
        The server fails again and again, asks to wait for long, or the account is used up.
    KeyboardInterrupt
        The user ended it.
    """
    tally = Tally() if tally is None else tally
    begun = time.monotonic()
    await asyncio.to_thread(refuse_while_batches_are_out, spending, voter.model)
    try:
        async with calling(spending, voter.version, voter.model, tally) as caller:
            run = _Run(caller, voter, Meter(spending.progress, voter.name, total))
            with interruptible(caller.crew.interrupt):
                await caller.crew.run(run.feed(items), *(run.work() for _ in range(spending.in_flight)))
            run.show(last=True)
    finally:
        tally.seconds += time.monotonic() - begun
    return tally


def refuse_while_batches_are_out(spending: Spending, model: str) -> None:
    """Raise InputError where a batch of a model is not settled: its items would be paid for twice."""
    with spending.store.read() as tx:
        out = llm_batches.open_batches(tx, model)
    if out:
        raise InputError(
            f"{model}: expected no batch that is out, got {len(out)} with {sum(b.size for b in out):,} "
            "requests. Write mode: batch and run it until they are in, then mode: direct."
        )


@dataclass
class _Run:
    caller: Caller
    voter: LLMVoter
    meter: Meter
    given_up: int = 0

    def __post_init__(self) -> None:
        self.questions: asyncio.Queue[Question | None] = asyncio.Queue(self.caller.spending.in_flight)

    async def feed(self, items: Iterable[Item]) -> None:
        """Hand out what is to be asked, and take what the ledger knows."""
        store, writer = self.caller.spending.store, self.caller.writer
        async with aclosing(blocks(store, self.voter, items)) as found:
            async for block in found:
                for vote in (*block.voted, *block.read):
                    self.caller.tally.read(vote.reading, cached=True)
                if block.read:
                    writer.keep(block.read)
                    await writer.flush()
                self.show()
                for question in block.questions:
                    await self.questions.put(question)
        for _ in range(self.caller.spending.in_flight):
            await self.questions.put(None)

    async def work(self) -> None:
        """Settle one question after another."""
        while (question := await self._next()) is not None:
            await self._settle(question)
            self.show()

    async def _next(self) -> Question | None:
        # Who comes back from a call when the run has ended would wait here for ever.
        self.caller.crew.check()
        return await self.questions.get()

    def show(self, *, last: bool = False) -> None:
        """Show how far the run is."""
        self.meter.show(self.caller.tally, self.caller.budget, last=last)

    async def _settle(self, question: Question) -> None:
        sent = False
        while True:
            reply = await self.caller.ask(question)
            if isinstance(reply, Unanswered):
                self._unanswered(question, reply)
                return
            sent |= reply.sent
            step = follow(self.voter, question.item, reply.stored)
            if isinstance(step, StoredVote):
                self._keep(step, sent=sent)
                return
            question = step

    def _keep(self, vote: StoredVote, *, sent: bool) -> None:
        self.given_up = 0
        self.caller.writer.keep([vote])
        self.caller.tally.read(vote.reading, cached=not sent)

    def _unanswered(self, question: Question, reply: Unanswered) -> None:
        if verdict(reply.error) is Verdict.TOO_LONG:
            self._keep(too_long(self.voter, question, reply.call), sent=True)
            return
        self.caller.tally.give_up()
        self.given_up += 1
        if self.given_up == IN_A_ROW:
            raise gave_up(self.voter.model, reply.error, self.given_up)

"""The results of a batch that ended: answers into the ledger, with the votes that they make."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from labeling.spending.batch_limits import custom_id
from labeling.spending.batch_run import BatchRun
from labeling.spending.conversation import follow, too_long
from labeling.spending.failures import Verdict, verdict
from labeling.store import (
    BatchCall,
    BatchStatus,
    CallStatus,
    Settlement,
    StoredAnswer,
    StoredBatch,
    StoredVote,
    llm_batches,
    llm_calls,
    llm_votes,
)
from labeling.types import BatchResult, CompletionAnswer, CompletionError

CHUNK = 500
ATTEMPTS = 3
"""How often a request is asked in one run that batches bring no answer to."""

DEAREST_TTL = "1h"


@dataclass
class _Chunk:
    """What goes into one transaction."""

    settlements: list[Settlement] = field(default_factory=list)
    votes: list[StoredVote] = field(default_factory=list)


async def settle(run: BatchRun, batch: StoredBatch) -> None:
    """Take the results of a batch over; what was taken before is not taken twice.

    A batch that was only taken for ours and is not is put aside as a stranger's.
    """
    assert batch.batch_id is not None
    calls = await run.read(lambda tx: llm_batches.calls_of(tx, batch.number))
    by_name = {custom_id(batch.intended_at, call.id, call.request): call for call in calls}
    results: Any = run.spending.completer.results(batch.batch_id)
    reading = _Reading(run, batch, by_name)
    try:
        async with aclosing(results):
            async for result in results:
                if not await reading.take(result):
                    break
    except CompletionError:
        await reading.commit()
        raise
    if reading.is_ours:
        await reading.end()
    else:
        await reading.put_aside()


@dataclass
class _Reading:
    run: BatchRun
    batch: StoredBatch
    calls: dict[str, BatchCall]
    chunk: _Chunk = field(default_factory=_Chunk)

    def __post_init__(self) -> None:
        self.is_ours = self.batch.status is BatchStatus.SUBMITTED

    async def take(self, result: BatchResult) -> bool:
        """Take one result; false where it shows that the batch is none of ours."""
        call = self.calls.pop(result.custom_id, None)
        if call is None:
            return self.is_ours
        self.is_ours = True
        if call.status is CallStatus.INTENDED:
            if result.answer is not None:
                self._answered(call, result.answer)
            elif result.error is not None:
                self._failed(call, result.error)
        if len(self.chunk.settlements) >= CHUNK:
            await self.commit()
        return True

    async def end(self) -> None:
        """Settle what the batch did not speak of, and close it."""
        silent = [call for call in self.calls.values() if call.status is CallStatus.INTENDED]
        for call in silent:
            self.chunk.settlements.append(Settlement(call.id, CallStatus.LOST))
            self.run.questions.again(call.request)
        self.run.tally.lost += len(silent)
        await self.commit(ends=True)

    async def put_aside(self) -> None:
        """Remember that the batch is somebody else's."""
        assert self.batch.batch_id is not None
        self.run.strangers.add((self.batch.number, self.batch.batch_id))
        await self.run.write(lambda tx: llm_batches.claim(tx, self.batch.number, None))

    def _answered(self, call: BatchCall, answer: CompletionAnswer) -> None:
        price, request = self.run.spending.price, self.run.questions.request(call.request)
        ttl = DEAREST_TTL if request is None else request.cache_ttl
        cost = None if price is None else price.of(answer.usage, ttl, batch=True)
        self.chunk.settlements.append(Settlement(call.id, CallStatus.ANSWERED, answer, cost))
        self.run.tally.paid(answer, cost)
        self.run.answers += 1
        for question in self.run.questions.take(call.request):
            step = follow(self.run.voter, question.item, StoredAnswer(call.id, question.turn, answer))
            if isinstance(step, StoredVote):
                self._vote(step)
            else:
                self.run.questions.add(step)

    def _failed(self, call: BatchCall, error: CompletionError) -> None:
        self.chunk.settlements.append(Settlement(call.id, CallStatus.REFUNDED, failure=error.failure))
        meant, questions = verdict(error), self.run.questions
        questions.attempts[call.request] += 1
        if meant in (Verdict.RETRY, Verdict.SLOW_DOWN) and questions.attempts[call.request] < ATTEMPTS:
            questions.again(call.request)
            return
        if meant is not Verdict.TOO_LONG:
            self.run.last_error = error
        for question in questions.take(call.request):
            if meant is Verdict.TOO_LONG:
                self._vote(too_long(self.run.voter, question, call.id))
            else:
                self.run.tally.give_up()

    def _vote(self, vote: StoredVote) -> None:
        self.chunk.votes.append(vote)
        self.run.tally.read(vote.reading, cached=False)

    async def commit(self, *, ends: bool = False) -> None:
        """Store what was taken."""
        chunk, self.chunk = self.chunk, _Chunk()
        if not self.is_ours:
            return
        await self.run.write(lambda tx: _store(tx, self.batch, chunk.settlements, chunk.votes, ends=ends))


def _store(
    tx: Connection,
    batch: StoredBatch,
    settlements: Sequence[Settlement],
    votes: Sequence[StoredVote],
    *,
    ends: bool,
) -> None:
    assert batch.batch_id is not None
    if batch.status is BatchStatus.INTENDED:
        llm_batches.submitted(tx, batch.number, batch.batch_id)
    llm_calls.settle(tx, settlements)
    llm_votes.put(tx, votes)
    if ends:
        llm_batches.ended(tx, batch.number)

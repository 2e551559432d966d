"""One question at a time: its intent, its call, what became of it, and the same again where that helps."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import partial

from labeling.spending.budget import Budget
from labeling.spending.context import Spending
from labeling.spending.conversation import Question
from labeling.spending.crew import Crew
from labeling.spending.departures import Departures
from labeling.spending.failures import Verdict, gave_up, stopped, verdict
from labeling.spending.pacing import Pace, backoff
from labeling.spending.tally import Tally
from labeling.spending.worst_case import worst_cost
from labeling.spending.writer import Writer
from labeling.store import CallIntent, CallStatus, Settlement, StoredAnswer
from labeling.types import CompletionAnswer, CompletionError, CompletionRequest

ATTEMPTS = 6
"""How often a question is sent that the server fails to answer."""

PATIENCE = 12
"""Rounds of refusals for rate or load, without an answer in between, after which a run stops."""


@dataclass(frozen=True, slots=True)
class Answered:
    """A question that has an answer; ``sent`` is false where the ledger had it, or another question out."""

    stored: StoredAnswer
    sent: bool


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A question that brought no answer, with its last call."""

    call: int
    error: CompletionError


Reply = Answered | Unanswered


@dataclass
class Caller:
    """Asks for one version of a voter; a request that is out or answered already is not sent again."""

    spending: Spending
    voter: str
    budget: Budget
    pace: Pace
    writer: Writer
    departures: Departures
    crew: Crew
    tally: Tally
    ids: Iterator[int]
    _open: dict[str, asyncio.Future[Reply]] = field(default_factory=dict)
    _warming: asyncio.Lock = field(default_factory=asyncio.Lock)
    _is_warm: bool = False

    async def ask(self, question: Question) -> Reply:
        """Get an answer, from the ledger or the server.

        Raises
        ------
        QuorumError
            The run must stop: budget, lease, or a failure that none will do better with.
        Halted
            The run stops.
        """
        digest = question.request.digest
        if digest in self._open:
            reply = await asyncio.shield(self._open[digest])
            return replace(reply, sent=False) if isinstance(reply, Answered) else reply
        opened = self._open[digest] = asyncio.get_running_loop().create_future()
        try:
            reply = await self._first_alone(question)
            opened.set_result(reply)
            return reply
        finally:
            opened.cancel()
            del self._open[digest]

    async def _first_alone(self, question: Question) -> Reply:
        """Let one call fill the server's cache before the others read from it."""
        if question.request.cache_ttl is None or self._is_warm:
            return await self._persist(question)
        async with self._warming:
            if not self._is_warm:
                try:
                    return await self._persist(question)
                finally:
                    self._is_warm = True
        return await self._persist(question)

    async def _persist(self, question: Question) -> Reply:
        failed = 0
        while True:
            reply = await self._call(question)
            if isinstance(reply, Answered):
                return reply
            self.crew.check()
            error = reply.error
            match verdict(error):
                case Verdict.STOP:
                    raise stopped(question.request.model, error)
                case Verdict.SLOW_DOWN:
                    if self.pace.refusals >= PATIENCE:
                        raise gave_up(question.request.model, error, self.pace.refusals)
                case Verdict.RETRY:
                    failed += 1
                    if failed == ATTEMPTS:
                        return reply
                    await self.pace.sleep(backoff(failed, self.pace.draw()))
                case _:
                    return reply

    async def _call(self, question: Question) -> Reply:
        self.crew.check()
        price = self.spending.price
        worst = None if price is None else worst_cost(price, question.request)
        entered = await self.pace.enter()
        try:
            await self.budget.reserve(worst)
            with self.crew.calling():
                return await self._send(question, worst, entered)
        finally:
            self.pace.leave()

    async def _send(self, question: Question, worst: float | None, entered: float) -> Reply:
        request = question.request
        intent = CallIntent(
            id=next(self.ids),
            voter=self.voter,
            item=question.item.digest,
            turn=question.turn,
            request=request.digest,
            model=request.model,
            worst_cost=worst,
        )
        known = await self.writer.intend(intent)
        if known is not None:
            self.budget.settle(worst, None)
            return Answered(known, sent=False)
        self.tally.requests += 1
        try:
            answer = await self.spending.completer.send(request, partial(self.departures.note, intent.id))
        except CompletionError as error:
            return self._failed(intent, error, entered)
        except BaseException:
            self._lose(intent)
            raise
        return self._answered(intent, request, answer)

    def _answered(self, intent: CallIntent, request: CompletionRequest, answer: CompletionAnswer) -> Answered:
        price = self.spending.price
        cost = None if price is None else price.of(answer.usage, request.cache_ttl)
        self.writer.settle(Settlement(intent.id, CallStatus.ANSWERED, answer, cost))
        self.budget.settle(intent.worst_cost, cost)
        self.pace.answered(answer.usage)
        self.pace.follow(self.spending.completer.limits)
        self.tally.paid(answer, cost)
        return Answered(StoredAnswer(intent.id, intent.turn, answer), sent=True)

    def _failed(self, intent: CallIntent, error: CompletionError, entered: float) -> Unanswered:
        if error.sent:
            self._lose(intent, error)
        else:
            self.writer.settle(Settlement(intent.id, CallStatus.REFUNDED, failure=error.failure))
            self.budget.settle(intent.worst_cost, None)
        if verdict(error) is Verdict.SLOW_DOWN:
            self.pace.refused(entered, error.retry_after)
        self.pace.follow(self.spending.completer.limits)
        return Unanswered(intent.id, error)

    def _lose(self, intent: CallIntent, error: CompletionError | None = None) -> None:
        failure = None if error is None else error.failure
        self.writer.settle(Settlement(intent.id, CallStatus.LOST, failure=failure))
        self.budget.settle(intent.worst_cost, intent.worst_cost)
        self.tally.lost += 1

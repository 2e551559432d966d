"""One question that is about no item: asked, paid and kept like all others."""

from __future__ import annotations

from dataclasses import dataclass

from labeling.errors import QuorumError
from labeling.spending.calls import ATTEMPTS, Answered, Reply, Unanswered
from labeling.spending.context import Spending
from labeling.spending.conversation import Question
from labeling.spending.failures import Verdict, gave_up, verdict
from labeling.spending.interrupts import interruptible
from labeling.spending.opening import calling
from labeling.spending.tally import Tally
from labeling.types import CompletionAnswer, CompletionRequest, Item

NOTHING = Item("", {})
"""Stands where others ask about an item."""


@dataclass(frozen=True)
class Asked:
    """An answer with its cost in US dollars: 0 where the ledger had it, None without a price."""

    answer: CompletionAnswer
    cost: float | None


async def ask_once(spending: Spending, asker: str, request: CompletionRequest) -> Asked:
    """Get the answer to a request, from the ledger or the server.

    Parameters
    ----------
    spending : Spending
    asker : str
        Version of what asks, under which the ledger has the call.
    request : CompletionRequest

    Raises
    ------
    QuorumError
        There is no answer; as in `labeling.spending.ask`.
    KeyboardInterrupt
        The user ended it.
    """
    tally, replies = Tally(), list[Reply]()
    async with calling(spending, asker, request.model, tally) as caller:

        async def ask() -> None:
            replies.append(await caller.ask(Question(NOTHING, request)))

        with interruptible(caller.crew.interrupt):
            await caller.crew.run(ask())
    [reply] = replies
    if isinstance(reply, Unanswered):
        raise _unanswered(request.model, reply)
    return Asked(reply.stored.answer, _cost(spending, tally, reply))


def _cost(spending: Spending, tally: Tally, reply: Answered) -> float | None:
    if not reply.sent:
        return 0.0
    return None if spending.price is None else tally.cost


def _unanswered(model: str, reply: Unanswered) -> QuorumError:
    if verdict(reply.error) is Verdict.RETRY:
        return gave_up(model, reply.error, ATTEMPTS)
    return QuorumError(f"{model}: the question was refused: {reply.error.message} Nothing was answered.")

"""Making batches: intents first, within the budget, then one call to the vendor for each."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice

from sqlalchemy import Connection

from labeling.errors import GateRefused
from labeling.spending.batch_limits import custom_id, first_that_fit
from labeling.spending.batch_patience import pause
from labeling.spending.batch_recovery import give_up, recover
from labeling.spending.batch_run import BatchRun
from labeling.spending.conversation import Question, too_long
from labeling.spending.worst_case import worst_cost
from labeling.store import CallIntent, StoredBatch, llm_batches, llm_calls, llm_votes
from labeling.types import CompletionError, Failure

FEW, SHARE = 1000, 0.05
"""A budget that is nearly used up is not spent in batches that have fewer than both: requests, and the
share of those that are left."""


@dataclass(frozen=True)
class Intended:
    """A batch that may be made: its row, its calls, and what they ask."""

    batch: StoredBatch
    calls: Sequence[CallIntent]
    questions: Sequence[Question]


async def submit_all(run: BatchRun) -> None:
    """Make batches of what is to be asked, as far as the budget goes."""
    failures = 0
    while chunk := _chunk(run):
        run.crew.check()
        intended = await run.write(partial(_intend, run, chunk))
        if intended is None:
            return
        for question in intended.questions:
            run.questions.sent(question.request.digest)
        error = await _create(run, intended)
        if error is None:
            failures = 0
        elif error.failure is Failure.TOO_LARGE:
            await _make_smaller(run, intended)
        else:
            failures += 1
            await pause(run.model, error, failures)


async def refuse_if_poor(run: BatchRun) -> None:
    """Stop a run that has something to ask and not enough left for it.

    Raises
    ------
    GateRefused
        It has.
    """
    rest = list(run.questions.to_ask())
    if rest and run.limit is not None:
        spent = await run.spent()
        n = _affordable(run.limit - spent, _worst(run, rest))
        raise GateRefused(
            f"{run.model}: ${spent:.4f} of the budget of ${run.limit:.2f} is spent, and of {len(rest):,} "
            f"requests that are left only {n:,} fit, at their worst. All answers are kept; raise `budget` "
            "under voters.llm and run it again."
        )


def _chunk(run: BatchRun) -> list[Question]:
    """Take the first questions that fit into one batch."""
    fit = first_that_fit((q.request for q in run.questions.to_ask()), size=run.bytes_at_once)
    return list(islice(run.questions.to_ask(), sum(1 for _ in fit)))


def _intend(run: BatchRun, questions: Sequence[Question], tx: Connection) -> Intended | None:
    """Write down what the budget allows; None where that is nothing."""
    worst, n = _worst(run, questions), len(questions)
    if run.limit is not None:
        n = _affordable(run.limit - llm_calls.spent(tx, run.model), worst)
        if n < len(questions) and n < _fewest(run):
            return None
    batch = llm_batches.intend(tx, run.model, n)
    first = llm_calls.next_id(tx)
    calls = [
        CallIntent(
            first + i,
            run.voter.version,
            question.item.digest,
            question.turn,
            question.request.digest,
            run.model,
            worst[i],
            batch.number,
        )
        for i, question in enumerate(questions[:n])
    ]
    llm_calls.intend(tx, calls)
    return Intended(batch, calls, questions[:n])


def _worst(run: BatchRun, questions: Sequence[Question]) -> list[float | None]:
    price = run.spending.price
    return [None if price is None else worst_cost(price, q.request, batch=True) for q in questions]


def _fewest(run: BatchRun) -> int:
    """Give how many requests are worth a batch: anything at first, then no trickle."""
    return 1 if run.tally.requests == 0 else min(FEW, math.ceil(SHARE * run.questions.n_to_ask))


def _affordable(left: float, worst: Sequence[float | None]) -> int:
    n = 0
    for cost in worst:
        left -= cost or 0.0
        if left < 0:
            break
        n += 1
    return n


async def _create(run: BatchRun, intended: Intended) -> CompletionError | None:
    """Make a batch; give the error where there is none."""
    batch = intended.batch
    named = [
        (custom_id(batch.intended_at, call.id, call.request), question.request)
        for call, question in zip(intended.calls, intended.questions, strict=True)
    ]
    run.say(f"sending a batch of {batch.size:,} requests")
    with run.whole():
        try:
            made = await run.spending.completer.submit(named)
        except CompletionError as failed:
            error = failed
            if not error.sent:
                await give_up(run, batch)
        else:
            await run.write(lambda tx: llm_batches.submitted(tx, batch.number, made.batch_id))
            run.tally.requests += batch.size
            return None
    if error.sent and await recover(run, batch):
        run.tally.requests += batch.size
        return None
    return error


async def _make_smaller(run: BatchRun, intended: Intended) -> None:
    """Halve what goes into a batch; a request that is too large by itself is the item's abstention."""
    if len(intended.questions) > 1:
        run.bytes_at_once /= 2
        return
    [question], [call] = intended.questions, intended.calls
    votes = [too_long(run.voter, each, call.id) for each in run.questions.take(question.request.digest)]
    await run.write(lambda tx: llm_votes.put(tx, votes))
    for vote in votes:
        run.tally.read(vote.reading, cached=False)

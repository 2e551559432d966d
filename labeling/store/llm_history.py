"""What was asked of language models about one item, and what a model took on average."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, func, or_, select

from labeling.store.llm_calls import CallStatus
from labeling.store.schema import llm_calls, llm_votes
from labeling.types import Usage


@dataclass(frozen=True, slots=True)
class CallRecord:
    """One call as the ledger has it; ``usage`` and ``answer`` are None where none came.

    ``cost`` is in US dollars: the bill, the worst case of a call that is lost or out, None without a price.
    """

    id: int
    turn: int
    status: str
    model: str
    usage: Usage | None
    cost: float | None
    stop_reason: str | None
    request_id: str | None
    answer: str | None
    failure: str | None
    intended_at: str
    batch: int | None


def calls_about(tx: Connection, voter: str, item: str) -> list[CallRecord]:
    """List the calls that one version of a voter made about an item, and the one that its reading is from."""
    c = llm_calls.c
    read = select(llm_votes.c.call).where(llm_votes.c.voter == voter, llm_votes.c.item == item)
    own = (c.voter == voter) & (c.item == item)
    query = select(llm_calls).where(or_(own, c.id.in_(read))).order_by(c.id)
    return [_record(row) for row in tx.execute(query)]


def mean_output(tx: Connection, model: str) -> float | None:
    """Give the mean output tokens of a model's answers, None before the first."""
    c = llm_calls.c
    answered = (c.model == model) & (c.status == CallStatus.ANSWERED.value)
    mean = tx.scalar(select(func.avg(c.output_tokens)).where(answered))
    return None if mean is None else float(mean)


@dataclass(frozen=True, slots=True)
class Bill:
    """What the calls of one model with one status came to.

    Attributes
    ----------
    model, status : str
    calls : int
    unpriced : int
        Calls that were answered without a price to bill them by.
    usage : Usage
    cost, worst : float
        US dollars: billed, and the worst case of calls that are lost or out.
    """

    model: str
    status: str
    calls: int
    unpriced: int
    usage: Usage
    cost: float
    worst: float


def bills(tx: Connection) -> list[Bill]:
    """Add up all calls by model and status, in the order of their names."""
    c = llm_calls.c
    tokens = (c.input_tokens, c.output_tokens, c.cache_write_tokens, c.cache_read_tokens)
    sums = [func.coalesce(func.sum(column), 0) for column in (*tokens, c.cost, c.worst_cost)]
    counts = (func.count(), func.count(c.cost))
    query = select(c.model, c.status, *counts, *sums).group_by(c.model, c.status).order_by(c.model, c.status)
    return [_bill(*row) for row in tx.execute(query)]


def _bill(model: str, status: str, calls: int, priced: int, *sums: Any) -> Bill:
    *tokens, cost, worst = sums
    answered = status == CallStatus.ANSWERED.value
    open_ended = status in (CallStatus.INTENDED.value, CallStatus.LOST.value)
    usage = Usage(*(int(count) for count in tokens))
    return Bill(
        model, status, calls, calls - priced if answered else 0, usage, float(cost), float(worst) * open_ended
    )


def _record(row: Row[Any]) -> CallRecord:
    answered = row.status == CallStatus.ANSWERED.value
    counts = (row.input_tokens, row.output_tokens, row.cache_write_tokens, row.cache_read_tokens)
    open_ended = row.status in (CallStatus.INTENDED.value, CallStatus.LOST.value)
    return CallRecord(
        id=row.id,
        turn=row.turn,
        status=row.status,
        model=row.model,
        usage=Usage(*counts) if answered else None,
        cost=row.worst_cost if open_ended else row.cost,
        stop_reason=row.stop_reason,
        request_id=row.request_id,
        answer=row.answer,
        failure=row.failure,
        intended_at=row.intended_at,
        batch=row.batch,
    )

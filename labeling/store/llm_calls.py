"""Calls of language models: intended before they are sent, settled by what came back, kept for ever."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, func, insert, select, update

from labeling.store.clock import now
from labeling.store.schema import llm_calls
from labeling.types import CompletionAnswer, Failure, Usage

CHUNK = 500


class CallStatus(StrEnum):
    """What became of a call; a refunded one is known not to have been billed."""

    INTENDED = "intended"
    ANSWERED = "answered"
    REFUNDED = "refunded"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class CallIntent:
    """A call that may be sent once this is committed.

    ``voter`` is the version of the voter, ``item`` a content digest, ``turn`` 0 of the first question and 1
    of the repair, ``request`` a digest, ``worst_cost`` US dollars (None without a price), ``batch`` the
    number of the batch that it goes with.
    """

    id: int
    voter: str
    item: str
    turn: int
    request: str
    model: str
    worst_cost: float | None
    batch: int | None = None


@dataclass(frozen=True, slots=True)
class Settlement:
    """What became of a call; ``cost`` is in US dollars, None without a price."""

    id: int
    status: CallStatus
    answer: CompletionAnswer | None = None
    cost: float | None = None
    failure: Failure | None = None


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """An answer with the id of the call that brought it, and the turn of it."""

    call: int
    turn: int
    answer: CompletionAnswer


INTENDED = (
    insert(llm_calls)
    .values({name: bindparam(name) for name in CallIntent.__slots__})
    .values(status=CallStatus.INTENDED.value, intended_at=bindparam("at"))
)
SETTLED_COLUMNS = (
    "status",
    "cost",
    "input_tokens",
    "output_tokens",
    "cache_write_tokens",
    "cache_read_tokens",
    "stop_reason",
    "stop_detail",
    "request_id",
    "answer",
    "failure",
)
SETTLED = (
    update(llm_calls)
    .where(llm_calls.c.id == bindparam("of"), llm_calls.c.status != CallStatus.ANSWERED.value)
    .values({name: bindparam(f"new_{name}") for name in SETTLED_COLUMNS})
    .values(settled_at=bindparam("at"))
)
OPEN = (llm_calls.c.status == CallStatus.INTENDED.value) & llm_calls.c.batch.is_(None)
ANSWERED = select(
    *(llm_calls.c[name] for name in ("id", "request", "turn", "model", *SETTLED_COLUMNS[2:10]))
).where(llm_calls.c.status == CallStatus.ANSWERED.value)
BY_REQUEST = ANSWERED.where(llm_calls.c.request.in_(bindparam("some", expanding=True)))
BY_CALL = ANSWERED.where(llm_calls.c.id.in_(bindparam("some", expanding=True)))


def next_id(tx: Connection) -> int:
    """Give the id of the next call; only the holder of the lease may count on from it."""
    return int(tx.scalar(select(func.max(llm_calls.c.id))) or 0) + 1


def intend(tx: Connection, intents: Iterable[CallIntent]) -> None:
    """Write down that calls are about to be sent."""
    at = now()
    names = CallIntent.__slots__
    rows = [{"at": at, **{name: getattr(intent, name) for name in names}} for intent in intents]
    if rows:
        tx.execute(INTENDED, rows)


def settle(tx: Connection, settlements: Iterable[Settlement]) -> None:
    """Write down what became of calls; what was answered already stays as it is."""
    at = now()
    rows = [{"of": settlement.id, "at": at, **_settled(settlement)} for settlement in settlements]
    if rows:
        tx.execute(SETTLED, rows)


def open_calls(tx: Connection) -> list[int]:
    """Give the ids of the direct calls that were intended and never settled."""
    return list(tx.scalars(select(llm_calls.c.id).where(OPEN)))


def close_open(tx: Connection, stayed: Iterable[int]) -> int:
    """Give up the direct calls that were intended and never settled, and give how many are lost.

    Only the holder of the lease may, before its first call: they are those of runs that ended early.

    Parameters
    ----------
    tx : Connection
    stayed : iterable of int
        Open calls that are known never to have left: these are refunded.
    """
    settle(tx, (Settlement(call, CallStatus.REFUNDED) for call in stayed))
    lost = update(llm_calls).where(OPEN).values(status=CallStatus.LOST.value, settled_at=now())
    return tx.execute(lost).rowcount


def open_about(tx: Connection, items: Collection[str]) -> int:
    """Count the calls about some items that are out in a batch."""
    columns = llm_calls.c
    out = (columns.status == CallStatus.INTENDED.value) & columns.batch.is_not(None)
    return tx.scalar(select(func.count()).where(out, columns.item.in_(items))) or 0


def spent(tx: Connection, model: str) -> float:
    """Give the US dollars that a model cost at most: what was billed, and the worst of what is not known."""
    columns = llm_calls.c
    unknown = columns.status.in_([CallStatus.INTENDED.value, CallStatus.LOST.value])
    billed = select(func.sum(columns.cost)).where(columns.model == model)
    worst = select(func.sum(columns.worst_cost)).where(columns.model == model, unknown)
    return float(tx.scalar(billed) or 0.0) + float(tx.scalar(worst) or 0.0)


def bill(tx: Connection) -> tuple[int, float]:
    """Give how many calls of all models were billed, and the US dollars that they cost."""
    columns = llm_calls.c
    row = tx.execute(select(func.count(columns.cost), func.sum(columns.cost))).one()
    return int(row[0]), float(row[1] or 0.0)


def find_answers(tx: Connection, requests: Iterable[str]) -> dict[str, StoredAnswer]:
    """Give the first answer to each request, by digest; those that were never answered are left out."""
    rows = _answered(tx, BY_REQUEST, requests)
    return {row.request: _stored(row) for row in sorted(rows, key=lambda row: -int(row.id))}


def answers_of(tx: Connection, calls: Iterable[int]) -> dict[int, StoredAnswer]:
    """Give the answers that calls brought, by the id of the call; those without one are left out."""
    return {row.id: _stored(row) for row in _answered(tx, BY_CALL, calls)}


def _answered(tx: Connection, query: Select[Any], values: Iterable[Any]) -> Iterator[Row[Any]]:
    found = list(values)
    for start in range(0, len(found), CHUNK):
        yield from tx.execute(query, {"some": found[start : start + CHUNK]})


def _settled(settlement: Settlement) -> dict[str, Any]:
    values: dict[str, Any] = {"status": settlement.status.value, "cost": settlement.cost}
    if settlement.failure is not None:
        values["failure"] = settlement.failure.value
    if settlement.answer is not None:
        values |= _columns(settlement.answer)
    return {f"new_{name}": values.get(name) for name in SETTLED_COLUMNS}


def _columns(answer: CompletionAnswer) -> dict[str, Any]:
    usage = answer.usage
    return {
        "input_tokens": usage.input,
        "output_tokens": usage.output,
        "cache_write_tokens": usage.cache_write,
        "cache_read_tokens": usage.cache_read,
        "stop_reason": answer.stop_reason,
        "stop_detail": answer.stop_detail,
        "request_id": answer.request_id,
        "answer": storable(answer.text),
    }


def _stored(row: Row[Any]) -> StoredAnswer:
    answer = CompletionAnswer(
        text=row.answer,
        stop_reason=row.stop_reason,
        usage=Usage(row.input_tokens, row.output_tokens, row.cache_write_tokens, row.cache_read_tokens),
        model=row.model,
        request_id=row.request_id,
        stop_detail=row.stop_detail,
    )
    return StoredAnswer(row.id, row.turn, answer)


def storable(text: str) -> str:
    r"""Replace what databases refuse in a text: halves of surrogate pairs, and NUL.

    Examples
    --------
    >>> storable("a\ud83db\x00")
    'a?b?'
    """
    if text.isascii() and "\x00" not in text:
        return text
    return text.encode("utf-8", "replace").decode("utf-8").replace("\x00", "?")

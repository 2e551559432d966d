"""Batches of calls: intended before they are made, known by the vendor's id once that has come."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from labeling.store.clock import now
from labeling.store.llm_calls import CallStatus
from labeling.store.schema import llm_batches, llm_calls


class BatchStatus(StrEnum):
    """How far a batch is.

    ``INTENDED``: whether it was made is not known; one with an id is taken for it until its results say so.
    ``SUBMITTED``: the vendor has it. ``ENDED``: all its calls are settled. ``GIVEN_UP``: it was never made.
    """

    INTENDED = "intended"
    SUBMITTED = "submitted"
    ENDED = "ended"
    GIVEN_UP = "given_up"


@dataclass(frozen=True, slots=True)
class StoredBatch:
    """A batch as the ledger has it; ``batch_id`` is the vendor's, ``intended_at`` ISO 8601 in UTC."""

    number: int
    model: str
    status: BatchStatus
    size: int
    batch_id: str | None
    intended_at: str


@dataclass(frozen=True, slots=True)
class BatchCall:
    """A call of a batch."""

    id: int
    voter: str
    turn: int
    request: str
    status: CallStatus
    worst_cost: float | None


OPEN = (BatchStatus.INTENDED.value, BatchStatus.SUBMITTED.value)


def intend(tx: Connection, model: str, size: int) -> StoredBatch:
    """Write down that a batch is about to be made; its calls go into the same transaction."""
    number = int(tx.scalar(select(func.max(llm_batches.c.number))) or 0) + 1
    batch = StoredBatch(number, model, BatchStatus.INTENDED, size, None, now())
    values = {name: getattr(batch, name) for name in StoredBatch.__slots__}
    tx.execute(insert(llm_batches).values(**values | {"status": batch.status.value}))
    return batch


def claim(tx: Connection, number: int, batch_id: str | None) -> None:
    """Take a batch of the vendor for one whose answer was lost, until its results tell; None undoes it."""
    _change(tx, number, {"batch_id": batch_id})


def submitted(tx: Connection, number: int, batch_id: str) -> None:
    """Write down which batch of the vendor it is."""
    _change(
        tx,
        number,
        {"status": BatchStatus.SUBMITTED.value, "batch_id": batch_id, "submitted_at": now()},
    )


def ended(tx: Connection, number: int) -> None:
    """Write down that all calls of a batch are settled."""
    _change(tx, number, {"status": BatchStatus.ENDED.value, "ended_at": now()})


def give_up(tx: Connection, number: int) -> None:
    """Write down that a batch was never made: its calls cost nothing."""
    still_open = (llm_calls.c.batch == number) & (llm_calls.c.status == CallStatus.INTENDED.value)
    refunded = {"status": CallStatus.REFUNDED.value, "settled_at": now()}
    tx.execute(update(llm_calls).where(still_open).values(refunded))
    _change(tx, number, {"status": BatchStatus.GIVEN_UP.value, "batch_id": None, "ended_at": now()})


def open_batches(tx: Connection, model: str) -> list[StoredBatch]:
    """List the batches of a model that are not settled, oldest first."""
    c = llm_batches.c
    columns = [c[name] for name in StoredBatch.__slots__]
    query = select(*columns).where(c.model == model, c.status.in_(OPEN)).order_by(c.number)
    rows = (dict(row._mapping) for row in tx.execute(query))
    return [StoredBatch(**row | {"status": BatchStatus(row["status"])}) for row in rows]


def claims(tx: Connection) -> dict[str, BatchStatus]:
    """Give the vendor's ids of all batches that the ledger has, with how far these are."""
    c = llm_batches.c
    rows = tx.execute(select(c.batch_id, c.status).where(c.batch_id.is_not(None)))
    return {str(row.batch_id): BatchStatus(row.status) for row in rows}


def calls_of(tx: Connection, number: int) -> list[BatchCall]:
    """List the calls of a batch."""
    columns = [llm_calls.c[name] for name in BatchCall.__slots__]
    query = select(*columns).where(llm_calls.c.batch == number).order_by(llm_calls.c.id)
    return [BatchCall(**_call(row._mapping)) for row in tx.execute(query)]


def open_requests(tx: Connection, model: str) -> frozenset[str]:
    """Give the digests of the requests that are out in a batch of a model."""
    still_open = (llm_calls.c.status == CallStatus.INTENDED.value) & llm_calls.c.batch.is_not(None)
    query = select(llm_calls.c.request).where(llm_calls.c.model == model, still_open)
    return frozenset(str(digest) for digest in tx.scalars(query))


def _call(row: Mapping[Any, Any]) -> dict[str, Any]:
    return {**row, "status": CallStatus(row["status"])}


def _change(tx: Connection, number: int, values: Mapping[str, Any]) -> None:
    tx.execute(update(llm_batches).where(llm_batches.c.number == number).values(dict(values)))

"""Outside effects that were decided: committed before the effect, done after it, reconciled on start."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, insert, select, update

from labeling.store.clock import now
from labeling.store.schema import intents


@dataclass(frozen=True, slots=True)
class Intent:
    """An effect of which nobody knows yet whether it happened; ``intended_at`` is ISO 8601 in UTC."""

    id: int
    kind: str
    payload: dict[str, Any]
    intended_at: str


def intend(tx: Connection, kind: str, payload: Mapping[str, Any]) -> int:
    """Write an intent down and give its id; ``payload`` is JSON."""
    row = insert(intents).values(kind=kind, payload=dict(payload), intended_at=now())
    return int(tx.execute(row.returning(intents.c.id)).scalar_one())


def done(tx: Connection, intent_id: int) -> None:
    """Say that the effect happened, or that it is known not to be needed; a second time changes nothing."""
    still_open = (intents.c.id == intent_id) & intents.c.done_at.is_(None)
    tx.execute(update(intents).where(still_open).values(done_at=now()))


def open_intents(tx: Connection, kind: str) -> list[Intent]:
    """List the intents of a kind that are not done, oldest first."""
    columns = (intents.c.id, intents.c.kind, intents.c.payload, intents.c.intended_at)
    query = select(*columns).where(intents.c.kind == kind, intents.c.done_at.is_(None))
    return [Intent(**row._mapping) for row in tx.execute(query.order_by(intents.c.id))]

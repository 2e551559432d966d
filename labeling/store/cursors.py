"""How far each source was read, by name."""

from __future__ import annotations

from sqlalchemy import Connection, insert, select, update

from labeling.store.schema import cursors


def get(tx: Connection, name: str) -> str:
    """Give a cursor; "" before anything was read."""
    value: str | None = tx.scalar(select(cursors.c.value).where(cursors.c.name == name))
    return value or ""


def put(tx: Connection, name: str, value: str) -> None:
    """Move a cursor."""
    moved = tx.execute(update(cursors).where(cursors.c.name == name).values(value=value))
    if moved.rowcount == 0:
        tx.execute(insert(cursors).values(name=name, value=value))

"""What is not to be read again: rows, known by digests alone."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from sqlalchemy import Connection, insert, select

from labeling.store.clock import now
from labeling.store.schema import forgotten
from labeling.types import digest_of


class Forgotten(StrEnum):
    """What was forgotten."""

    ROW = "row"


def key_of(kind: Forgotten, name: str) -> str:
    """Digest the id of a row."""
    return digest_of("forgotten", kind, name)


def record(tx: Connection, kind: Forgotten, name: str) -> None:
    """Note that something is forgotten; a second time changes nothing."""
    key = key_of(kind, name)
    if key not in keys(tx, kind):
        tx.execute(insert(forgotten).values(kind=kind, key=key, forgotten_at=now()))


def keys(tx: Connection, kind: Forgotten) -> frozenset[str]:
    """Give the digests of all that was forgotten of a kind."""
    return frozenset(tx.scalars(select(forgotten.c.key).where(forgotten.c.kind == kind)))


def among(tx: Connection, kind: Forgotten, names: Iterable[str]) -> frozenset[str]:
    """Give those of some names that are forgotten."""
    known = keys(tx, kind)
    return frozenset(name for name in names if key_of(kind, name) in known) if known else frozenset()

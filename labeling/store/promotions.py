"""Which release is the current one: a log of who made which current, and how."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, func, insert, select

from labeling.store.clock import now
from labeling.store.schema import promotions


class How(StrEnum):
    """What made a release current."""

    PUBLISHED = "published"
    PROMOTED = "promoted"
    """By hand: one that was written without being made current, or a later one after a rollback."""
    ROLLED_BACK = "rolled back"
    """By hand; what is published later is not made current until somebody promotes it."""


@dataclass(frozen=True, slots=True)
class Promotion:
    """One entry of the log.

    Attributes
    ----------
    number, release : int
    how : How
    by : str
        User and machine.
    reason : str or None
        As who did it put it.
    set_aside : tuple of int
        Tests whose certificates this rollback put out of force.
    promoted_at : str
    """

    number: int
    release: int
    how: How
    by: str
    reason: str | None
    set_aside: tuple[int, ...]
    promoted_at: str


def record(
    tx: Connection,
    release: int,
    how: How,
    by: str,
    *,
    reason: str | None = None,
    set_aside: Sequence[int] = (),
) -> Promotion:
    """Make a release the current one."""
    last = tx.scalar(select(func.max(promotions.c.number))) or 0
    entry = Promotion(last + 1, release, how, by, reason, tuple(set_aside), now())
    tx.execute(insert(promotions).values(asdict(entry)))
    return entry


def latest(tx: Connection) -> Promotion | None:
    """Give the entry in force, whose release is the current one; None before the first."""
    entries = log(tx)
    return entries[-1] if entries else None


def log(tx: Connection) -> list[Promotion]:
    """List all entries, the first first."""
    rows = tx.execute(select(promotions).order_by(promotions.c.number))
    return [_entry(dict(row._mapping)) for row in rows]


def _entry(values: dict[str, Any]) -> Promotion:
    return Promotion(**values | {"how": How(str(values["how"])), "set_aside": tuple(values["set_aside"])})

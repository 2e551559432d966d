"""Audit frames: a salt and a rate decide which items belong to the standing audit sample."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from labeling.store import manifest
from labeling.store.clock import now
from labeling.store.schema import frames

DRAW = "draw"
"""Kind of the artifact that a frame of a planned draw has, under its number."""


@dataclass(frozen=True, slots=True)
class AuditFrame:
    """The sample in force: items whose keyed hash under ``salt`` falls below ``rate``, in [0, 1].

    ``drawn`` names the content clusters of a planned draw, which take the place of those by hash; None where
    the frame is a standing one.
    """

    number: int
    salt: str
    rate: float
    opened_at: str
    drawn: frozenset[str] | None = None


def current(tx: Connection) -> AuditFrame | None:
    """Give the frame in force; None before the first was opened."""
    row = tx.execute(select(*_COLUMNS).where(frames.c.retired_at.is_(None))).one_or_none()
    return None if row is None else _frame(tx, row)


def find(tx: Connection, number: int) -> AuditFrame | None:
    """Give a frame by its number, retired ones too."""
    row = tx.execute(select(*_COLUMNS).where(frames.c.number == number)).one_or_none()
    return None if row is None else _frame(tx, row)


def _frame(tx: Connection, row: Row[*tuple[Any, ...]]) -> AuditFrame:
    draw = manifest.find(tx, DRAW, str(row.number))
    return AuditFrame(**row._mapping, drawn=None if draw is None else frozenset(draw.meta["drawn"]))


def open_frame(tx: Connection, salt: str, rate: float) -> AuditFrame:
    """Open a frame; the one in force is retired.

    Raises
    ------
    ValueError
        ``rate`` is outside [0, 1].
    """
    _check(rate)
    tx.execute(update(frames).where(frames.c.retired_at.is_(None)).values(retired_at=now()))
    last = tx.scalar(select(func.max(frames.c.number))) or 0
    frame = AuditFrame(number=last + 1, salt=salt, rate=rate, opened_at=now())
    row = {"number": frame.number, "salt": salt, "rate": rate, "opened_at": frame.opened_at}
    tx.execute(insert(frames).values(row))
    return frame


def raise_rate(tx: Connection, rate: float) -> None:
    """Let more items into the frame in force.

    Raises
    ------
    ValueError
        No frame is open, or ``rate`` is below the present one or above 1: an item that is in stays in.
    """
    _check(rate)
    frame = current(tx)
    if frame is None:
        raise ValueError("no audit frame is open")
    if rate < frame.rate:
        raise ValueError(f"the audit rate is {frame.rate} and may not be lowered to {rate}")
    tx.execute(update(frames).where(frames.c.number == frame.number).values(rate=rate))


def _check(rate: float) -> None:
    if not 0 <= rate <= 1:
        raise ValueError(f"the audit rate is {rate}, expected a number in [0, 1]")


_COLUMNS = (frames.c.number, frames.c.salt, frames.c.rate, frames.c.opened_at)

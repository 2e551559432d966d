"""Sets of labels that were given out, numbered and never changed."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from sqlalchemy import Connection, func, insert, select

from labeling.store.clock import now
from labeling.store.schema import releases


@dataclass(frozen=True, slots=True)
class Release:
    """One release: the test that allowed it and the digest of the score table that it covers."""

    number: int
    test_number: int
    score_table: str
    published_at: str


def publish(tx: Connection, test_number: int, score_table: str) -> int:
    """Write a release down and give its number."""
    last = tx.scalar(select(func.max(releases.c.number))) or 0
    release = Release(last + 1, test_number, score_table, now())
    tx.execute(insert(releases).values(asdict(release)))
    return release.number


def latest(tx: Connection) -> Release | None:
    """Give the last release; None before the first."""
    row = tx.execute(select(releases).order_by(releases.c.number.desc()).limit(1)).one_or_none()
    return None if row is None else Release(**row._mapping)

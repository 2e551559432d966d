"""Sets of labels that were given out, numbered and never changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from sqlalchemy import Connection, func, insert, select

from labeling.store.clock import now
from labeling.store.schema import releases


@dataclass(frozen=True, slots=True)
class Release:
    """One release.

    Attributes
    ----------
    number : int
    test_number : int or None
        The test whose certificate was in force; None where none was.
    score_table : str
        Digest of the scores of the certificate, else of the last round.
    published_at : str
    identity : str or None
        Digest of all that decides whether two releases are the same; None of one whose labels were not kept.
    made_of : mapping or None
        JSON: round, scorer, classes, voters, people, data.
    """

    number: int
    test_number: int | None
    score_table: str
    published_at: str
    identity: str | None = None
    made_of: dict[str, Any] | None = field(default=None, repr=False)


def publish(
    tx: Connection,
    test_number: int | None,
    score_table: str,
    *,
    identity: str | None = None,
    made_of: Mapping[str, Any] | None = None,
) -> int:
    """Write a release down and give its number."""
    last = tx.scalar(select(func.max(releases.c.number))) or 0
    kept = None if made_of is None else dict(made_of)
    release = Release(last + 1, test_number, score_table, now(), identity, kept)
    tx.execute(insert(releases).values(asdict(release)))
    return release.number


def next_number(tx: Connection) -> int:
    """Give the number that the next release will have."""
    return int(tx.scalar(select(func.max(releases.c.number))) or 0) + 1


def find(tx: Connection, number: int) -> Release | None:
    """Give a release by its number."""
    row = tx.execute(select(releases).where(releases.c.number == number)).one_or_none()
    return None if row is None else Release(**row._mapping)


def latest(tx: Connection) -> Release | None:
    """Give the last release; None before the first."""
    row = tx.execute(select(releases).order_by(releases.c.number.desc()).limit(1)).one_or_none()
    return None if row is None else Release(**row._mapping)


def all_releases(tx: Connection) -> list[Release]:
    """List all releases, the first first."""
    return [Release(**row._mapping) for row in tx.execute(select(releases).order_by(releases.c.number))]

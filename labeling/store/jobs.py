"""What scheduled jobs did, one entry for each that came to its end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from sqlalchemy import Connection, func, insert, select

from labeling.store.clock import now
from labeling.store.schema import jobs


@dataclass(frozen=True, slots=True)
class Job:
    """One job.

    Attributes
    ----------
    number : int
    inputs : str
        Digest of all that it stood on when it ended: the same again means that there is nothing to do.
    status : str
    release : int or None
        The last release when it ended.
    report : mapping
        JSON, as it was shown.
    started_at, ended_at : str
    """

    number: int
    inputs: str
    status: str
    release: int | None
    report: dict[str, Any] = field(repr=False)
    started_at: str
    ended_at: str


def record(
    tx: Connection,
    *,
    inputs: str,
    status: str,
    release: int | None,
    report: Mapping[str, Any],
    started_at: str,
) -> Job:
    """Write a job down."""
    last = tx.scalar(select(func.max(jobs.c.number))) or 0
    job = Job(last + 1, inputs, status, release, dict(report), started_at, now())
    tx.execute(insert(jobs).values(asdict(job)))
    return job


def latest(tx: Connection) -> Job | None:
    """Give the last job; None before the first."""
    row = tx.execute(select(jobs).order_by(jobs.c.number.desc()).limit(1)).one_or_none()
    return None if row is None else Job(**row._mapping)


def recent(tx: Connection, limit: int) -> list[Job]:
    """List the last jobs, the last first."""
    rows = tx.execute(select(jobs).order_by(jobs.c.number.desc()).limit(limit))
    return [Job(**row._mapping) for row in rows]

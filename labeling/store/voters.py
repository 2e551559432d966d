"""Which version of each voter was applied, one application after another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, func, insert, select

from labeling.store.clock import now
from labeling.store.schema import voter_versions


@dataclass(frozen=True, slots=True)
class Application:
    """The functions that were applied together: fingerprint by name."""

    number: int
    versions: Mapping[str, str]
    applied_at: str


def record_versions(tx: Connection, versions: Iterable[tuple[str, str]]) -> None:
    """Write down which versions were applied, as (name, fingerprint); the same again writes nothing.

    All functions of the project belong in one call. Recorded columns do not: their votes are not stored.
    """
    applied = dict(versions)
    last = latest(tx)
    if not applied or (last is not None and last.versions == applied):
        return
    number, moment = last.number + 1 if last else 1, now()
    rows = [
        {"application": number, "name": name, "fingerprint": fingerprint, "applied_at": moment}
        for name, fingerprint in applied.items()
    ]
    tx.execute(insert(voter_versions), rows)


def latest(tx: Connection) -> Application | None:
    """Give the last application; None before the first."""
    number = tx.scalar(select(func.max(voter_versions.c.application)))
    return None if number is None else application(tx, number)


def application(tx: Connection, number: int) -> Application | None:
    """Give one application by its number, from 1; None where there is none."""
    rows = tx.execute(select(voter_versions).where(voter_versions.c.application == number)).all()
    if not rows:
        return None
    return Application(number, {row.name: row.fingerprint for row in rows}, rows[0].applied_at)


def applications(tx: Connection) -> list[Application]:
    """List all applications, the first first."""
    last = tx.scalar(select(func.max(voter_versions.c.application))) or 0
    found = (application(tx, number) for number in range(1, last + 1))
    return [applied for applied in found if applied is not None]


def all_versions(tx: Connection) -> list[tuple[str, str]]:
    """List all versions that were ever applied, as (name, fingerprint)."""
    columns = (voter_versions.c.name, voter_versions.c.fingerprint)
    return [(name, version) for name, version in tx.execute(select(*columns).distinct().order_by(*columns))]


def previous_version(tx: Connection, name: str, fingerprint: str) -> str | None:
    """Give the version of a voter that was applied before the given one; None where there is none.

    A version that was never applied comes after all that were.
    """
    columns = voter_versions.c
    own = (columns.name == name) & (columns.fingerprint == fingerprint)
    present = select(func.max(columns.application)).where(own).scalar_subquery()
    other = (columns.name == name) & (columns.fingerprint != fingerprint)
    before = other & (columns.application < func.coalesce(present, columns.application + 1))
    query = select(columns.fingerprint).where(before).order_by(columns.application.desc()).limit(1)
    found: str | None = tx.scalar(query)
    return found

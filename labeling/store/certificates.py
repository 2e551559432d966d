"""Tests of challengers, of which the last that passed makes the champion."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, insert, select, true, update

from labeling.store.clock import now
from labeling.store.schema import tests


@dataclass(frozen=True, slots=True)
class StoredTest:
    """One test: what was tested, in which audit frame, and what came out.

    ``result`` is JSON and a function of what was tested, without times; ``void_reason`` says why a
    certificate no longer holds.
    """

    number: int
    frame: int
    round_number: int
    scorer: str
    score_table: str
    passed: bool
    result: dict[str, Any]
    void_reason: str | None = None


def record_test(
    tx: Connection,
    *,
    frame: int,
    round_number: int,
    scorer: str,
    score_table: str,
    passed: bool,
    result: Mapping[str, Any],
) -> int:
    """Write a test down, passed or not, and give its number."""
    last = tx.scalar(select(func.max(tests.c.number))) or 0
    test = StoredTest(last + 1, frame, round_number, scorer, score_table, passed, dict(result))
    tx.execute(insert(tests).values(asdict(test) | {"recorded_at": now()}))
    return test.number


def tests_in_frame(tx: Connection, frame: int) -> int:
    """Count the tests of a frame, void ones too: each spent its part of delta."""
    return tx.scalar(select(func.count()).where(tests.c.frame == frame)) or 0


def find(tx: Connection, number: int) -> StoredTest | None:
    """Give a test by its number."""
    row = tx.execute(select(*_COLUMNS).where(tests.c.number == number)).one_or_none()
    return None if row is None else StoredTest(**row._mapping)


def latest(tx: Connection) -> StoredTest | None:
    """Give the last test, passed or not; None before the first."""
    return _last(tx, true())


def champion(tx: Connection) -> StoredTest | None:
    """Give the last test that passed and was not made void; None where that one has expired."""
    found = _last(tx, tests.c.passed & tests.c.void_reason.is_(None))
    return None if found is None or has_expired(tx, found) else found


def last_passed(tx: Connection) -> StoredTest | None:
    """Give the last test that passed, whatever became of it."""
    return _last(tx, tests.c.passed)


def has_expired(tx: Connection, test: StoredTest) -> bool:
    """Say whether a certificate is older than the days that it was given for."""
    end = ends_at(tx, test)
    return end is not None and datetime.fromisoformat(end) <= datetime.fromisoformat(now())


def ends_at(tx: Connection, test: StoredTest) -> str | None:
    """Give the time when a certificate expires; None where it was given without an end."""
    days = test.result.get("expires")
    given = tx.scalar(select(tests.c.recorded_at).where(tests.c.number == test.number))
    return (datetime.fromisoformat(given) + timedelta(days=days)).isoformat() if days and given else None


def why_ended(tx: Connection, test: StoredTest) -> str | None:
    """Say why a certificate holds no more: it is void, or older than the days that it was given for."""
    if test.void_reason is not None or not has_expired(tx, test):
        return test.void_reason
    return (
        f"certificate {test.number} expired on {str(ends_at(tx, test))[:10]}, {test.result['expires']} days "
        "after it was given. Run `quorum certify` to test again."
    )


def of_frame(tx: Connection, frame: int) -> list[StoredTest]:
    """List the tests of a frame, by number."""
    query = select(*_COLUMNS).where(tests.c.frame == frame).order_by(tests.c.number)
    return [StoredTest(**row._mapping) for row in tx.execute(query)]


def history(tx: Connection) -> list[tuple[StoredTest, str]]:
    """List all tests with the time of each, passed or not, the first first."""
    rows = tx.execute(select(*_COLUMNS, tests.c.recorded_at).order_by(tests.c.number))
    told = [dict(row._mapping) for row in rows]
    return [
        (StoredTest(**{k: v for k, v in t.items() if k != "recorded_at"}), t["recorded_at"]) for t in told
    ]


def void(tx: Connection, number: int, reason: str) -> None:
    """Say that a test no longer counts; the first reason stays."""
    holds = (tests.c.number == number) & tests.c.void_reason.is_(None)
    tx.execute(update(tests).where(holds).values(void_reason=reason))


def reinstate(tx: Connection, number: int, reason: str) -> None:
    """Say that a test counts again that was void for this reason; one with another reason stays void."""
    same = (tests.c.number == number) & (tests.c.void_reason == reason)
    tx.execute(update(tests).where(same).values(void_reason=None))


def passed(tx: Connection) -> list[StoredTest]:
    """List the tests that passed and were not made void, the first first."""
    holds = tests.c.passed & tests.c.void_reason.is_(None)
    rows = tx.execute(select(*_COLUMNS).where(holds).order_by(tests.c.number))
    return [StoredTest(**row._mapping) for row in rows]


def _last(tx: Connection, condition: ColumnElement[bool]) -> StoredTest | None:
    query = select(*_COLUMNS).where(condition).order_by(tests.c.number.desc()).limit(1)
    row = tx.execute(query).one_or_none()
    return None if row is None else StoredTest(**row._mapping)


_COLUMNS = tuple(column for column in tests.c if column.name != "recorded_at")

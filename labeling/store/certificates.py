"""Tests of challengers, of which the last that passed makes the champion."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

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
    row = tx.execute(select(*_COLUMNS).order_by(tests.c.number.desc()).limit(1)).one_or_none()
    return None if row is None else StoredTest(**row._mapping)


def champion(tx: Connection) -> StoredTest | None:
    """Give the last test that passed and was not made void."""
    holds = tests.c.passed & tests.c.void_reason.is_(None)
    query = select(*_COLUMNS).where(holds).order_by(tests.c.number.desc()).limit(1)
    row = tx.execute(query).one_or_none()
    return None if row is None else StoredTest(**row._mapping)


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


_COLUMNS = tuple(column for column in tests.c if column.name != "recorded_at")

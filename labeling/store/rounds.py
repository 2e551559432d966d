"""Turns of the loop, each known by the digest of its inputs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, insert, select

from labeling.store.clock import now
from labeling.store.schema import rounds

COLUMNS = (rounds.c.number, rounds.c.inputs, rounds.c.scorer, rounds.c.score_table, rounds.c.summary)


@dataclass(frozen=True, slots=True)
class Round:
    """One turn: digest of all that went in, the scorer's id, the digest of the score table it gave."""

    number: int
    inputs: str
    scorer: str
    score_table: str
    summary: dict[str, Any]


def find(tx: Connection, inputs: str) -> Round | None:
    """Give the round that had these inputs."""
    return _one(tx, rounds.c.inputs == inputs)


def numbered(tx: Connection, number: int) -> Round | None:
    """Give a round by its number."""
    return _one(tx, rounds.c.number == number)


def latest(tx: Connection) -> Round | None:
    """Give the last round; None before the first."""
    return _one(tx, rounds.c.number == select(func.max(rounds.c.number)).scalar_subquery())


def all_rounds(tx: Connection) -> list[Round]:
    """List all rounds, the first first."""
    return [Round(**row._mapping) for row in tx.execute(select(*COLUMNS).order_by(rounds.c.number))]


def record(
    tx: Connection, *, inputs: str, scorer: str, score_table: str, summary: Mapping[str, Any]
) -> Round:
    """Write a round down under the next number; one with these inputs that is there already is given back."""
    present = find(tx, inputs)
    if present is not None:
        return present
    last = tx.scalar(select(func.max(rounds.c.number))) or 0
    turn = Round(last + 1, inputs, scorer, score_table, dict(summary))
    tx.execute(insert(rounds).values(asdict(turn) | {"recorded_at": now()}))
    return turn


def _one(tx: Connection, condition: ColumnElement[bool]) -> Round | None:
    row = tx.execute(select(*COLUMNS).where(condition)).one_or_none()
    return None if row is None else Round(**row._mapping)

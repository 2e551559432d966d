"""One digest of all that the loop has decided, which two runs over the same input share."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, select

from labeling.store.annotations import current
from labeling.store.schema import dev_shares, manifest, promotions, releases, rounds, tasks, tests
from labeling.types import digest_of

COLUMNS = {
    "manifest": (manifest.c.kind, manifest.c.key, manifest.c.digest),
    "tasks": tuple(column for column in tasks.c if column.name != "external_id"),
    "rounds": (rounds.c.number, rounds.c.inputs, rounds.c.scorer, rounds.c.score_table),
    "dev_shares": tuple(column for column in dev_shares.c if column.name != "raised_at"),
    "tests": tuple(column for column in tests.c if column.name != "recorded_at"),
    "releases": (
        releases.c.number,
        releases.c.test_number,
        releases.c.score_table,
        releases.c.identity,
    ),
    "promotions": (promotions.c.number, promotions.c.release, promotions.c.how, promotions.c.set_aside),
}
UNDECIDED = ("report", "simulation")
OUTSIDE = ("annotation_id", "seconds", "updated_at")


def state_digest(tx: Connection) -> str:
    """Digest the state, whatever the order of its rows.

    Left out are times, ids that others gave (of annotations, of tasks in the queue), superseded
    annotations, the summaries of rounds, which tell how a round ran, reports, which tell seconds, and
    simulations, which decide nothing.
    """
    queries = {name: select(*columns) for name, columns in COLUMNS.items()}
    queries["manifest"] = queries["manifest"].where(manifest.c.kind.not_in(UNDECIDED))
    parts = {name: _unordered(tx.execute(query)) for name, query in queries.items()}
    return digest_of(parts, _unordered(_annotations(tx)))


def _annotations(tx: Connection) -> Iterable[list[Any]]:
    for stored in current(tx):
        values = asdict(stored.annotation)
        yield [stored.digest, *(value for name, value in values.items() if name not in OUTSIDE)]


def _unordered(rows: Iterable[Iterable[Any]]) -> list[str]:
    return sorted(digest_of(list(row)) for row in rows)

"""Copying all rows of a database into another one of the same schema, whatever their kinds."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa

from labeling.store.schema import leases, metadata

CHUNK = 5_000
LEFT_OUT = (leases.name,)
"""Who holds a lease there is nobody here."""


def tables() -> list[sa.Table]:
    """Give the tables that are copied, those first that others refer to."""
    return [table for table in metadata.sorted_tables if table.name not in LEFT_OUT]


def copy_rows(source: sa.Connection, target: sa.Connection) -> int:
    """Copy all rows into empty tables and give their number."""
    return sum(_copy(source, target, table) for table in tables())


def row_count(tx: sa.Connection) -> int:
    """Count the rows of all tables that are copied."""
    return sum(tx.scalar(sa.select(sa.func.count()).select_from(table)) or 0 for table in tables())


def _copy(source: sa.Connection, target: sa.Connection, table: sa.Table) -> int:
    copied = 0
    for rows in _chunks(source, table):
        target.execute(sa.insert(table), rows)
        copied += len(rows)
    if target.dialect.name == "postgresql":
        _advance(target, table)
    return copied


def _chunks(source: sa.Connection, table: sa.Table) -> Iterator[list[dict[str, object]]]:
    for part in source.execute(sa.select(table)).mappings().partitions(CHUNK):
        yield [dict(row) for row in part]


def _advance(target: sa.Connection, table: sa.Table) -> None:
    """Have the numbers that the database gives itself go on behind the copied ones."""
    column = table.autoincrement_column
    if column is None or column.autoincrement is False:
        return
    last = target.scalar(sa.select(sa.func.max(column)))
    sequence = sa.func.pg_get_serial_sequence(table.name, column.name)
    if last is not None:
        target.execute(sa.select(sa.func.setval(sequence, last)))

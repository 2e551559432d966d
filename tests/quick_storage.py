"""State that tests need not wait for: nothing is forced to the disk, and a schema is migrated once."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Connection, Engine, event, inspect, text

from labeling.store import migrate

MIGRATE = migrate.upgrade
"""The real thing, for tests of migrations."""


STATEMENTS = "SELECT sql FROM sqlite_master WHERE sql NOTNULL AND name NOT LIKE 'sqlite_%' ORDER BY rowid"


@contextmanager
def quick_storage() -> Iterator[None]:
    """Make databases and files quick for all tests of a process: none of them outlives the machine."""
    made: list[str] = []

    def upgrade(tx: Connection, to: str = "head") -> None:
        if to != "head" or tx.dialect.name != "sqlite" or inspect(tx).get_table_names():
            MIGRATE(tx, to)
        elif made:
            copy_schema(tx, made)
        else:
            MIGRATE(tx, to)
            made.extend(tx.scalars(text(STATEMENTS)))

    event.listen(Engine, "connect", leave_to_system)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda file: None)
        patch.setattr(migrate, "upgrade", upgrade)
        yield
    event.remove(Engine, "connect", leave_to_system)


def copy_schema(tx: Connection, statements: list[str]) -> None:
    """Make the tables as migrations left them in another database."""
    for statement in statements:
        tx.exec_driver_sql(statement)
    tx.execute(text(f"INSERT INTO {migrate.VERSION_TABLE} VALUES (:head)"), {"head": migrate.head()})


def leave_to_system(connection: object, entry: object) -> None:
    """Leave it to the operating system when SQLite's pages reach the disk."""
    if isinstance(connection, sqlite3.Connection):
        connection.execute("PRAGMA synchronous = OFF")

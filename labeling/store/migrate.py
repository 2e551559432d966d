"""Brings a database to the schema of this program."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from sqlalchemy import Column, Connection, MetaData, String, Table, inspect, select

MIGRATIONS = Path(__file__).parent / "migrations"
VERSION_TABLE = "quorum_version"

_version = Table(VERSION_TABLE, MetaData(), Column("version_num", String, primary_key=True))


def revision(tx: Connection) -> str | None:
    """Give the revision that the database is at; None where it is empty."""
    if not inspect(tx).has_table(VERSION_TABLE):
        return None
    return tx.scalar(select(_version.c.version_num))


def head() -> str:
    """Give the newest revision that this program knows."""
    return max(known())


@cache
def known() -> frozenset[str]:
    """Give all revisions that this program knows: their files' names begin with their numbers."""
    # Alembic is slow to import, and most commands find nothing to do.
    return frozenset(path.name.partition("_")[0] for path in MIGRATIONS.glob("versions/[0-9]*.py"))


def upgrade(tx: Connection, to: str = "head") -> None:
    """Run the migrations that are missing, all within the caller's transaction."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = tx
    command.upgrade(config, to)

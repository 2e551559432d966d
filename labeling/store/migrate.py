"""Brings a database to the schema of this program."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

MIGRATIONS = Path(__file__).parent / "migrations"
VERSION_TABLE = "quorum_version"


def revision(tx: Connection) -> str | None:
    """Give the revision that the database is at; None where it is empty."""
    options = {"version_table": VERSION_TABLE}
    return MigrationContext.configure(tx, opts=options).get_current_revision()


@cache
def head() -> str:
    """Give the newest revision that this program knows."""
    newest = ScriptDirectory(str(MIGRATIONS)).get_current_head()
    assert newest is not None
    return newest


@cache
def known() -> frozenset[str]:
    """Give all revisions that this program knows."""
    return frozenset(script.revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions())


def upgrade(tx: Connection, to: str = "head") -> None:
    """Run the migrations that are missing, all within the caller's transaction."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = tx
    command.upgrade(config, to)

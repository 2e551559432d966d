"""A database that is open, with its transactions."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, OperationalError
from sqlalchemy.pool import ConnectionPoolEntry

from labeling.errors import InputError, Unavailable
from labeling.store import migrate
from labeling.store.signals import held_signals

BUSY_SECONDS = 30.0
WRITERS_LOCK = 0x51554F52
FORMS = "sqlite:///work/NAME/state.db or postgresql+psycopg://USER@HOST/DATABASE"

REMEDIES = {
    "SQLITE_NOTADB": "Restore the file from a copy, or point state.url at another one.",
    "SQLITE_CORRUPT": "Restore the file from a copy, or point state.url at another one.",
    "SQLITE_CANTOPEN": "Point state.url at a file in a folder that may be written.",
    "SQLITE_READONLY": "Give this user the right to write the file and its folder.",
    "SQLITE_BUSY": "Another process holds the database; end it or try again.",
    "SQLITE_FULL": "Make room on the disk.",
    "SQLITE_IOERR": "Check the disk, then try again.",
}


@dataclass(frozen=True)
class Store:
    """An open database whose schema is the one of this program."""

    engine: Engine

    @property
    def place(self) -> str:
        """The URL without its password, for messages."""
        return self.engine.url.render_as_string(hide_password=True)

    @property
    def file(self) -> Path | None:
        """The file of the database; None of a server's and of one in memory."""
        name = self.engine.url.database
        is_file = self.engine.dialect.name == "sqlite" and name not in (None, "", ":memory:")
        return Path(str(name)) if is_file else None

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Open a transaction that commits at the end of the block; one at a time over all processes.

        Ctrl-C waits for its end.

        Raises
        ------
        Unavailable
            Another writer did not end within ``BUSY_SECONDS``, or the database cannot be had.
        """
        with held_signals(), self._transaction({"writes": True}) as tx:
            yield tx

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Open a transaction that sees one moment of the state and may not write."""
        postgresql = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        options = postgresql if self.engine.dialect.name == "postgresql" else {}
        with self._transaction(options) as tx:
            yield tx

    def compact(self) -> None:
        """Have SQLite overwrite what was deleted; other databases do so by themselves."""
        if self.engine.dialect.name != "sqlite":
            return
        connection = self.engine.raw_connection()
        try:
            cursor = connection.cursor()
            # The log of an open reader would keep the old pages; then the next checkpoint takes them.
            for statement in ("PRAGMA query_only = OFF", "VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"):
                cursor.execute(statement)
        finally:
            connection.close()

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()

    @contextmanager
    def _transaction(self, options: dict[str, Any]) -> Iterator[Connection]:
        try:
            with self.engine.connect() as connection:
                connection.execution_options(**options)
                with connection.begin():
                    yield connection
        except DatabaseError as error:
            remedy = _remedy(error)
            if remedy is None:
                raise
            what = str(error.orig).partition("\n")[0]
            raise Unavailable(f"{self.place}: {what}. {remedy}") from error


def open_store(url: str) -> Store:
    """Open a database and bring its schema up to date; a SQLite file and its folder are made if missing.

    Parameters
    ----------
    url : str
        SQLAlchemy's form, of SQLite or PostgreSQL; a path in it is taken as it is.

    Raises
    ------
    InputError
        The URL is none, or of another database.
    Unavailable
        The database cannot be opened, is damaged, or was written by a newer program.
    """
    store = Store(_engine(_parse(url)))
    try:
        _migrate(store)
    except BaseException:
        store.close()
        raise
    return store


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise InputError(f"state.url: expected {FORMS}, got {url!r}.") from None
    memory = parsed.database in (None, "", ":memory:") or "mode=memory" in parsed.query.values()
    if parsed.get_backend_name() == "postgresql" or (parsed.get_backend_name() == "sqlite" and not memory):
        return parsed
    shown = parsed.render_as_string(hide_password=True)
    raise InputError(f"state.url: expected {FORMS}, got {shown!r}.")


def _engine(url: URL) -> Engine:
    if url.get_backend_name() == "sqlite":
        _make_folder(url)
        engine = create_engine(url, connect_args={"timeout": BUSY_SECONDS})
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    try:
        engine = create_engine(url)
    except ModuleNotFoundError as error:
        raise Unavailable(f"state.url: {error.name} is missing. Run: pip install {error.name}") from error
    event.listen(engine, "begin", _begin_postgresql)
    return engine


def _make_folder(url: URL) -> None:
    folder = Path(str(url.database)).parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Unavailable(
            f"state.url: the folder {folder} cannot be made: {error.strerror}. {REMEDIES['SQLITE_CANTOPEN']}"
        ) from error


def _set_up_sqlite(connection: sqlite3.Connection, entry: ConnectionPoolEntry) -> None:
    # The driver's own BEGIN comes late and is deferred; ``_begin_sqlite`` sends it instead.
    connection.isolation_level = None
    connection.execute("PRAGMA foreign_keys = ON")
    _use_wal(connection, until=time.monotonic() + BUSY_SECONDS)


def _use_wal(connection: sqlite3.Connection, until: float) -> None:
    # Processes that switch a new file at once are refused at once, whatever the timeout.
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if not error.sqlite_errorname.startswith("SQLITE_BUSY") or time.monotonic() > until:
                raise
            time.sleep(0.02)


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql(f"PRAGMA query_only = {'OFF' if writes else 'ON'}")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _begin_postgresql(connection: Connection) -> None:
    # One writer at a time, as SQLite has it: the store's "insert where missing" relies on it.
    if connection.get_execution_options().get("writes", False):
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITERS_LOCK})")


def _migrate(store: Store) -> None:
    with store.read() as tx:
        present = migrate.revision(tx)
    if present == migrate.head():
        return
    if present is not None and present not in migrate.known():
        raise Unavailable(
            f"{store.place}: its schema is at revision {present}, this program knows up to {migrate.head()}. "
            "Install the newer Quorum that wrote it, or point state.url at another database."
        )
    with store.write() as tx:
        migrate.upgrade(tx)


def _remedy(error: DatabaseError) -> str | None:
    """Give the next step for a fault of the database itself; None where the statement is at fault."""
    if isinstance(error.orig, sqlite3.Error):
        name = getattr(error.orig, "sqlite_errorname", "")
        return next((remedy for code, remedy in REMEDIES.items() if name.startswith(code)), None)
    if isinstance(error, OperationalError):
        return "Check that the database server runs and that state.url is right."
    return None

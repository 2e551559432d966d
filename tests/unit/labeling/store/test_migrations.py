from __future__ import annotations

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, inspect
from sqlalchemy.exc import DBAPIError

from labeling.store import Store, cursors, migrate, open_store, voters
from labeling.store.schema import metadata
from tests.quick_storage import MIGRATE


@pytest.fixture(autouse=True)
def real_migrations(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migrate, "upgrade", MIGRATE)


def _difference(tx: Connection) -> list[object]:
    options = {"compare_type": True, "version_table": migrate.VERSION_TABLE}
    return list(compare_metadata(MigrationContext.configure(tx, opts=options), metadata))


def test_migrations_and_tables_agree(store: Store) -> None:
    with store.read() as tx:
        assert _difference(tx) == []
        assert set(inspect(tx).get_table_names()) == {*metadata.tables, migrate.VERSION_TABLE}


def test_a_difference_would_be_seen(store: Store) -> None:
    with store.write() as tx:
        tx.exec_driver_sql("DROP TABLE cursors")
        assert len(_difference(tx)) == 1
        metadata.tables["cursors"].create(tx)


def test_primary_keys_and_references_agree(store: Store) -> None:
    with store.read() as tx:
        seen = inspect(tx)
        for name, table in metadata.tables.items():
            assert seen.get_pk_constraint(name)["constrained_columns"] == table.primary_key.columns.keys()
            assert {key["referred_table"] for key in seen.get_foreign_keys(name)} == {
                key.column.table.name for key in table.foreign_keys
            }


def test_the_database_is_at_head(store: Store) -> None:
    with store.read() as tx:
        assert migrate.revision(tx) == migrate.head()
    script = ScriptDirectory(str(migrate.MIGRATIONS))
    assert migrate.head() == script.get_current_head()
    assert migrate.known() == {found.revision for found in script.walk_revisions()}


def test_each_revision_leads_to_head(tmp_path: Path) -> None:
    for revision in sorted(migrate.known()):
        url = f"sqlite:///{tmp_path}/{revision}.db"
        engine = create_engine(url)
        with engine.begin() as tx:
            migrate.upgrade(tx, to=revision)
        engine.dispose()
        store = open_store(url)
        with store.read() as tx:
            assert _difference(tx) == []
        store.close()


def test_an_upgrade_keeps_what_is_there(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/first.db"
    engine = create_engine(url)
    with engine.begin() as tx:
        migrate.upgrade(tx, to="0001")
        tx.exec_driver_sql("INSERT INTO cursors VALUES ('answers', '7')")
        assert "voter_versions" not in inspect(tx).get_table_names()
    engine.dispose()
    store = open_store(url)
    with store.write() as tx:
        assert cursors.get(tx, "answers") == "7"
        voters.record_versions(tx, [("links", "a")])
        assert voters.previous_version(tx, "links", "b") == "a"
    store.close()


def test_a_failing_migration_leaves_nothing(store: Store) -> None:
    with store.write() as tx:
        tx.exec_driver_sql("DELETE FROM quorum_version")
        tx.exec_driver_sql("DROP TABLE manifest")
    with pytest.raises(DBAPIError, match="already exists"), store.write() as tx:
        migrate.upgrade(tx)
    with store.read() as tx:
        assert "manifest" not in inspect(tx).get_table_names()
        assert migrate.revision(tx) is None

"""Stores to test on: a SQLite file each, or the database that QUORUM_TEST_STATE_URL names."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import text

from labeling.store import Store, open_store
from labeling.store.migrate import VERSION_TABLE
from labeling.store.schema import metadata


@contextmanager
def empty_store(folder: Path) -> Iterator[Store]:
    store = open_store(os.environ.get("QUORUM_TEST_STATE_URL") or f"sqlite:///{folder}/state.db")
    try:
        yield store
    finally:
        with store.write() as tx:
            metadata.drop_all(tx)
            tx.execute(text(f"DROP TABLE {VERSION_TABLE}"))
        store.close()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with empty_store(tmp_path) as store:
        yield store

"""Columns under work: what two processes fill at once, or a clean-up disturbs, is whole in the end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from labeling.apply import columns as columns_module
from labeling.apply.columns import OpenColumns
from labeling.artifacts import Artifacts
from labeling.store import Store, manifest, open_store
from labeling.types import FAULT, LOST
from labeling.votes import VoteColumn, VoteStore
from labeling.votes.alignment import PlacedBlock

BLOCK = PlacedBlock("b" * 32, np.array([0, 1, 2, -1]))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(f"sqlite:///{tmp_path}/state.db")
    yield opened
    opened.close()


@pytest.fixture
def votes(tmp_path: Path) -> VoteStore:
    return VoteStore(Artifacts(str(tmp_path / "artifacts")))


def open_columns(store: Store, votes: VoteStore) -> OpenColumns:
    return OpenColumns(store, votes, [BLOCK], ["f"])


def add(columns: OpenColumns, places: Sequence[int], codes: Sequence[int], *names: str) -> None:
    columns.add(0, 0, np.array(places), VoteColumn(np.array(codes, dtype=np.int8), names, seconds=1.0))


def named(columns: OpenColumns) -> list[str | int]:
    column = columns.columns[0, 0]
    return [column.names[code] if code >= 0 else int(code) for code in column.codes]


def test_what_is_kept_comes_back(store: Store, votes: VoteStore) -> None:
    first = open_columns(store, votes)
    assert first.missing(0, 0).tolist() == [True, True, True, False]
    add(first, [0, 2], [1, -1], "A", "B")
    first.keep()
    again = open_columns(store, votes)
    assert named(again) == ["B", -128, -1, -128]
    assert again.missing(0, 0).tolist() == [False, True, False, False]
    assert again.columns[0, 0].seconds == 1.0


def test_two_processes_at_once_lose_nothing(store: Store, votes: VoteStore) -> None:
    one, two = open_columns(store, votes), open_columns(store, votes)
    add(one, [0], [0], "A")
    add(two, [1, 2], [0, 1], "B", "A")
    one.keep()
    two.keep()
    add(one, [1], [0], "B")
    one.keep()
    assert named(open_columns(store, votes)) == ["A", "B", "A", -128]


def test_a_file_that_was_cleaned_up_before_it_was_recorded_is_written_again(
    store: Store, votes: VoteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    columns, written = open_columns(store, votes), []
    add(columns, [0, 1, 2], [0, 0, 0], "A")
    write = VoteStore.write_column

    def cleaned_up(self: VoteStore, key: str, column: VoteColumn) -> manifest.ManifestEntry:
        entry = write(self, key, column)
        written.append(entry)
        if len(written) == 1:
            self.artifacts.remove([entry.path])
        return entry

    monkeypatch.setattr(VoteStore, "write_column", cleaned_up)
    columns.keep()
    assert len(written) == 2
    assert named(open_columns(store, votes)) == ["A", "A", "A", -128]


def test_lost_votes_are_missing_and_faults_are_not(store: Store, votes: VoteStore) -> None:
    columns = open_columns(store, votes)
    add(columns, [0, 1, 2], [LOST, FAULT, -1])
    columns.keep()
    again = open_columns(store, votes)
    assert again.missing(0, 0).tolist() == [True, False, False, False]
    again.forget_faults(0)
    assert again.missing(0, 0).tolist() == [True, True, False, False]


def test_names_are_added_to_a_columns_own(store: Store, votes: VoteStore) -> None:
    columns = open_columns(store, votes)
    add(columns, [0], [0], "A")
    add(columns, [1, 2], [0, 1], "C", "A")
    assert named(columns)[:3] == ["A", "C", "A"]


def test_columns_are_kept_now_and_then(
    store: Store, votes: VoteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    columns = open_columns(store, votes)
    add(columns, [0], [0], "A")
    columns.keep_now_and_then()
    with store.read() as tx:
        assert votes.column_entries(tx) == {}
    monkeypatch.setattr(columns_module, "KEEP_SECONDS", 0.0)
    columns.keep_now_and_then()
    with store.read() as tx:
        assert len(votes.column_entries(tx)) == 1

"""Stored votes: blocks cover every content once, columns come back as they were written."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from labeling.artifacts import Artifacts
from labeling.store import Store, manifest, open_store
from labeling.types import FAULT, LOST, UNKNOWN, LabelClass, LabelSchema
from labeling.votes import BLOCK_ITEMS, VoteColumn, VoteStore, block_id, column_key
from labeling.votes.alignment import PlacedBlock, cover, place_blocks, stored_votes

SCHEMA = LabelSchema((LabelClass("A"), LabelClass("B")))
NUMBERS = st.lists(st.integers(0, 40), unique=True)


def digests(numbers: Sequence[int]) -> pa.Array:
    return pa.array([hashlib.md5(bytes([n])).digest() for n in numbers], pa.binary(16))


def column(codes: Sequence[int], names: tuple[str, ...] = ("A", "B"), **more: object) -> VoteColumn:
    return VoteColumn(np.array(codes, dtype=np.int8), names, **more)  # type: ignore[arg-type]


def covered(blocks: Sequence[PlacedBlock]) -> list[int]:
    return sorted(int(row) for block in blocks for row in block.rows[block.present])


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(f"sqlite:///{tmp_path}/state.db")
    yield opened
    opened.close()


@pytest.fixture
def votes(tmp_path: Path) -> VoteStore:
    return VoteStore(Artifacts(str(tmp_path / "artifacts")))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)
@given(st.lists(NUMBERS, min_size=1, max_size=4))
def test_every_item_is_in_one_block(tmp_path: Path, pools: list[list[int]]) -> None:
    folder = tmp_path / str(abs(hash(str(pools))))
    votes, store = VoteStore(Artifacts(str(folder))), open_store(f"sqlite:///{folder}.db")
    try:
        for pool in pools:
            blocks = cover(store, votes, digests(pool))
            assert covered(blocks) == list(range(len(pool)))
            with store.read() as tx:
                entries = votes.block_entries(tx)
            again = place_blocks(votes, entries, digests(pool))
            assert covered(again) == list(range(len(pool)))
            held = {e.key: votes.read_block(e) for e in entries}
            for block in again:
                rows = pa.array(block.rows[block.present])
                mine = held[block.key].filter(pa.array(block.present))
                assert mine == digests(pool).take(rows)
    finally:
        store.close()


def test_what_is_appended_comes_into_a_block_of_its_own(store: Store, votes: VoteStore) -> None:
    cover(store, votes, digests(range(10)))
    blocks = cover(store, votes, digests(range(13)))
    assert [block.rows.tolist() for block in blocks] == [list(range(10)), [10, 11, 12]]


def test_blocks_that_are_slices_are_not_read(
    store: Store, votes: VoteStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("labeling.votes.alignment.BLOCK_ITEMS", 3)
    cover(store, votes, digests(range(8)))
    for file in (tmp_path / "artifacts" / "block").iterdir():
        file.unlink()
    blocks = cover(store, votes, digests(range(8)))
    assert [block.rows.tolist() for block in blocks] == [[0, 1, 2], [3, 4, 5], [6, 7]]


def test_a_row_that_is_gone_costs_one_block_its_slice(
    store: Store, votes: VoteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("labeling.votes.alignment.BLOCK_ITEMS", 4)
    cover(store, votes, digests(range(12)))
    blocks = cover(store, votes, digests([n for n in range(12) if n != 5]))
    assert [block.rows.tolist() for block in blocks] == [[0, 1, 2, 3], [4, -1, 5, 6], [7, 8, 9, 10]]


def test_a_block_is_named_by_its_content_in_order() -> None:
    assert BLOCK_ITEMS == 100_000
    assert block_id(digests([0, 1, 2]).slice(1)) == block_id(digests([1, 2]))
    assert block_id(digests([1, 2])) != block_id(digests([2, 1]))


@pytest.mark.parametrize(
    "written",
    [
        VoteColumn.empty(3),
        column([0, -1, FAULT], ("ÄÖ 😀",), first_fault={"item": "d", "traceback": "E: x\n"}, seconds=0.25),
        column([LOST, UNKNOWN, 1]),
    ],
)
def test_a_column_comes_back_as_it_was_written(store: Store, votes: VoteStore, written: VoteColumn) -> None:
    with store.write() as tx:
        manifest.record(tx, votes.write_column(column_key("b", "f"), written))
    with store.read() as tx:
        [entry] = votes.column_entries(tx).values()
    read = votes.read_column(entry)
    assert read.codes.tolist() == written.codes.tolist()
    assert (read.names, read.first_fault, read.seconds) == (
        written.names,
        written.first_fault,
        written.seconds,
    )


def test_codes_are_read_by_the_columns_own_names() -> None:
    stored = column([0, 1, 2, -1, FAULT, LOST, UNKNOWN], ("B", "GONE", "A"))
    assert stored.indices({"A": 0, "B": 1}).tolist() == [1, -1, 0, -1, -1, -1, -1]
    assert stored.failed({"A": 0, "B": 1}).tolist() == [False, True, False, False, True, True, False]
    assert stored.known.tolist() == [True] * 6 + [False]
    assert stored.indices({}).dtype == np.int8


def test_two_columns_merge_by_name() -> None:
    mine = column([0, UNKNOWN, UNKNOWN, -1], ("A",))
    theirs = column([0, 0, 1, FAULT], ("B", "C"), first_fault={"item": "x", "traceback": "y"})
    both = mine.merged(theirs)
    assert [both.names[c] if c >= 0 else int(c) for c in both.codes] == ["A", "B", "C", -1]
    assert both.first_fault == theirs.first_fault


def test_votes_of_an_earlier_version_are_found_again(store: Store, votes: VoteStore) -> None:
    [block] = cover(store, votes, digests([1, 2, 3]))
    with store.write() as tx:
        manifest.record(tx, votes.write_column(column_key(block.key, "old"), column([1, UNKNOWN, 0])))
    codes, known = stored_votes(store, votes, digests([3, 9, 1]), "old", SCHEMA)
    assert (codes.tolist(), known.tolist()) == ([0, -1, 1], [True, False, True])
    assert not stored_votes(store, votes, digests([3, 9, 1]), "new", SCHEMA)[1].any()


@given(st.permutations(range(6)))
def test_values_go_to_their_rows_in_any_order(rows: list[int]) -> None:
    over = np.full(6, -1, dtype=np.int8)
    PlacedBlock("b", np.array(rows[:4])).spread(np.array([10, 11, 12, 13], dtype=np.int8), over)
    assert [int(over[row]) for row in rows] == [10, 11, 12, 13, -1, -1]

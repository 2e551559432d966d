"""Stored votes: blocks cover every content once, columns come back as they were written."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeling.artifacts import Artifacts
from labeling.store import Store, manifest, open_store
from labeling.votes import BLOCK_ITEMS, Block, VoteColumn, VoteStore, new_blocks, to_indices

DIGESTS = st.lists(st.text("abcdef0123456789", min_size=4, max_size=6), unique=True)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(f"sqlite:///{tmp_path}/state.db")
    yield opened
    opened.close()


@given(DIGESTS, DIGESTS)
def test_blocks_hold_every_digest_once(before: list[str], now: list[str]) -> None:
    known = new_blocks([], before)
    fresh = new_blocks(known, now)
    held = [d for block in [*known, *fresh] for d in block.digests]
    assert len(held) == len(set(held))
    assert set(held) == set(before) | set(now)
    assert new_blocks([*known, *fresh], [*before, *now]) == []


def test_blocks_have_at_most_their_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("labeling.votes.BLOCK_ITEMS", 3)
    assert [len(b.digests) for b in new_blocks([], "abcdefgh")] == [3, 3, 2]
    assert BLOCK_ITEMS == 100_000


def test_a_block_is_named_by_its_content_in_order() -> None:
    assert Block.of(["a", "b"]) == Block.of(("a", "b"))
    assert Block.of(["a", "b"]).block_id != Block.of(["b", "a"]).block_id


@pytest.mark.parametrize(
    "column",
    [
        VoteColumn.empty(3),
        VoteColumn(
            [None, "A", "ÄÖ 😀"], [True, True, False], 2, {"item": "d", "traceback": "Error: x\n"}, 0.25
        ),
    ],
)
def test_a_column_comes_back_as_it_was_written(store: Store, tmp_path: Path, column: VoteColumn) -> None:
    votes, block = VoteStore(Artifacts(str(tmp_path / "artifacts"))), Block.of(["x", "y", "z"])
    with store.write() as tx:
        manifest.record(tx, votes.write_block(block, 0))
        manifest.record(tx, votes.write_column(block, "f1", column))
    with store.read() as tx:
        assert votes.blocks(tx) == [block]
        entry = votes.find(tx, block, "f1")
        assert votes.find(tx, block, "f2") is None
    assert entry is not None
    assert votes.read_column(entry) == column


def test_blocks_come_back_oldest_first(store: Store, tmp_path: Path) -> None:
    votes = VoteStore(Artifacts(str(tmp_path / "artifacts")))
    blocks = [Block.of([f"digest {i}"]) for i in range(12)]
    with store.write() as tx:
        for position, block in enumerate(blocks):
            manifest.record(tx, votes.write_block(block, position))
    with store.read() as tx:
        assert votes.blocks(tx) == blocks


def test_a_class_that_is_gone_abstains() -> None:
    codes = to_indices(["A", None, "GONE", "B"], {"A": 0, "B": 1})
    assert codes.tolist() == [0, -1, -1, 1]
    assert codes.dtype == np.int8

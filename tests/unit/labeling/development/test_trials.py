"""What a proposed function does on the pool, in numbers counted by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from labeling.development.accuracy import Accuracy
from labeling.development.trials import is_slow, shared_votes, speed_probe, try_function
from labeling.types import VoteMatrix
from lfs import keyword, regex

NOBODY = VoteMatrix(np.empty((6, 0), dtype=np.int8), (), 2)


def codes(*values: int) -> np.ndarray:
    return np.array(values, dtype=np.int8)


def votes(*columns: np.ndarray) -> VoteMatrix:
    return VoteMatrix(np.stack(columns, axis=1), tuple("abcdefg"[: len(columns)]), 2)


def test_a_trial_counts() -> None:
    others = votes(codes(1, 0, -1, -1, -1, -1), codes(1, 1, -1, 0, -1, -1))
    trial = try_function(codes(1, 1, 1, 1, -1, -1), others, codes(1, 0, -1, 1, 0, 0))
    assert (trial.votes, trial.coverage) == (4, 0.6667)
    assert (trial.uncovered, trial.conflicts) == (1, 2)
    assert trial.accuracy == Accuracy(2, 3)
    assert trial.interval == (0.2077, 0.9385)
    assert trial.blind == 0.4
    assert (trial.twin, trial.shared) == ("b", 0.5)


def test_a_trial_without_gold_knows_nothing() -> None:
    trial = try_function(codes(1, 1, 1, 1, -1, -1), NOBODY, np.full(6, -1, dtype=np.int8))
    assert trial.accuracy.share is None
    assert (trial.interval, trial.blind, trial.twin, trial.shared) == ((0.0, 1.0), 0.0, None, 0.0)
    assert (trial.uncovered, trial.conflicts) == (4, 0)


def test_a_trial_of_a_silent_function() -> None:
    trial = try_function(np.full(6, -1, dtype=np.int8), NOBODY, codes(0, 0, 1, 1, -1, -1))
    assert (trial.votes, trial.coverage, trial.accuracy, trial.blind) == (0, 0.0, Accuracy(0, 0), 0.0)


def test_a_part_of_a_sparse_voter_is_shared_whole() -> None:
    part, whole = np.full(100, -1, dtype=np.int8), np.full(100, -1, dtype=np.int8)
    part[:10], whole[:40] = 1, 1
    assert shared_votes(part, votes(whole)).tolist() == [1.0]
    assert shared_votes(whole, votes(part)).tolist() == [0.25]


def test_a_voter_on_most_items_is_compared_on_all_of_them() -> None:
    part, dense = np.full(100, -1, dtype=np.int8), np.full(100, 1, dtype=np.int8)
    part[:10] = 1
    assert shared_votes(part, votes(dense)).tolist() == [0.1]
    assert shared_votes(dense, votes(dense)).tolist() == [1.0]


def test_other_votes_are_not_shared() -> None:
    assert shared_votes(codes(1, 1, -1, -1, -1), votes(codes(0, -1, 1, -1, -1))).tolist() == [0.0]


COLUMNS = hnp.arrays(np.int8, st.tuples(st.integers(1, 30), st.integers(1, 4)), elements=st.integers(-1, 1))


@given(COLUMNS)
def test_shares_are_shares_and_permute_with_items(matrix: np.ndarray) -> None:
    own, others = matrix[:, 0], VoteMatrix(matrix, tuple("abcd"[: matrix.shape[1]]), 2)
    shares = shared_votes(own, others)
    assert ((shares >= 0) & (shares <= 1)).all()
    assert shares[0] == (1.0 if (own != -1).any() else 0.0)
    turned = VoteMatrix(matrix[::-1].copy(), others.voters, 2)
    assert shared_votes(own[::-1].copy(), turned).tolist() == shares.tolist()


@given(COLUMNS, st.data())
def test_a_trial_adds_up(matrix: np.ndarray, data: st.DataObject) -> None:
    own = np.where(matrix[:, 0] == 1, 1, -1).astype(np.int8)
    gold = data.draw(hnp.arrays(np.int8, len(own), elements=st.integers(-1, 1)))
    trial = try_function(own, VoteMatrix(matrix, tuple("abcd"[: matrix.shape[1]]), 2), gold)
    assert trial.uncovered + trial.conflicts <= trial.votes == (own == 1).sum()
    assert trial.accuracy.right <= trial.accuracy.judged <= min(trial.votes, (gold != -1).sum())
    assert 0 <= trial.interval[0] <= trial.interval[1] <= 1


def test_the_probe_is_made_of_the_longest_texts() -> None:
    probe = speed_probe(["short", "a longer text", ""])
    assert probe[0].startswith("a longer text\nshort")
    assert 90_000 <= sum(map(len, probe)) <= 100_000
    assert speed_probe([]) == speed_probe([""]) == []
    assert [len(text) for text in speed_probe(["x" * 500_000])] == [100_000]


@pytest.mark.parametrize(
    "function",
    [
        keyword(*(f"word{i}" for i in range(200)), label="A"),
        regex(r"(a+)+$", label="A"),
        regex(r"(.*)(.*)(.*)x", label="A"),
        regex(r"\b(free|click)\b.{0,40}\bhere\b", label="A", case=False),
    ],
)
def test_usual_functions_are_fast(function: object) -> None:
    probe = speed_probe(["a free text that says: click right here " * 20, "a" * 1_000])
    assert not is_slow(function, probe)  # type: ignore[arg-type]


def test_large_repetitions_are_slow_where_they_meet_text() -> None:
    # Linear in the text, but with thousands of states at each of its characters.
    slow = regex("[01]*1[01]{9000}", label="A")
    assert is_slow(slow, speed_probe(["01" * 50_000]))
    assert not is_slow(slow, [])

"""Vote patterns against a plain count of rows."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from labeling.label_models import patterns
from labeling.label_models.patterns import VotePatterns, count_patterns, vote_indicators
from labeling.types import VoteMatrix

HARD = st.tuples(st.integers(1, 40), st.integers(1, 20)).flatmap(
    lambda shape: arrays(np.int8, shape, elements=st.integers(-1, 2))
)


def votes_of(hard: np.ndarray) -> VoteMatrix:
    return VoteMatrix(hard, tuple(f"v{j}" for j in range(hard.shape[1])), 3)


def as_counter(found: VotePatterns) -> Counter[bytes]:
    return Counter({row.tobytes(): int(n) for row, n in zip(found.hard, found.counts, strict=True)})


@given(HARD)
def test_counts_are_those_of_a_counter(hard: np.ndarray) -> None:
    found = count_patterns(votes_of(hard))
    assert as_counter(found) == Counter(row.tobytes() for row in hard)
    assert found.rows == len(hard)
    assert len(found.counts) == len({row.tobytes() for row in hard})


@given(HARD, st.data())
def test_shards_add_up_and_can_be_taken_away_again(hard: np.ndarray, data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(hard)))
    first, second = count_patterns(votes_of(hard[:cut])), count_patterns(votes_of(hard[cut:]))
    whole = count_patterns(votes_of(hard))
    assert as_counter(first + second) == as_counter(whole)
    assert as_counter(whole.without(hard[:cut])) == as_counter(second)


def test_what_was_never_counted_cannot_be_taken_away() -> None:
    whole = count_patterns(votes_of(np.array([[0, 1], [0, 1]], dtype=np.int8)))
    with pytest.raises(ValueError, match="2 items with gold are not in the statistics"):
        whole.without(np.array([[1, 1], [0, 0], [0, 1]], dtype=np.int8))


def test_digests_that_collide_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patterns, "_digests", lambda hard: np.zeros(len(hard), dtype=np.uint64))
    hard = np.array([[0, 1], [1, 0], [0, 1]], dtype=np.int8)
    assert as_counter(count_patterns(votes_of(hard))) == Counter(row.tobytes() for row in hard)


@settings(max_examples=30)
@given(HARD)
def test_indicators_are_one_where_a_voter_says_a_class(hard: np.ndarray) -> None:
    dense = vote_indicators(hard, 3).toarray().reshape(len(hard), -1, 3)
    np.testing.assert_array_equal(dense, hard[:, :, None] == np.arange(3))


def test_distinct_rows_of_many_voters_are_told_apart() -> None:
    hard = np.random.default_rng(0).integers(-1, 3, size=(20_000, 61), dtype=np.int8)
    found = count_patterns(votes_of(hard))
    assert len(found.counts) == len(np.unique(hard, axis=0))
    assert found.covered.all()

"""Votes with soft votes, and gold with what it stands for."""

from __future__ import annotations

import numpy as np
import pytest

from labeling.types import GoldVotes, PoolGold, VoteMatrix

HARD = np.array([[0, -1], [-1, -1], [1, 1]], dtype=np.int8)


def with_soft(values, name="b"):
    return VoteMatrix(HARD, ("a", "b"), 2, soft={name: np.asarray(values, dtype=np.float32)})


def test_soft_votes_cover_items():
    votes = with_soft([[0, 0], [0.2, 0.8], [0, 0]])
    assert votes.covered.tolist() == [True, True, True]
    assert VoteMatrix(HARD, ("a", "b"), 2).covered.tolist() == [True, False, True]


@pytest.mark.parametrize(
    ("values", "name", "said"),
    [
        ([[0.5, 0.5]] * 2, "b", "shape"),
        ([[0.5, 0.3, 0.2]] * 3, "b", "shape"),
        ([[0.5, -0.1]] * 3, "b", "negative"),
        ([[0.5, np.nan]] * 3, "b", "not finite"),
        ([[0.5, np.inf]] * 3, "b", "not finite"),
        ([[0.5, 0.5]] * 3, "nobody", "none of a, b"),
    ],
)
def test_soft_votes_that_are_none_are_refused(values, name, said):
    with pytest.raises(ValueError, match=said):
        with_soft(values, name)


def test_taking_items_takes_their_soft_votes():
    votes = with_soft([[0, 0], [0.2, 0.8], [1, 0]]).take(np.array([2, 1]))
    assert votes.hard.tolist() == [[1, 1], [-1, -1]]
    np.testing.assert_allclose(votes.soft["b"], [[1, 0], [0.2, 0.8]])


def test_gold_weighs_one_each_unless_told():
    gold = GoldVotes(VoteMatrix(HARD, ("a", "b"), 2), np.array([0, 1, 1]))
    assert gold.weight.tolist() == [1, 1, 1]
    assert len(gold) == 3


@pytest.mark.parametrize(
    ("labels", "weights"),
    [([0, 1], None), ([0, 1, 2], None), ([0, -1, 1], None), ([0, 1, 1], [1, 0, 1]), ([0, 1, 1], [1, 1])],
)
def test_gold_that_is_none_is_refused(labels, weights):
    votes = VoteMatrix(HARD, ("a", "b"), 2)
    with pytest.raises(ValueError, match="gold"):
        GoldVotes(votes, np.array(labels), None if weights is None else np.array(weights, dtype=float))


def test_gold_of_a_pool_knows_its_rows_and_forgets():
    gold = PoolGold.all_drawn(np.array([-1, 1, 0, -1, 1], dtype=np.int8))
    assert gold.rows.tolist() == [1, 2, 4]
    assert gold.told.tolist() == [1, 0, 1]
    assert gold.drawn.tolist() == [False, True, True, False, True]
    assert gold.without(np.array([1, 4])).rows.tolist() == [2]
    assert gold.rows.tolist() == [1, 2, 4]


def test_items_are_disputed_where_two_voters_name_different_classes():
    hard = np.array([[0, 0, -1], [0, 1, -1], [-1, -1, -1], [-1, 1, -1], [2, 1, 2]], dtype=np.int8)
    assert VoteMatrix(hard, ("a", "b", "c"), 3).disputed.tolist() == [False, True, False, False, True]
    assert not VoteMatrix(np.empty((2, 0), dtype=np.int8), (), 2).disputed.any()

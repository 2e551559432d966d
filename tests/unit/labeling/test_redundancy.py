"""Pairs of voters that say the same."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from labeling.redundancy import redundancy, redundant_pairs
from labeling.types import ABSTAIN, VoteMatrix

A, B = 0, 1


def matrix(*columns: list[int], n_classes: int = 2) -> VoteMatrix:
    hard = np.array(columns, dtype=np.int8).T
    return VoteMatrix(hard, tuple("abcdefgh"[: len(columns)]), n_classes)


def test_shares_by_hand() -> None:
    found = redundancy(matrix([A, A, B, -1, -1], [A, B, B, B, -1]))
    assert found.agree[0, 1] == pytest.approx(2 / 5)
    assert found.jaccard[0, 1] == pytest.approx(3 / 4)
    assert found.similarity[0, 1] == pytest.approx(2 / 4)
    assert found.similarity[0, 0] == 1


def test_near_identical_pairs_are_named_the_most_alike_first() -> None:
    first = [A] * 10 + [-1] * 10
    votes = matrix(first, [A] * 9 + [-1] * 11, first, [B] * 10 + [-1] * 10)
    pairs = redundant_pairs(votes)
    assert [(p.first, p.second, p.similarity) for p in pairs] == [
        ("a", "c", 1.0),
        ("a", "b", 0.9),
        ("b", "c", 0.9),
    ]
    assert pairs[0].to_dict() == {
        "first": "a",
        "second": "c",
        "agree": 0.5,
        "jaccard": 1.0,
        "similarity": 1.0,
    }


def test_the_same_items_with_other_votes_are_no_redundancy() -> None:
    votes = matrix([A] * 8, [B] * 8)
    assert redundancy(votes).jaccard[0, 1] == 1
    assert redundant_pairs(votes, least=0.01) == []


@pytest.mark.parametrize("votes", [matrix([A, B]), matrix([], []), matrix([-1, -1], [-1, -1])])
def test_one_voter_no_votes_no_items(votes: VoteMatrix) -> None:
    assert redundant_pairs(votes) == []


@given(hnp.arrays(np.int8, st.tuples(st.integers(0, 20), st.integers(1, 5)), elements=st.integers(-1, 2)))
def test_every_pair_is_what_counting_gives(hard: np.ndarray) -> None:
    found = redundancy(VoteMatrix(hard, tuple("abcde"[: hard.shape[1]]), 3))
    for i in range(hard.shape[1]):
        for j in range(hard.shape[1]):
            voted = hard[:, [i, j]] != ABSTAIN
            same = int((voted.all(axis=1) & (hard[:, i] == hard[:, j])).sum())
            either = max(int(voted.any(axis=1).sum()), 1)
            assert found.agree[i, j] == pytest.approx(same / max(len(hard), 1))
            assert found.similarity[i, j] == pytest.approx(same / either)
            assert found.jaccard[i, j] == pytest.approx(int(voted.all(axis=1).sum()) / either)

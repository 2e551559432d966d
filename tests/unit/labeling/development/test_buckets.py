"""Buckets of a voter's items, from arrays."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from labeling.development.bucket_names import BUCKETS
from labeling.development.buckets import disputes, doubted, missed, right, without_voter, wrong
from labeling.types import ABSTAIN, VoteMatrix

CODES = np.array([0, 0, 1, 1, -1, -1, -1, 0], dtype=np.int8)
GOLD = np.array([0, 1, 1, -1, 1, 2, -1, 2], dtype=np.int8)


def test_against_gold() -> None:
    assert wrong(CODES, GOLD).tolist() == [1, 7]
    assert right(CODES, GOLD).tolist() == [0, 2]
    assert missed(CODES, GOLD).tolist() == [4]


def test_without_gold_or_votes_all_are_empty() -> None:
    nothing = np.full(8, ABSTAIN, dtype=np.int8)
    for bucket in (wrong, right, missed):
        assert bucket(CODES, nothing).size == 0
        assert bucket(nothing, GOLD).size == 0


@given(hnp.arrays(np.int8, (2, 30), elements=st.integers(-1, 2)))
def test_every_item_with_vote_and_gold_is_right_or_wrong(pair: np.ndarray) -> None:
    codes, gold = pair
    both = set(wrong(codes, gold)) | set(right(codes, gold))
    assert both == set(np.flatnonzero((codes >= 0) & (gold >= 0)))
    assert not set(wrong(codes, gold)) & set(right(codes, gold))
    assert not both & set(missed(codes, gold))


def test_doubted_are_those_where_the_others_are_sure_the_surest_first() -> None:
    codes = np.array([0, 0, 0, 1, -1], dtype=np.int8)
    others = np.array([[0.1, 0.9], [0.3, 0.7], [0.0, 1.0], [0.05, 0.95], [0.0, 1.0]])
    assert doubted(codes, others).tolist() == [2, 0]
    assert doubted(codes, others, least=0.6).tolist() == [2, 0, 1]
    assert doubted(codes, np.zeros((5, 2))).tolist() == []


def test_disputes_name_the_most_frequent_opponent_first() -> None:
    hard = np.array([[0, 1, 0], [0, -1, 1], [0, 1, 1], [0, 1, 0], [-1, 1, 1]], dtype=np.int8)
    votes = VoteMatrix(hard, ("own", "often", "seldom"), 2)
    assert [(other, rows.tolist()) for other, rows in disputes(votes, 0)] == [(1, [0, 2, 3]), (2, [1, 2])]
    assert disputes(VoteMatrix(hard[:, :1], ("own",), 2), 0) == []


def test_without_a_voter_only_its_column_abstains() -> None:
    votes = VoteMatrix(np.array([[0, 1], [1, -1]], dtype=np.int8), ("a", "b"), 2)
    assert without_voter(votes, 0).hard.tolist() == [[-1, 1], [-1, -1]]
    assert votes.hard.tolist() == [[0, 1], [1, -1]]


def test_every_bucket_is_described() -> None:
    assert set(BUCKETS) == {"wrong", "missed", "right", "doubted", "disputed"}
    assert all(BUCKETS.values())

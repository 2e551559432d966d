"""Votes and labels of held-out items stand below those of the pool, by the names of its voters."""

from __future__ import annotations

import numpy as np

from labeling.pool.held_out import _joined, with_unlabelled
from labeling.types import PoolGold, VoteMatrix
from labeling.votes.applied import AppliedVotes, VoterRun


def applied(voters: dict[str, list[int]], sure: dict[str, list[float]] | None = None) -> AppliedVotes:
    hard = np.array(list(voters.values()), dtype=np.int8).T
    runs = tuple(VoterRun(name, "v") for name in voters)
    confidence = {name: np.array(values, dtype=np.float32) for name, values in (sure or {}).items()}
    return AppliedVotes(VoteMatrix(hard, tuple(voters), 2), runs, confidence)


def test_columns_are_found_by_name_and_absent_ones_abstain() -> None:
    pool = applied({"a": [0, 1], "b": [1, -1], "llm": [0, 0]}, {"llm": [0.9, 0.8]})
    found = _joined(pool, applied({"new": [0], "b": [1]}))
    assert found.votes.voters == ("a", "b", "llm")
    assert found.votes.hard.tolist() == [[0, 1, 0], [1, -1, 0], [-1, 1, -1]]
    assert np.isnan(found.confidence["llm"][2])
    assert found.confidence["llm"][:2].tolist() == pool.confidence["llm"].tolist()


def test_confidence_of_held_out_answers_is_kept() -> None:
    pool = applied({"llm": [0, 0]}, {"llm": [0.9, 0.8]})
    found = _joined(pool, applied({"llm": [1]}, {"llm": [0.5]}))
    assert found.confidence["llm"][2] == np.float32(0.5)


def test_held_out_items_have_no_label_and_were_not_drawn() -> None:
    gold = PoolGold(np.array([1, -1], dtype=np.int8), np.array([True, False]), np.array([0.75, 1.0]))
    found = with_unlabelled(gold, 2)
    assert found.labels.tolist() == [1, -1, -1, -1]
    assert found.drawn.tolist() == [True, False, False, False]
    assert found.weights.tolist() == [0.75]
    assert with_unlabelled(PoolGold.all_drawn(gold.labels), 1).confidence is None

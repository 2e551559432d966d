"""Vote shares, hard and soft."""

from __future__ import annotations

import numpy as np

from labeling.label_models import MajorityModel, vote_shares
from labeling.label_models.majority import class_votes, split_vote
from labeling.types import VoteMatrix

HARD = np.array([[0, 0, 1], [2, -1, -1], [-1, -1, -1], [1, 2, 1]], dtype=np.int8)


def test_shares_by_hand() -> None:
    shares = vote_shares(VoteMatrix(HARD, ("a", "b", "c"), 3))
    np.testing.assert_allclose(shares, [[2 / 3, 1 / 3, 0], [0, 0, 1], [1 / 3] * 3, [0, 2 / 3, 1 / 3]])


def test_a_soft_voter_splits_its_vote() -> None:
    likelihood = np.array([[2, 1, 1], [0, 0, 0], [0, 3, 1], [0, 0, 5]], dtype=np.float32)
    votes = VoteMatrix(HARD, ("a", "b", "c"), 3, soft={"b": likelihood})
    np.testing.assert_allclose(class_votes(votes), [[1.5, 1.25, 0.25], [0, 0, 1], [0, 0.75, 0.25], [0, 2, 1]])
    np.testing.assert_allclose(split_vote(likelihood)[1], 0)


def test_only_who_names_a_class_speaks_for_it() -> None:
    votes = VoteMatrix(HARD, ("a", "b", "c"), 3)
    model = MajorityModel()
    model.fit(model.statistics(votes))
    added = model.explain(HARD[0])
    np.testing.assert_allclose(added[0], added[1])
    assert added[0, 0] > added[0, 1] == added[0, 2]
    assert added[2, 1] > added[2, 0] == added[2, 2]
    np.testing.assert_allclose(model.explain(HARD[2]), 0)
    assert np.isnan(model.weights_).all()

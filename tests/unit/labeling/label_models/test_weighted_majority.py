"""The weighted majority by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import logit

from labeling.label_models import WeightedMajorityModel
from labeling.label_models.patterns import count_patterns
from labeling.label_models.weighted_majority import agreement, right_on_gold
from labeling.types import GoldVotes, VoteMatrix


def votes_of(hard: list[list[int]] | np.ndarray, k: int) -> VoteMatrix:
    hard = np.array(hard, dtype=np.int8)
    return VoteMatrix(hard, tuple(f"v{j}" for j in range(hard.shape[1])), k)


@settings(deadline=None)
@given(st.integers(1, 30), st.integers(1, 6), st.integers(2, 4), st.integers(0, 1000))
def test_agreement_is_that_of_a_literal_loop(n: int, m: int, k: int, seed: int) -> None:
    hard = np.random.default_rng(seed).integers(-1, k, size=(n, m))
    agreed, compared = np.zeros(m), np.zeros(m)
    for i, j in np.ndindex(n, m):
        others = [hard[i, o] for o in range(m) if o != j and hard[i, o] >= 0]
        if hard[i, j] >= 0 and others:
            agreed[j] += sum(o == hard[i, j] for o in others) / len(others)
            compared[j] += 1
    found = agreement(count_patterns(votes_of(hard, k)))
    np.testing.assert_allclose(found[0], agreed, atol=1e-9)
    np.testing.assert_allclose(found[1], compared)


def test_a_vote_weighs_the_log_odds_of_its_voter() -> None:
    votes = votes_of([[0, 0, 1]] * 10 + [[1, 1, 1]] * 20, 2)
    model = WeightedMajorityModel(prior_votes=10.0).fit(count_patterns(votes))
    np.testing.assert_allclose(model.weights_, [(25 + 8) / 40, (25 + 8) / 40, (20 + 8) / 40])
    total = 2 * logit(33 / 40) - logit(28 / 40)
    np.testing.assert_allclose(logit(model.predict_proba(votes)[0, 0]), total)


def test_human_labels_lead_and_the_source_is_said() -> None:
    votes = votes_of([[0, -1, 1, -1], [0, 0, -1, -1], [1, -1, -1, 1], [-1, -1, -1, 1]], 2)
    gold = GoldVotes(votes.take(np.array([0])), np.array([1]), np.array([3.0]))
    right, cast = right_on_gold(gold)
    np.testing.assert_allclose(right, [0, 0, 3, 0])
    np.testing.assert_allclose(cast, [3, 0, 3, 0])
    model = WeightedMajorityModel().fit(count_patterns(votes), gold=gold)
    alone = WeightedMajorityModel().fit(count_patterns(votes))
    np.testing.assert_allclose(model.weights_[0], alone.weights_[0] * 10 / 13)
    np.testing.assert_allclose(model.weights_[[1, 3]], alone.weights_[[1, 3]])
    assert model.remarks_ == (
        "accuracies of 4 voters: of 2 from human labels, of 2 from agreement with the others",
    )
    lonely = WeightedMajorityModel().fit(count_patterns(votes_of([[0, -1], [-1, 1]], 2)))
    assert lonely.remarks_ == ("accuracies of 2 voters: of 2 from the prior belief of 0.8",)


@pytest.mark.parametrize("k", [2, 4])
def test_who_never_agrees_still_decides_where_nobody_else_votes(k: int) -> None:
    hard = np.array([[0, 1]] * 500 + [[0, -1], [-1, 1]])
    proba = WeightedMajorityModel().fit(count_patterns(votes_of(hard, k))).predict_proba(votes_of(hard, k))
    assert proba[-2].argmax() == 0
    assert proba[-1].argmax() == 1
    assert proba[-1].max() < 1 / k + 0.02

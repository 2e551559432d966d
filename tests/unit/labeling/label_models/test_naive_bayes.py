"""One naive-Bayes step, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from labeling.label_models import DawidSkeneModel, NaiveBayesModel
from labeling.label_models.naive_bayes import anchored_rates, vote_rates
from labeling.label_models.patterns import count_patterns
from labeling.types import GoldVotes, VoteMatrix


def votes_of(hard: list[list[int]] | np.ndarray, k: int) -> VoteMatrix:
    hard = np.array(hard, dtype=np.int8)
    return VoteMatrix(hard, tuple(f"v{j}" for j in range(hard.shape[1])), k)


def test_rates_by_hand() -> None:
    counts = np.array([[[6.0, 1.0], [2.0, 3.0]], [[5.0, 1.0], [0.0, 0.0]]])
    rates = vote_rates(counts, np.array([10.0, 6.0]), np.array([False, True]), 10.0, 0.8)
    np.testing.assert_allclose(rates[0], [[14 / 18, 3 / 14], [4 / 18, 11 / 14]])
    np.testing.assert_allclose(rates[1, 0], [13 / 20, 3 / 16])


def test_the_posterior_is_that_of_a_literal_loop() -> None:
    rng = np.random.default_rng(0)
    hard = rng.integers(-1, 3, size=(60, 4))
    hard[:, 0] = np.where(hard[:, 0] == 2, 2, -1)
    votes = votes_of(hard, 3)
    shares = np.array([[(row == c).sum() for c in range(3)] for row in hard], dtype=float)
    shares[shares.sum(axis=1) == 0] = 1
    shares /= shares.sum(axis=1, keepdims=True)
    expected = np.ones((60, 3))
    for i, y, j in np.ndindex(60, 3, 4):
        if (a := hard[i, j]) >= 0:
            prior = [[24.0 if b == c else 3.0 for c in range(3)] for b in range(3)]
            named = [shares[hard[:, j] == b, y].sum() + prior[b][y] for b in range(3)]
            exposure = shares[:, y].sum() + 30 if j == 0 else sum(named)
            expected[i, y] *= named[a] / exposure
    proba = NaiveBayesModel().fit(count_patterns(votes)).predict_proba(votes)
    np.testing.assert_allclose(proba, expected / expected.sum(axis=1, keepdims=True), atol=1e-9)


def test_human_labels_pull_rates_by_hand() -> None:
    rates = np.array([[[0.8, 0.2], [0.2, 0.8]], [[0.5, 0.1], [1e-9, 1e-9]]])
    votes = votes_of([[0, 0], [0, -1], [1, 0], [-1, -1]], 2)
    gold = GoldVotes(votes, np.array([0, 1, 1, 1]), np.array([1.0, 2.0, 0.5, 0.5]))
    pulled = anchored_rates(rates, gold, np.array([False, True]))
    np.testing.assert_allclose(pulled[0, 0], [(20 * 0.8 + 1) / 21, (20 * 0.2 + 2) / 22.5])
    np.testing.assert_allclose(pulled[1, 0], [(20 * 0.5 + 1) / 21, (20 * 0.1 + 0.5) / 23])


@pytest.mark.parametrize("seed", range(3))
def test_further_steps_drift_away_where_voters_share_their_errors(seed: int) -> None:
    """Voters of one answer, two of which fire on the same words: the harm of going on."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(2, size=3000)
    word = rng.random(3000) < 0.3
    hard = np.full((3000, 6), -1)
    for j in range(4):
        fires = rng.random(3000) < np.where(truth == j % 2, 0.3, 0.06)
        hard[fires, j] = j % 2
    for j in (4, 5):
        hard[word & (rng.random(3000) < np.where(truth == 1, 0.95, 0.6)), j] = 1
    votes = votes_of(hard, 2)
    covered, statistics = votes.covered, count_patterns(votes)
    step, many = (
        (model.fit(statistics).predict_proba(votes).argmax(axis=1) == truth)[covered].mean()
        for model in (NaiveBayesModel(), DawidSkeneModel())
    )
    assert step > many + 0.05

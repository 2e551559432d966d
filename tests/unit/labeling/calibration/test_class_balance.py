"""The class balance by people's labels is right although people were asked about chosen items."""

from __future__ import annotations

import numpy as np
import pytest

from labeling.calibration.class_balance import estimate_class_balance
from labeling.calibration.selection import balancing_weights
from labeling.label_models import SnorkelModel, count_co_votes
from labeling.label_models.majority import vote_shares
from labeling.types import PoolGold, VoteMatrix


def pool(seed, n=2000, share=0.2):
    """Four voters of .8 on two classes; the second is rare, and they speak up on it more often."""
    rng = np.random.default_rng(seed)
    truth = (rng.random(n) < share).astype(np.int8)
    right = rng.random((n, 4)) < 0.8
    hard = np.where(right, truth[:, None], 1 - truth[:, None])
    speaks = rng.random((n, 4)) < np.where(truth[:, None] == 1, 0.7, 0.4)
    return VoteMatrix(np.where(speaks, hard, -1).astype(np.int8), tuple("abcd"), 2), truth


def uncertain(posterior, size, rng):
    """The most uncertain items, ties at random: what active learning asks about."""
    return np.lexsort((rng.random(len(posterior)), posterior.max(axis=1)))[:size]


def labelled(votes, truth, posterior, rng):
    """A hundred uncertain items with a vote, and fifty drawn uniformly, as the loop asks for them."""
    covered = np.flatnonzero(votes.covered)
    picked = covered[uncertain(posterior[covered], 100, rng)]
    uniform = rng.choice(len(votes), 50, replace=False)
    labels = np.full(len(votes), -1, dtype=np.int8)
    labels[picked], labels[uniform] = truth[picked], truth[uniform]
    drawn = np.zeros(len(votes), dtype=bool)
    drawn[uniform] = True
    return PoolGold(labels, drawn)


def test_selection_by_uncertainty_biases_the_plain_share_and_not_the_estimate():
    errors, naive, inside = [], [], []
    for seed in range(40):
        votes, truth = pool(seed)
        posterior = SnorkelModel(0, threads=1).fit(count_co_votes(votes)).predict_proba(votes)
        gold = labelled(votes, truth, posterior, np.random.default_rng(seed))
        found = estimate_class_balance(posterior, gold, votes.covered)
        errors.append(found.shares[1] - truth.mean())
        naive.append(gold.told.mean() - truth.mean())
        inside.append(found.low[1] <= truth.mean() <= found.high[1])
    assert np.mean(naive) < -0.07
    assert abs(np.mean(errors)) < 0.25 * abs(np.mean(naive))
    assert np.mean(inside) >= 0.9


@pytest.mark.parametrize("size", [60, 150])
def test_intervals_of_a_uniform_sample_cover_and_shrink(size):
    inside, widths = [], []
    for seed in range(40):
        votes, truth = pool(seed)
        rows = np.random.default_rng(seed).choice(2000, size, replace=False)
        labels = np.full(2000, -1, dtype=np.int8)
        labels[rows] = truth[rows]
        found = estimate_class_balance(vote_shares(votes), PoolGold.all_drawn(labels), votes.covered)
        inside.append(found.low[1] <= truth.mean() <= found.high[1])
        widths.append(found.high[1] - found.low[1])
    assert np.mean(inside) >= 0.9
    assert np.mean(widths) < {60: 0.25, 150: 0.15}[size]


def test_votes_make_the_estimate_better_than_labels_alone():
    by_labels, ours = [], []
    for seed in range(40):
        votes, truth = pool(seed)
        rows = np.random.default_rng(seed).choice(2000, 60, replace=False)
        labels = np.full(2000, -1, dtype=np.int8)
        labels[rows] = truth[rows]
        found = estimate_class_balance(vote_shares(votes), PoolGold.all_drawn(labels), votes.covered)
        ours.append(found.shares[1] - truth.mean())
        by_labels.append(truth[rows].mean() - truth.mean())
    assert np.std(ours) < np.std(by_labels)


def test_a_fully_labelled_pool_is_counted():
    votes, truth = pool(0, n=50)
    found = estimate_class_balance(vote_shares(votes), PoolGold.all_drawn(truth), votes.covered)
    np.testing.assert_allclose(found.shares, [1 - truth.mean(), truth.mean()])
    np.testing.assert_array_equal(found.low, found.high)


def test_a_class_that_is_not_in_a_fully_labelled_pool_keeps_a_share():
    labels = np.repeat([0, 1], 10).astype(np.int8)
    posterior = np.full((20, 3), 1 / 3)
    found = estimate_class_balance(posterior, PoolGold.all_drawn(labels), np.ones(20, dtype=bool))
    assert found.shares[2] > 0
    np.testing.assert_allclose(found.shares, [0.5, 0.5, 0.0], atol=1e-5)
    assert found.shares.sum() == pytest.approx(1)


def by_inverse_inclusion(labels, inclusion):
    """Shares by Hajek's estimator (1971): each label stands for one over its probability of being asked."""
    weights = 1 / inclusion
    return np.bincount(labels, weights, minlength=2) / weights.sum()


def test_it_agrees_with_inverse_inclusion_where_that_is_known():
    """Uncertain items are asked with a known, higher probability; 50 more are drawn uniformly."""
    ours, theirs, naive = [], [], []
    for seed in range(40):
        votes, truth = pool(seed)
        rng = np.random.default_rng(1000 + seed)
        posterior = SnorkelModel(0, threads=1).fit(count_co_votes(votes)).predict_proba(votes)
        doubt = 1 - posterior.max(axis=1)
        chosen = 120 * doubt / doubt.sum()
        uniform = np.zeros(len(truth), dtype=bool)
        uniform[rng.choice(len(truth), 50, replace=False)] = True
        asked = uniform | (rng.random(len(truth)) < chosen)
        inclusion = 1 - (1 - chosen) * (1 - 50 / len(truth))
        gold = PoolGold(np.where(asked, truth, -1).astype(np.int8), uniform)
        found = estimate_class_balance(posterior, gold, votes.covered)
        ours.append(found.shares[1] - truth.mean())
        theirs.append(by_inverse_inclusion(gold.told, inclusion[asked])[1] - truth.mean())
        naive.append(gold.told.mean() - truth.mean())
    assert np.mean(naive) < -0.08
    assert abs(np.mean(ours) - np.mean(theirs)) < 0.2 * abs(np.mean(naive))
    assert abs(np.mean(ours)) < 0.2 * abs(np.mean(naive))
    assert np.std(ours) < np.std(theirs)


def test_a_class_without_a_label_keeps_a_share():
    labels = np.full(100, -1, dtype=np.int8)
    labels[:10] = 0
    posterior = np.tile([0.5, 0.3, 0.2], (100, 1))
    found = estimate_class_balance(posterior, PoolGold.all_drawn(labels), np.ones(100, dtype=bool))
    assert (found.shares > 0).all()
    assert found.shares.sum() == pytest.approx(1)
    assert (found.low < found.shares).all()
    assert (found.shares < found.high).all()


def test_no_labels_are_no_balance():
    gold = PoolGold.all_drawn(np.full(3, -1, dtype=np.int8))
    with pytest.raises(ValueError, match="labels"):
        estimate_class_balance(np.full((3, 2), 0.5), gold, np.ones(3, dtype=bool))


def test_chosen_labels_count_less_than_drawn_ones():
    votes, truth = pool(1, n=500)
    labels = np.full(500, -1, dtype=np.int8)
    labels[:60] = truth[:60]
    drawn = estimate_class_balance(vote_shares(votes), PoolGold.all_drawn(labels), votes.covered)
    picked = PoolGold(labels, np.zeros(500, dtype=bool))
    wider = estimate_class_balance(vote_shares(votes), picked, votes.covered)
    assert (wider.high - wider.low > drawn.high - drawn.low).all()


class TestBalancingWeights:
    def test_they_bring_the_votes_of_labelled_items_back_to_the_pools(self):
        votes, _ = pool(2)
        posterior = vote_shares(votes)
        rng = np.random.default_rng(0)
        rows = np.unique(np.r_[uncertain(posterior, 150, rng), rng.choice(2000, 100)])
        weights = balancing_weights(votes, posterior, rows)
        rates = (votes.hard == 1).mean(axis=0)
        plain = (votes.hard[rows] == 1).mean(axis=0)
        weighed = np.average(votes.hard[rows] == 1, axis=0, weights=weights)
        assert np.abs(weighed - rates).sum() < 0.4 * np.abs(plain - rates).sum()

    def test_they_are_positive_with_mean_one(self):
        votes, _ = pool(3)
        weights = balancing_weights(votes, vote_shares(votes), np.arange(30))
        assert (weights > 0).all()
        assert weights.mean() == pytest.approx(1)

    def test_a_fair_sample_keeps_them_even(self):
        votes, _ = pool(4)
        weights = balancing_weights(votes, vote_shares(votes), np.arange(1500))
        assert weights.std() < 0.1

    def test_the_whole_pool_weighs_one_each(self):
        votes, _ = pool(5, n=300)
        np.testing.assert_allclose(balancing_weights(votes, vote_shares(votes), np.arange(300)), 1, atol=1e-6)

    def test_nothing_labelled_weighs_nothing(self):
        votes, _ = pool(6, n=30)
        assert balancing_weights(votes, vote_shares(votes), np.arange(0)).shape == (0,)

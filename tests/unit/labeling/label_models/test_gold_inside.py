"""Human labels anchor what a label model believes of its voters."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeling.label_models import SnorkelModel
from labeling.label_models.gold_inside import STRENGTHS, anchored, gold_counts, likeliest_strength
from labeling.types import GoldVotes, VoteMatrix


def table_of(accuracies, k=2):
    """P(vote | class) of voters who always vote."""
    blocks = [np.where(np.eye(k, dtype=bool), a, (1 - a) / (k - 1)) for a in accuracies]
    return np.concatenate(blocks)


def gold_of(hard, labels, weights=None, k=2):
    hard = np.asarray(hard, dtype=np.int8)
    votes = VoteMatrix(hard, tuple(map(str, range(hard.shape[1]))), k)
    return GoldVotes(votes, np.asarray(labels), weights)


def test_labels_are_pseudo_counts():
    gold = gold_of([[0], [0], [1], [-1]], [0, 0, 0, 0])
    pulled = anchored(table_of([0.9]), gold, strength=4.0)
    np.testing.assert_allclose(pulled[:, 0], [(4 * 0.9 + 2) / 8, (4 * 0.1 + 1) / 8])
    np.testing.assert_allclose(pulled[:, 1], [0.1, 0.9])


def test_weights_count():
    twice = gold_of([[0], [0], [1]], [0, 0, 0])
    weighed = gold_of([[0], [1]], [0, 0], np.array([2.0, 1.0]))
    np.testing.assert_allclose(anchored(table_of([0.7]), twice), anchored(table_of([0.7]), weighed))


@given(st.integers(0, 10_000), st.integers(1, 40), st.integers(2, 4))
def test_a_table_stays_a_table(seed, g, k):
    rng = np.random.default_rng(seed)
    gold = gold_of(rng.integers(-1, k, size=(g, 3)), rng.integers(k, size=g), k=k)
    pulled = anchored(table_of([0.9, 0.6, 0.4], k), gold)
    assert (pulled > 0).all()
    assert (pulled.reshape(3, k, k).sum(axis=1) <= 1 + 1e-12).all()


def told_by(accuracies, g, seed, coverage=0.3):
    """Gold votes of voters with these accuracies, and the table that they truly have."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(2, size=g)
    right = rng.random((g, len(accuracies))) < np.array(accuracies)
    hard = np.where(right, labels[:, None], 1 - labels[:, None])
    return gold_of(np.where(rng.random(hard.shape) < coverage, hard, -1), labels)


@pytest.mark.parametrize("seed", range(3))
def test_labels_that_bear_a_belief_out_leave_it_strong(seed):
    accuracies = np.linspace(0.6, 0.9, 20)
    gold = told_by(accuracies, 200, seed)
    true, false = 0.3 * table_of(accuracies), 0.3 * table_of(1 - accuracies)
    assert likeliest_strength(true, *gold_counts(gold)) >= 160
    assert likeliest_strength(false, *gold_counts(gold)) == min(STRENGTHS)
    kept = np.abs(anchored(true, gold) - true).max()
    assert kept < 0.5 * np.abs(anchored(true, gold, strength=20.0) - true).max()


@pytest.mark.parametrize("seed", range(3))
def test_snorkel_that_is_fooled_by_a_crowd_is_set_right_by_labels(seed):
    rng = np.random.default_rng(seed)
    n = 3000
    truth = rng.integers(2, size=n)
    hard_item = rng.random(n) < 0.35
    crowd = [np.where(hard_item ^ (rng.random(n) < 0.1), 1 - truth, truth) for _ in range(4)]
    good = [np.where(rng.random(n) < 0.9, truth, 1 - truth) for _ in range(2)]
    votes = VoteMatrix(np.column_stack([*crowd, *good]).astype(np.int8), tuple("abcdef"), 2)
    rows = rng.choice(n, 150, replace=False)

    def accuracy(gold):
        model = SnorkelModel(0)
        proba = model.fit(model.statistics(votes), gold=gold).predict_proba(votes)
        return (proba.argmax(axis=1) == truth).mean()

    assert accuracy(GoldVotes(votes.take(rows), truth[rows])) > accuracy(None) + 0.1

"""What labels of chosen items count in calibration: little where drawn ones contradict them."""

from __future__ import annotations

import numpy as np
import pytest

from labeling.calibration.regression import log_probabilities
from labeling.calibration.selection import (
    CHOSEN_COUNTS,
    DIFFERENT_COUNT,
    DIFFERENT_FROM,
    balancing_weights,
    label_worth,
    selection_gain,
)
from labeling.types import PoolGold, VoteMatrix


def pool(n=3000, seed=0, *, harder):
    """A voter that is right at .9; who is asked about are hard items where ``harder`` says so."""
    rng = np.random.default_rng(seed)
    truth, hard_item = rng.integers(2, size=n), rng.random(n) < 0.2
    right = rng.random(n) < np.where(hard_item, 0.6, 0.98)
    votes = VoteMatrix(np.where(right, truth, 1 - truth).astype(np.int8)[:, None], ("a",), 2)
    posterior = np.where(votes.hard == np.arange(2), 0.9, 0.1)
    labels = np.full(n, -1, dtype=np.int8)
    drawn = np.zeros(n, dtype=bool)
    drawn[rng.choice(n, 60, replace=False)] = True
    chosen = rng.choice(np.flatnonzero(~drawn & (hard_item | (not harder))), 60, replace=False)
    for rows in (np.flatnonzero(drawn), chosen):
        labels[rows] = truth[rows]
    return votes, posterior, PoolGold(labels, drawn)


def factors(votes, posterior, gold, *counts):
    """Give what labels count beside their balancing weights, that of drawn ones at 1."""
    given = label_worth(votes, posterior, gold, *counts) / balancing_weights(votes, posterior, gold.rows)
    return given / given[gold.drawn[gold.rows]][0]


@pytest.mark.parametrize(("harder", "counts"), [(True, DIFFERENT_COUNT), (False, CHOSEN_COUNTS)])
def test_chosen_items_count_as_far_as_they_are_like_drawn_ones(harder, counts):
    found = []
    for seed in range(20):
        votes, posterior, gold = pool(seed=seed, harder=harder)
        given = factors(votes, posterior, gold)
        drawn = gold.drawn[gold.rows]
        np.testing.assert_allclose(given[drawn], 1)
        found.append(given[~drawn][0])
    assert np.mean(np.isclose(found, counts)) >= 0.75


def test_drawn_labels_count_as_they_did():
    votes, posterior, gold = pool(harder=False)
    everything = PoolGold.all_drawn(gold.labels)
    np.testing.assert_array_equal(
        label_worth(votes, posterior, everything), balancing_weights(votes, posterior, everything.rows)
    )


def test_the_gain_is_a_likelihood_ratio():
    """By chance alone it passes the threshold in about 5 % of the cases."""
    passed = []
    for seed in range(200):
        rng = np.random.default_rng(seed)
        p = rng.uniform(0.5, 0.99, 200)
        labels = (rng.random(200) > p).astype(int)
        log_p = log_probabilities(np.column_stack([p, 1 - p]))
        passed.append(selection_gain(log_p, labels, np.ones(200), rng.random(200) < 0.5) > DIFFERENT_FROM)
    assert np.mean(passed) < 0.09


@pytest.mark.parametrize("chosen", [False, True])
def test_one_kind_of_labels_has_nothing_to_differ_from(chosen):
    log_p = log_probabilities(np.full((10, 2), 0.5))
    assert selection_gain(log_p, np.zeros(10, dtype=int), np.ones(10), np.full(10, chosen)) == 0


def test_what_chosen_items_count_can_be_given():
    votes, posterior, gold = pool(harder=False)
    assert factors(votes, posterior, gold, 0.05)[~gold.drawn[gold.rows]] == pytest.approx(0.05)


@pytest.mark.parametrize("counts", [0.3, 0.05])
def test_uneven_labels_sum_up_to_no_more_than_their_effective_number(counts):
    votes, posterior, gold = pool(harder=True)
    given = label_worth(votes, posterior, gold, counts)
    assert given.sum() <= given.sum() ** 2 / (given**2).sum() + 1e-9
    assert given.sum() < 60 * (1 + counts)

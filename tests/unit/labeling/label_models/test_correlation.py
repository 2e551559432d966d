"""Voters that make the same errors are found and weigh as one; voters that are merely good are left alone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labeling.label_models import MajorityModel, SnorkelModel
from labeling.label_models.correlation import (
    find_groups,
    merge_votes,
    pair_agreement,
    shared_votes,
    triplet_excess,
)
from labeling.types import GoldVotes, VoteMatrix

CLIQUE = (0, 1, 2, 3, 4)


def voter(truth, accuracy, k, rng):
    wrong = (truth + rng.integers(1, k, size=len(truth))) % k
    return np.where(rng.random(len(truth)) < accuracy, truth, wrong)


def with_copies(*, noise=0.0, accuracy=0.7, others=0.8, k=2, n=4000, coverage=1.0, seed=0):
    """Five copies of one function, each redrawn on a share ``noise`` of items, and three independent ones."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(k, size=n)
    copied = voter(truth, accuracy, k, rng)
    copies = [np.where(rng.random(n) < noise, voter(truth, accuracy, k, rng), copied) for _ in CLIQUE]
    hard = np.column_stack([*copies, *(voter(truth, others, k, rng) for _ in range(3))])
    hard = np.where(rng.random(hard.shape) < coverage, hard, -1).astype(np.int8)
    names = (*(f"copy {i}" for i in CLIQUE), "a", "b", "c")
    return VoteMatrix(hard, names, k), truth


def independent(accuracies, n, seed, coverage=1.0, k=2):
    rng = np.random.default_rng(seed)
    truth = rng.integers(k, size=n)
    hard = np.column_stack([voter(truth, a, k, rng) for a in accuracies])
    hard = np.where(rng.random(hard.shape) < coverage, hard, -1).astype(np.int8)
    return VoteMatrix(hard, tuple(f"v{j}" for j in range(len(accuracies))), k)


def accuracy(model, votes, truth):
    proba = model.fit(model.statistics(votes)).predict_proba(votes)
    return (proba.argmax(axis=1) == truth).mean()


@pytest.mark.parametrize(("make", "least"), [(MajorityModel, 0.85), (lambda: SnorkelModel(0), 0.88)])
def test_five_copies_outvote_three_better_functions_unless_they_are_grouped(make, least):
    votes, truth = with_copies()
    harmed = accuracy(make(), votes, truth)
    mended = accuracy(make(), merge_votes(votes, find_groups(votes)), truth)
    assert harmed < 0.72
    assert mended > least


@pytest.mark.parametrize(
    "copies",
    [
        {"noise": 0.1},
        {"noise": 0.2},
        {"noise": 0.1, "coverage": 0.5},
        {"noise": 0.1, "k": 4, "accuracy": 0.5},
        {"accuracy": 0.6, "others": 0.9},
    ],
    ids=str,
)
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_near_copies_are_found(copies, seed):
    votes, _ = with_copies(**copies, seed=seed)
    assert find_groups(votes) == (CLIQUE, (5,), (6,), (7,))


@pytest.mark.parametrize(
    "accuracies",
    [
        [0.9] * 3,
        [0.95] * 3,
        [0.6, 0.7, 0.8, 0.9, 0.75, 0.65],
        [0.97, 0.97, 0.6, 0.6, 0.6, 0.6, 0.6],
        [0.9, 0.9, 0.6],
    ],
    ids=str,
)
@pytest.mark.parametrize("n", [300, 3000])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_independent_voters_are_left_alone(accuracies, n, seed):
    groups = find_groups(independent(accuracies, n, seed))
    assert groups == tuple((j,) for j in range(len(accuracies)))


def test_people_tell_what_the_others_cannot():
    votes, truth = with_copies(noise=0.3)
    assert find_groups(votes) != (CLIQUE, (5,), (6,), (7,))
    rows = np.random.default_rng(0).choice(len(votes), 300, replace=False)
    gold = GoldVotes(votes.take(rows), truth[rows])
    assert find_groups(votes, gold) == (CLIQUE, (5,), (6,), (7,))


def test_functions_for_one_class_that_fire_together_are_one():
    rng = np.random.default_rng(3)
    fires = rng.random(2000) < 0.3
    column = np.where(fires, 1, -1)
    other = np.where(rng.random(2000) < 0.3, 1, -1)
    votes = VoteMatrix(
        np.column_stack([column, other, column, 1 - other]).clip(-1, 1).astype(np.int8), tuple("abcd"), 2
    )
    assert (0, 2) in find_groups(votes)


def test_soft_voters_stay_single():
    votes, _ = with_copies()
    soft = {"copy 0": np.full((len(votes), 2), 0.5, dtype=np.float32)}
    groups = find_groups(VoteMatrix(votes.hard, votes.voters, 2, soft=soft))
    assert groups == ((0,), (1, 2, 3, 4), (5,), (6,), (7,))


def test_agreement_is_counted_where_both_vote():
    votes = VoteMatrix(np.array([[0, 0], [1, 0], [-1, 0], [1, 1]], dtype=np.int8), ("a", "b"), 2)
    found = pair_agreement(votes, np.full((4, 2), 0.5))
    assert found.overlap[0, 1] == 3
    assert found.agreeing[0, 1] == 2
    assert (found.excess == 0).all()


def test_expected_agreement_of_independent_voters_is_met():
    votes = independent([0.8, 0.7], 100_000, 0)
    truth = np.random.default_rng(0).integers(2, size=100_000)
    found = pair_agreement(votes, np.eye(2)[truth])
    assert found.expected[0, 1] / 1e5 == pytest.approx(0.8 * 0.7 + 0.2 * 0.3, abs=0.005)
    assert found.agreeing[0, 1] == pytest.approx(found.expected[0, 1], rel=0.01)


def test_triplets_know_accuracy_from_dependence():
    votes, _ = with_copies(n=20_000)
    assert triplet_excess(votes, 0, 1, [5, 6, 7]) > 0.95
    assert abs(triplet_excess(votes, 5, 6, [0, 7])) < 0.1
    assert triplet_excess(votes, 0, 1, [5]) == float("inf")


def test_shared_votes_are_shares_of_the_busier():
    hard = np.array([[0, 0]] * 30 + [[0, -1]] * 30, dtype=np.int8)
    assert shared_votes(VoteMatrix(hard, ("a", "b"), 2))[0, 1] == 0.5


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 60), st.integers(1, 6))
def test_every_voter_is_in_one_group(seed, n, m):
    rng = np.random.default_rng(seed)
    votes = VoteMatrix(rng.integers(-1, 3, size=(n, m)).astype(np.int8), tuple(map(str, range(m))), 3)
    groups = find_groups(votes)
    assert sorted(j for group in groups for j in group) == list(range(m))


def test_a_group_votes_as_its_majority_and_abstains_on_ties():
    hard = np.array([[0, 0, 1, 2], [0, 1, -1, 2], [-1, -1, -1, 2], [1, -1, -1, 2]], dtype=np.int8)
    merged = merge_votes(VoteMatrix(hard, tuple("abcd"), 3), ((0, 1, 2), (3,)))
    assert merged.voters == ("a = b = c", "d")
    assert merged.hard.tolist() == [[0, 2], [-1, 2], [-1, 2], [1, 2]]

"""The triplet model in closed form: exact on exact moments."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from scipy.stats import norm

from labeling.label_models import TripletModel, count_co_votes
from labeling.label_models.triplet import lifts
from labeling.types import VoteMatrix


def votes_of(hard: np.ndarray, k: int) -> VoteMatrix:
    return VoteMatrix(hard.astype(np.int8), tuple(f"v{j}" for j in range(hard.shape[1])), k)


def exact_votes(accuracies: list[int], zeros: int) -> np.ndarray:
    """Give all triples of votes as often as accuracies, in tenths, make them; ``zeros`` of ten are 0."""
    rows = []
    for y, answers in product((0, 1), product((0, 1), repeat=3)):
        times = zeros if y == 0 else 10 - zeros
        for accuracy, answer in zip(accuracies, answers, strict=True):
            times *= accuracy if answer == y else 10 - accuracy
        rows += [answers] * times
    return np.array(rows)


@pytest.mark.parametrize("zeros", [5, 7])
def test_exact_moments_give_exact_accuracies(zeros: int) -> None:
    votes = votes_of(exact_votes([9, 7, 6], zeros), 2)
    model = TripletModel()
    model.fit(model.statistics(votes), class_balance=np.array([zeros / 10, 1 - zeros / 10]))
    np.testing.assert_allclose(model.weights_, [0.9, 0.7, 0.6], atol=1e-9)
    np.testing.assert_allclose(np.exp(model.log_table_[0]), [[0.9, 0.1], [0.1, 0.9]], atol=1e-9)
    assert model.remarks_ == ()


def test_voters_of_one_answer_are_read_from_where_they_speak() -> None:
    hard = exact_votes([9, 8, 7], 5)
    hard[:, 0] = np.where(hard[:, 0] == 1, 1, -1)
    hard[:, 1] = np.where(hard[:, 1] == 0, 0, -1)
    model = TripletModel()
    model.fit(model.statistics(votes_of(hard, 2)))
    table = np.exp(model.log_table_)
    np.testing.assert_allclose(table[0, 1], [0.1, 0.9], atol=1e-9)
    np.testing.assert_allclose(table[1, 0], [0.8, 0.2], atol=1e-9)
    np.testing.assert_allclose(table[2], [[0.7, 0.3], [0.3, 0.7]], atol=1e-9)


def test_least_squares_over_triplets_by_hand() -> None:
    d = np.array([0.8, 0.5, -0.3, 0.6])
    found, known = lifts(np.outer(d, d), np.full((4, 4), 100.0) - 100 * np.eye(4))
    np.testing.assert_allclose(found, d, atol=1e-12)
    assert known.all()


def test_pairs_that_never_meet_add_nothing() -> None:
    d = np.array([0.8, 0.5, 0.3, 0.6, 0.7])
    items = np.full((5, 5), 50.0) - 50 * np.eye(5)
    items[3, 4] = items[4, 3] = 0
    products = np.outer(d, d)
    products[3, 4] = products[4, 3] = 99.0
    found, _ = lifts(products, items)
    np.testing.assert_allclose(found, d, atol=1e-12)
    items[4] = items[:, 4] = 0
    assert lifts(products, items)[1].tolist() == [True] * 4 + [False]


def test_a_voter_who_meets_nobody_is_taken_on_trust_and_named() -> None:
    hard = np.concatenate([exact_votes([9, 7, 6], 5), np.full((20, 3), -1)])
    alone = np.full((len(hard), 1), -1)
    alone[-20:] = np.array([[0], [1]] * 10)
    model = TripletModel()
    model.fit(model.statistics(votes_of(np.hstack([hard, alone]), 2)))
    np.testing.assert_allclose(model.weights_, [0.9, 0.7, 0.6, 0.7], atol=1e-9)
    [remark] = model.remarks_
    assert remark == "1 of 4 voters share items with too few others to be judged: taken as right at 0.7 there"


@pytest.mark.parametrize("seed", range(5))
def test_what_drew_the_data_is_found_again(seed: int) -> None:
    """Errors by the bootstrap: the estimator's own sampling error, not that of counting."""
    rng = np.random.default_rng(seed)
    n, k, accuracy = 4000, 3, np.array([0.9, 0.8, 0.7, 0.75, 0.85, 0.65])
    truth = rng.integers(k, size=n)
    wrong = (truth[:, None] + rng.integers(1, k, size=(n, 6))) % k
    hard = np.where(rng.random((n, 6)) < accuracy, truth[:, None], wrong)
    hard = np.where(rng.random((n, 6)) < 0.7, hard, -1)
    votes, model = votes_of(hard, k), TripletModel()
    found = model.fit(model.statistics(votes)).weights_
    again = [model.fit(count_co_votes(votes.take(rng.integers(n, size=n)), 1)).weights_ for _ in range(60)]
    bound = norm.ppf(1 - 0.001 / (2 * 5 * 6))
    assert (np.abs(found - accuracy) <= bound * np.std(again, axis=0)).all()
    assert np.std(again, axis=0).max() < 0.05

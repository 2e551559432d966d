from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from modAL.models import ActiveLearner
from sklearn.linear_model import LogisticRegression

from active import strategies
from labeling.types import Strategy

RNG = np.random.default_rng(0)
X = RNG.normal(size=(200, 2))
EVERY: dict[str, Strategy] = {**strategies.STRATEGIES, "first_batch": strategies.first_batch}


def model() -> Any:
    return LogisticRegression().fit(X[:50], (X[:50, 0] > 0).astype(int))


@pytest.mark.parametrize("name", EVERY)
def test_a_stock_modal_learner_can_use_it(name: str) -> None:
    learner = ActiveLearner(model(), query_strategy=EVERY[name])
    indices, rows, utilities = learner.query(X, n_instances=7, return_metrics=True)
    assert len(set(indices.tolist())) == len(utilities) == 7
    np.testing.assert_array_equal(rows, X[indices])


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("n", [0, 1, 3, 5])
def test_it_gives_what_there_is_and_no_more(name: str, n: int) -> None:
    indices, utilities = EVERY[name](model(), X[:3], n_instances=n)
    assert len(set(indices.tolist())) == len(utilities) == min(n, 3)


@pytest.mark.parametrize("name", EVERY)
def test_one_instance_is_the_default_and_unknown_arguments_are_ignored(name: str) -> None:
    indices, _ = EVERY[name](model(), X, embedding=X, rng=np.random.default_rng(0), other=1)
    assert len(indices) == 1


@pytest.mark.parametrize("name", EVERY)
def test_the_same_generator_gives_the_same_rows(name: str) -> None:
    first, second = (EVERY[name](model(), X, 9, rng=np.random.default_rng(5))[0] for _ in range(2))
    np.testing.assert_array_equal(first, second)


def test_margins_are_the_lead_of_the_first_class() -> None:
    proba = np.array([[0.2, 0.5, 0.3], [1, 0, 0], [0.4, 0.4, 0.2]])
    np.testing.assert_allclose(strategies.margins(proba), [0.2, 1, 0], atol=1e-12)


def test_margin_asks_for_the_closest_calls_first() -> None:
    indices, utilities = strategies.margin(model(), X, 10)
    lead = strategies.margins(model().predict_proba(X))
    np.testing.assert_array_equal(indices, np.argsort(lead)[:10])
    assert (np.diff(utilities) <= 0).all()


def test_a_diverse_batch_takes_one_of_each_cluster_of_doubts() -> None:
    rows = np.repeat(np.eye(3) * 10, 5, axis=0) + RNG.normal(scale=0.01, size=(15, 3))
    values = np.arange(15) / 15
    chosen = strategies.diverse_smallest(values, rows, 3, np.random.default_rng(0))
    np.testing.assert_array_equal(chosen, [0, 5, 10])


def test_a_diverse_batch_stays_within_its_shortlist() -> None:
    values = RNG.permutation(100)
    chosen = strategies.diverse_smallest(values, X[:100], 4, np.random.default_rng(0))
    assert (values[chosen] < 20).all()
    assert (np.diff(values[chosen]) > 0).all()


@given(st.integers(0, 30), st.integers(1, 30))
def test_a_diverse_batch_is_full_even_where_all_rows_are_equal(n: int, p: int) -> None:
    chosen = strategies.diverse_smallest(np.zeros(p), np.ones((p, 2)), n, np.random.default_rng(0))
    assert len(set(chosen.tolist())) == min(n, p)


def test_draws_follow_their_weights() -> None:
    weights = np.array([0.0, 1.0, 3.0])
    firsts = [strategies.weighted_draw(weights, 1, np.random.default_rng(i))[0] for i in range(2000)]
    shares = np.bincount(firsts, minlength=3) / 2000
    np.testing.assert_allclose(shares, [0, 0.25, 0.75], atol=0.03)


def test_rows_of_no_weight_come_last() -> None:
    drawn = strategies.weighted_draw(np.array([0.0, 1.0, 0.0, 1.0]), 4, np.random.default_rng(0))
    assert set(drawn[:2].tolist()) == {1, 3}


def test_the_first_batch_prefers_doubt_and_random_does_not() -> None:
    lead = strategies.margins(model().predict_proba(X))
    doubtful, _ = strategies.first_batch(model(), X, 40)
    uniform, utilities = strategies.random(model(), X, 40)
    assert lead[doubtful].mean() < 0.7 * lead.mean()
    assert abs(lead[uniform].mean() - lead.mean()) < 0.15
    assert len(set(utilities.tolist())) == 1

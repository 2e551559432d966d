"""Figures on labels that a model has not seen, each label for those it stands for."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeling.end_model.figures import design_weights, measure


def test_plain_figures() -> None:
    proba = np.array([[0.9, 0.1], [0.6, 0.4], [0.2, 0.8], [0.7, 0.3]])
    found = measure("test", proba, np.array([0, 0, 1, 1]), np.ones(4))
    assert (found.how, found.n, found.accuracy, found.stands_for) == ("test", 4, 0.75, 1)
    assert found.log_loss == pytest.approx(-np.log([0.9, 0.6, 0.8, 0.3]).mean())
    assert found.accuracy_low < 0.75 < found.accuracy_high
    assert found.to_dict().keys() >= {"ece", "ece_low", "ece_high", "accuracy_low"}


def test_labels_count_for_those_they_stand_for() -> None:
    proba, labels = np.array([[0.9, 0.1], [0.9, 0.1]] * 10), np.array([0, 1] * 10)
    heavy = measure("cross-validation", proba, labels, np.array([9.0, 1.0] * 10))
    even = measure("cross-validation", proba, labels, np.ones(20))
    assert (heavy.accuracy, even.accuracy) == (pytest.approx(0.9), 0.5)
    assert heavy.ece == pytest.approx(0, abs=1e-9)
    assert even.ece == pytest.approx(0.4)
    # Uneven weights tell less than as many even ones.
    nine = measure("test", proba, np.array([0] * 18 + [1] * 2), np.ones(20))
    assert nine.accuracy == pytest.approx(0.9)
    wider = (heavy.accuracy_high - heavy.accuracy_low) / (nine.accuracy_high - nine.accuracy_low)
    assert wider > 1.1


def test_a_class_never_seen_costs_much_but_not_all() -> None:
    found = measure("test", np.array([[1.0, 0.0]]), np.array([1]), np.ones(1))
    assert 20 < found.log_loss < 30


@given(st.lists(st.tuples(st.integers(0, 2), st.booleans()), min_size=1, max_size=30))
def test_weights_add_up_to_what_they_stand_for(drawn: list[tuple[int, bool]]) -> None:
    strata, sampled = (np.array(column) for column in zip(*drawn, strict=True))
    weights, stands_for = design_weights(strata, sampled)
    assert weights.sum() == pytest.approx(stands_for * len(drawn))
    assert (weights >= 1).all()


def test_the_estimate_is_unbiased_where_the_plain_mean_is_not() -> None:
    rng = np.random.default_rng(0)
    strata = np.repeat(
        [0, 1], [900, 100]
    )  # 900 easy ones, of which 10 % are drawn, 100 hard ones, all chosen
    right = np.where(strata == 0, rng.random(1000) < 0.95, rng.random(1000) < 0.5)
    found = []
    for _ in range(200):
        sampled = (strata == 1) | (rng.random(1000) < 0.1)
        weights, _ = design_weights(strata, sampled)
        found.append((weights @ right[sampled] / weights.sum(), right[sampled].mean()))
    weighed, plain = np.mean(found, axis=0)
    assert abs(weighed - right.mean()) < 0.005
    assert plain < right.mean() - 0.1

"""The learning curve: the difference estimator, Wilson's interval, and what it promises over many runs."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest, norm

from active.learning_curve import curve_point, residual_quantiles, unlabelled_accuracy
from labeling.types import CurvePoint, UniformAnswers

REACH = float(norm.ppf(0.975))


def interval(right: np.ndarray, confidence: np.ndarray) -> tuple[float, float]:
    low, high = residual_quantiles(right, confidence, np.array([-REACH, REACH]))
    return float(low), float(high)


@pytest.mark.parametrize(("wrong", "answers"), [(0, 30), (1, 30), (7, 40), (25, 50), (20, 20)])
@pytest.mark.parametrize("believed", [0.6, 0.9, 0.99])
def test_with_one_confidence_it_is_wilsons_interval(wrong: int, answers: int, believed: float) -> None:
    right = np.arange(answers) >= wrong
    low, high = interval(right.astype(float), np.full(answers, believed))
    reference = binomtest(answers - wrong, answers).proportion_ci(method="wilson")
    assert (low + believed, high + believed) == pytest.approx(tuple(reference), abs=2e-3)


@given(st.integers(0, 2**32 - 1))
def test_quantiles_ascend_around_the_mean_residual(seed: int) -> None:
    rng = np.random.default_rng(seed)
    confidence = rng.uniform(0.3, 0.999, 25)
    right = (rng.random(25) < confidence).astype(float)
    found = residual_quantiles(right, confidence, np.array([-2.0, 0.0, 2.0]))
    assert (np.diff(found) >= 0).all()
    assert found[1] == pytest.approx((right - confidence).mean(), abs=5e-3)


def test_the_estimate_is_mean_confidence_plus_mean_residual() -> None:
    answers = UniformAnswers(np.array([1.0, 0.0, 1.0, 1.0]), np.array([0.9, 0.8, 0.7, 0.6]))
    assert unlabelled_accuracy(0.85, answers) == pytest.approx(0.85 + (0.1 - 0.8 + 0.3 + 0.4) / 4)


def test_labelled_items_are_right_and_the_others_as_estimated() -> None:
    rng = np.random.default_rng(0)
    answers = UniformAnswers((rng.random(50) < 0.8).astype(float), np.full(50, 0.8))
    none, half = curve_point(0, 0.8, 1000, answers), curve_point(500, 0.8, 1000, answers)
    assert half.accuracy == pytest.approx(0.5 + none.accuracy / 2)
    assert half.low == pytest.approx(0.5 + none.low / 2)
    assert curve_point(1000, 0.8, 1000, answers).low == 1
    assert none.low < none.accuracy < none.high


def test_nothing_seen_wrong_is_not_nothing_wrong() -> None:
    point = curve_point(0, 0.999, 1000, UniformAnswers(np.ones(30), np.full(30, 0.999)))
    assert point.accuracy > 0.99
    assert point.low < 0.9


def runs(n_runs: int, chosen: bool) -> list[tuple[CurvePoint, float]]:
    """Pools on which a model is too sure of what it is sure of; people answer uniform or doubtful rows."""
    rng = np.random.default_rng(7)
    found = []
    for _ in range(n_runs):
        confidence = rng.beta(5, 1, 3000) / 2 + 0.5
        right = rng.random(3000) < np.where(confidence > 0.8, confidence - 0.15, confidence)
        asked = np.argsort(confidence)[:200] if chosen else rng.choice(3000, 200, replace=False)
        answers = UniformAnswers(right[asked].astype(float), confidence[asked])
        left = np.setdiff1d(np.arange(3000), asked)
        point = curve_point(200, float(confidence[left].mean()), 3000, answers)
        found.append((point, 1 - (~right[left]).sum() / 3000))
    return found


def coverage(found: list[tuple[CurvePoint, float]]) -> float:
    return float(np.mean([point.low <= truth <= point.high for point, truth in found]))


def test_intervals_cover_the_truth_in_95_of_100_runs() -> None:
    assert 0.925 <= coverage(runs(400, chosen=False)) <= 0.985


def test_with_chosen_rows_they_would_not() -> None:
    assert coverage(runs(400, chosen=True)) < 0.2

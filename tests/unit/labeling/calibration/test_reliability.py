"""Reliability and calibration error against numbers by hand and scikit-learn's."""

from __future__ import annotations

import json

import numpy as np
import pytest
from scipy.stats import binomtest
from sklearn.calibration import calibration_curve

from labeling.calibration.diagram import plot_reliability
from labeling.calibration.reliability import (
    calibration_error,
    error_interval,
    measure_reliability,
    reliability_bins,
)


def calibrated(n, seed=0, shift=0.0):
    """Confidences, and right answers at that rate less ``shift``."""
    rng = np.random.default_rng(seed)
    confidence = rng.uniform(0.5, 1, n)
    return confidence, (rng.random(n) < confidence - shift).astype(float)


def test_the_error_by_hand():
    confidence = np.array([0.55, 0.58, 0.95, 0.95])
    right = np.array([1.0, 0.0, 1.0, 1.0])
    # Bin (.5, .6]: |.5 - .565| = .065; bin (.9, 1]: |1 - .95| = .05; half of the rows each.
    assert calibration_error(confidence, right, np.ones(4)) == pytest.approx((0.065 + 0.05) / 2)


def test_weights_count_as_rows():
    confidence, right = np.array([0.55, 0.95, 0.95]), np.array([1.0, 0.0, 1.0])
    weighed = calibration_error(confidence, right, np.array([1.0, 2.0, 1.0]))
    repeated = calibration_error(confidence[[0, 1, 1, 2]], right[[0, 1, 1, 2]], np.ones(4))
    assert weighed == pytest.approx(repeated)


@pytest.mark.parametrize("seed", range(5))
def test_bins_are_those_of_scikit_learn(seed):
    confidence, right = calibrated(500, seed)
    mean, accuracy, mass, number = reliability_bins(confidence, right, np.ones(500))
    share, predicted = calibration_curve(right, confidence, n_bins=10)
    np.testing.assert_allclose(mean, predicted)
    np.testing.assert_allclose(accuracy, share)
    assert mass.sum() == 500
    np.testing.assert_allclose(number, mass)


def test_edges_fall_into_the_lower_bin():
    mean, *_ = reliability_bins(np.array([0.0, 0.1, 0.10001, 1.0]), np.ones(4), np.ones(4))
    np.testing.assert_allclose(mean, [0.05, 0.10001, 1.0])


def test_uneven_weights_are_fewer_labels():
    weights = np.array([10.0, 1.0, 1.0, 1.0])
    *_, number = reliability_bins(np.full(4, 0.55), np.ones(4), weights)
    assert number[0] == pytest.approx(13**2 / 103)


def test_a_bins_interval_is_wilsons_at_its_effective_number():
    proba = np.tile([0.95, 0.05], (40, 1))
    labels = np.repeat([0, 1], [30, 10])
    weights = np.repeat([1.0, 3.0], [30, 10])
    found = measure_reliability(proba, labels, weights)
    effective = 60**2 / (30 + 90)
    expected = binomtest(int(effective / 2), int(effective)).proportion_ci(0.95, "wilson")
    assert (found.accuracy[0], found.low[0], found.high[0]) == pytest.approx(
        (0.5, expected.low, expected.high)
    )


def test_intervals_hold_the_error_of_a_calibrated_model_at_nothing():
    lows = [error_interval(*calibrated(300, seed), np.ones(300), seed)[1] for seed in range(20)]
    assert np.mean(np.array(lows) == 0) >= 0.8


@pytest.mark.parametrize("shift", [0.1, 0.2])
def test_intervals_cover_the_error_of_one_that_is_not(shift):
    inside = []
    for seed in range(40):
        _, low, high = error_interval(*calibrated(300, seed, shift), np.ones(300), seed)
        inside.append(low <= shift <= high)
    assert np.mean(inside) >= 0.85


def test_a_measure_repeats_itself_and_is_json():
    rng = np.random.default_rng(0)
    proba, labels = rng.dirichlet([1, 1, 1], 80), rng.integers(3, size=80)
    first, again = measure_reliability(proba, labels), measure_reliability(proba, labels)
    assert first.to_dict() == again.to_dict()
    told = json.loads(json.dumps(first.to_dict()))
    assert told["labelled"] == 80
    assert 0 <= told["ece_low"] <= told["ece"] <= told["ece_high"] <= 1
    assert sum(b["share"] for b in told["bins"]) == pytest.approx(1, abs=1e-4)


def test_the_diagram_is_a_picture(tmp_path):
    proba = np.random.default_rng(0).dirichlet([1, 1], 50)
    found = measure_reliability(proba, np.zeros(50, dtype=int))
    plot_reliability({"label model": found, "calibrated": found}, tmp_path / "deep" / "r.png", "title")
    assert (tmp_path / "deep" / "r.png").read_bytes().startswith(b"\x89PNG")

"""The regression behind calibration and class balance."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import check_grad
from scipy.special import softmax

from labeling.calibration import regression
from labeling.calibration.regression import NO_INTERCEPTS, fit_recalibration, log_probabilities


def drawn(n, k, scale, shift, seed=0):
    """Log probabilities, and labels whose true logits are scaled and shifted ones."""
    rng = np.random.default_rng(seed)
    log_p = log_probabilities(rng.dirichlet(np.full(k, 0.5), n))
    truth = softmax(scale * log_p + np.asarray(shift), axis=1)
    labels = (truth.cumsum(axis=1) > rng.random((n, 1))).argmax(axis=1)
    return log_p, labels


def test_scale_and_intercepts_are_recovered():
    log_p, labels = drawn(20_000, 3, 0.5, [0.0, 1.0, -0.5])
    fitted = fit_recalibration(log_p, labels)
    shift = fitted.intercepts - fitted.intercepts[0]
    assert fitted.scale == pytest.approx(0.5, abs=0.03)
    np.testing.assert_allclose(shift, [0.0, 1.0, -0.5], atol=0.12)


def test_without_labels_to_speak_of_the_posterior_stays():
    log_p, labels = drawn(1, 3, 1.0, [0, 0, 0])
    fitted = fit_recalibration(log_p, labels)
    assert 0.3 < fitted.scale < 3
    assert np.abs(fitted.intercepts).max() < 1.5


def test_a_temperature_has_no_intercepts():
    log_p, labels = drawn(2000, 3, 0.5, [0.0, 1.0, -0.5])
    fitted = fit_recalibration(log_p, labels, intercept_spread=NO_INTERCEPTS)
    np.testing.assert_allclose(fitted.intercepts, 0, atol=1e-3)


def test_weights_are_repetitions():
    log_p, labels = drawn(60, 2, 0.7, [0.0, 0.5])
    twice = fit_recalibration(np.vstack([log_p, log_p]), np.tile(labels, 2))
    weighed = fit_recalibration(log_p, labels, weights=np.full(60, 2.0))
    assert twice.scale == pytest.approx(weighed.scale, rel=1e-4)
    np.testing.assert_allclose(twice.covariance, weighed.covariance, rtol=1e-2, atol=1e-4)


def test_the_gradient_is_that_of_the_loss():
    log_p, labels = drawn(50, 3, 0.8, [0, 0.3, 0])
    blank = np.arange(50) % 3 == 0
    rest = (log_p, labels, blank, np.linspace(0.5, 1.5, 50), np.ones(7))
    at = np.random.default_rng(1).normal(size=7) / 3

    def loss(packed):
        return regression._loss(packed, *rest)[0]

    def slope(packed):
        return regression._loss(packed, *rest)[1]

    assert check_grad(loss, slope, at) < 1e-4


def test_the_means_gradient_is_its_derivative():
    log_p, labels = drawn(200, 3, 0.8, [0, 0.3, 0])
    blank = np.arange(200) % 3 == 0
    fitted = fit_recalibration(log_p, labels, blank)
    mean, gradient = fitted.mean_and_gradient(log_p, blank)
    at, step = fitted._packed, 1e-6
    for j in range(len(at)):
        moved = at + step * (np.arange(len(at)) == j)
        again = softmax(regression._logits(moved, log_p, blank), axis=1).mean(axis=0)
        np.testing.assert_allclose((again - mean) / step, gradient[:, j], atol=1e-4)


def test_the_information_is_the_curvature_of_the_loss():
    log_p, labels = drawn(5000, 3, 0.8, [0, 0.3, 0])
    blank = np.arange(5000) % 3 == 0
    fitted = fit_recalibration(log_p, labels, blank)
    at, step, k = fitted._packed, 1e-4, 7
    rest = (log_p, labels, blank, np.ones(5000), regression._precision(3, 1.5))
    slopes = [
        regression._loss(at + step * (np.arange(k) == j), *rest)[1]
        - regression._loss(at - step * (np.arange(k) == j), *rest)[1]
        for j in range(k)
    ]
    curvature = np.array(slopes) / (2 * step)
    np.testing.assert_allclose(np.linalg.inv(fitted.covariance), curvature, rtol=0.1, atol=15)


def test_certainty_has_a_logarithm():
    log_p = log_probabilities(np.array([[1.0, 0.0], [0.5, 0.5]]))
    assert np.isfinite(log_p).all()
    np.testing.assert_allclose(log_p.sum(axis=1), 0, atol=1e-12)

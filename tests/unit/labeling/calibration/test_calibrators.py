"""Calibrators do what the amount of labels allows, and never less than keep the order."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import softmax
from sklearn.metrics import log_loss

from labeling.calibration import calibrators as module
from labeling.calibration.calibrators import Isotonic, Unchanged, fit_calibrator


def overconfident(n, k, seed=0, sharpness=3.0):
    """Probabilities that are ``sharpness`` times too sure in log space, with labels from the true ones."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(size=(n, k))
    true = softmax(logits, axis=1)
    labels = (true.cumsum(axis=1) > rng.random((n, 1))).argmax(axis=1)
    return softmax(sharpness * logits, axis=1), labels, true


def shifted(n, seed=0):
    """Probabilities that favour the first of two classes, with labels from the true ones."""
    _, labels, true = overconfident(n, 2, seed)
    return softmax(np.log(true) + np.array([2.0, 0.0]), axis=1), labels


@pytest.mark.parametrize(
    ("n", "kind"), [(9, "none"), (10, "temperature"), (29, "temperature"), (30, "platt"), (600, "isotonic")]
)
def test_the_amount_of_labels_chooses(n, kind):
    proba, labels = shifted(n)
    assert fit_calibrator(proba, labels, np.ones(n)).kind == kind


def test_chance_alone_turns_no_class_over(monkeypatch):
    """One vote pattern that is right as it is: free intercepts would follow chance."""
    leading = np.array([0.2, 0.2, 0.2, 0.4])
    kinds, kept, without = [], [], []
    for seed in range(30):
        labels = np.random.default_rng(seed).choice(4, size=60, p=leading)
        proba = np.tile(leading, (60, 1))
        with monkeypatch.context() as patched:
            fitted = fit_calibrator(proba, labels, np.ones(60))
            patched.setattr(module, "INTERCEPT_GAIN", -np.inf)
            free = fit_calibrator(proba, labels, np.ones(60))
        kinds.append(fitted.kind)
        kept.append(log_likelihood(leading, fitted.transform(proba[:1])[0]))
        without.append(log_likelihood(leading, free.transform(proba[:1])[0]))
    assert kinds.count("platt") <= 2
    assert np.mean(kept) > np.mean(without)


def log_likelihood(true, proba):
    """Give what a label of the true distribution is expected to count, in nats."""
    return float(true @ np.log(proba))


def test_a_class_with_few_labels_has_no_curve():
    proba, labels, _ = overconfident(1500, 3)
    rare = np.flatnonzero(labels == 2)[50:]
    kept = np.setdiff1d(np.arange(1500), rare)
    fitted = fit_calibrator(proba[kept], labels[kept], np.ones(len(kept)))
    assert isinstance(fitted, Isotonic)
    assert fitted.curves.keys() == {0, 1}


def test_labels_that_count_less_are_fewer():
    proba, labels, _ = overconfident(40, 2)
    assert fit_calibrator(proba, labels, np.full(40, 0.3)).kind == "temperature"


@pytest.mark.parametrize("n", [25, 80, 600])
@pytest.mark.parametrize("k", [2, 4])
def test_too_sure_a_posterior_is_mended(n, k):
    better = 0
    for seed in range(10):
        proba, labels, _ = overconfident(n, k, seed)
        new, new_labels, _ = overconfident(2000, k, seed + 100)
        fitted = fit_calibrator(proba, labels, np.ones(n))
        before = log_loss(new_labels, new, labels=range(k))
        after = log_loss(new_labels, fitted.transform(new), labels=range(k))
        better += after < before
    assert better >= 9


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([5, 15, 60, 400]), st.integers(2, 4))
def test_rows_stay_distributions(seed, n, k):
    proba, labels, _ = overconfident(n, k, seed)
    found = fit_calibrator(proba, labels, np.ones(n)).transform(proba)
    assert (found > 0).all()
    np.testing.assert_allclose(found.sum(axis=1), 1)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 5))
def test_a_temperature_keeps_every_rows_order(seed, k):
    proba, labels, _ = overconfident(25, k, seed)
    found = fit_calibrator(proba, labels, np.ones(25)).transform(proba)
    np.testing.assert_array_equal(np.argsort(found, axis=1), np.argsort(proba, axis=1))


@pytest.mark.parametrize("n", [25, 80, 600])
@pytest.mark.parametrize("seed", range(5))
def test_two_classes_keep_the_order_of_items(n, seed):
    proba, labels, _ = overconfident(n, 2, seed)
    fitted = fit_calibrator(proba, labels, np.ones(n))
    asked = np.linspace(0.001, 0.999, 500)
    found = fitted.transform(np.column_stack([1 - asked, asked]))[:, 1]
    assert (np.diff(found) > 0).all()


def test_isotonic_mends_what_a_line_cannot():
    rng = np.random.default_rng(0)
    p = rng.random(4000)
    true = np.where(p < 0.5, 0.1, 0.6)
    labels = (rng.random(4000) < true).astype(int)
    proba = np.column_stack([1 - p, p])
    fitted = fit_calibrator(proba, labels, np.ones(4000))
    assert isinstance(fitted, Isotonic)
    straight = np.abs(fitted.scaling.transform(proba)[:, 1] - true).mean()
    assert np.abs(fitted.transform(proba)[:, 1] - true).mean() < 0.4 * straight


def test_ids_tell_calibrators_apart():
    first, again, other = (
        fit_calibrator(*overconfident(n, 2, 1)[:2], np.ones(n)).id for n in (400, 400, 401)
    )
    assert first == again != other
    assert Unchanged().id == "none"


class TestScaleSpread:
    def test_a_posterior_that_labels_made_hardly_moves(self):
        """Of sixty right answers in a row nobody learns that the next is right for certain."""
        proba, labels = np.tile([0.95, 0.05], (60, 1)), np.zeros(60, dtype=int)
        free = fit_calibrator(proba, labels, np.ones(60)).transform(proba)
        held = fit_calibrator(proba, labels, np.ones(60), 0.2).transform(proba)
        assert held[0, 0] < 0.98 < free[0, 0]

    def test_far_too_sure_a_posterior_is_mended_all_the_same(self):
        proba, labels, _ = overconfident(90, 3, sharpness=8.0)
        free = fit_calibrator(proba, labels, np.ones(90)).transform(proba).max(axis=1).mean()
        held = fit_calibrator(proba, labels, np.ones(90), 0.2).transform(proba).max(axis=1).mean()
        assert abs(held - free) < 0.5 * (proba.max(axis=1).mean() - free)

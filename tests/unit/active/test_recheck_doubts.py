"""Confident learning: thresholds and doubts against the definition written out, and planted wrong labels."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from active.recheck import class_thresholds, doubts


def case(seed: int, n: int = 40, k: int = 3) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.dirichlet(np.full(k, 0.7), n), rng.integers(0, k, n)


@given(st.integers(0, 2**32 - 1))
def test_thresholds_and_doubts_are_those_of_the_definition(seed: int) -> None:
    proba, labels = case(seed)
    thresholds = {
        c: sum(p[c] for p, y in zip(proba, labels, strict=True) if y == c) / (labels == c).sum()
        for c in set(labels.tolist())
    }
    expected = {}
    for i, (p, y) in enumerate(zip(proba, labels, strict=True)):
        confident = [c for c in thresholds if p[c] >= thresholds[c]]
        best = max(confident, key=lambda c: p[c], default=y)
        if best != y and p[best] > p[y]:
            expected[i] = best
    found = doubts(proba, labels)
    assert dict(zip(found.rows.tolist(), found.instead.tolist(), strict=True)) == expected
    for c, threshold in thresholds.items():
        assert found.thresholds[c] == pytest.approx(threshold)


@given(st.integers(0, 2**32 - 1))
def test_the_most_doubtful_come_first(seed: int) -> None:
    proba, labels = case(seed)
    found = doubts(proba, labels)
    lead = proba[found.rows, found.instead] - proba[found.rows, labels[found.rows]]
    assert (np.diff(lead) <= 0).all()
    assert (lead > 0).all()


def test_a_class_that_nobody_named_is_never_suggested() -> None:
    proba = np.array([[0.1, 0.1, 0.8], [0.2, 0.7, 0.1], [0.6, 0.3, 0.1]])
    labels = np.array([0, 1, 0])
    assert np.isinf(class_thresholds(proba, labels)[2])
    assert 2 not in doubts(proba, labels).instead


def test_planted_wrong_labels_are_found() -> None:
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 3, 600)
    proba = np.full((600, 3), 0.1)
    proba[np.arange(600), truth] = 0.8
    proba = proba * rng.uniform(0.5, 1.5, (600, 3))
    proba /= proba.sum(axis=1, keepdims=True)
    wrong = rng.choice(600, 30, replace=False)
    labels = truth.copy()
    labels[wrong] = (truth[wrong] + 1) % 3
    found = doubts(proba, labels)
    assert set(wrong) >= set(found.rows.tolist())
    assert len(found) >= 15
    assert (found.instead == truth[found.rows]).all()


def test_who_agrees_is_not_doubted() -> None:
    proba = np.array([[0.9, 0.1], [0.6, 0.4], [0.2, 0.8]])
    assert len(doubts(proba, proba.argmax(axis=1))) == 0

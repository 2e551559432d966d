"""Stopping: kappa against scikit-learn, which models are compared, when labels count as stable."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from active.stopping import THRESHOLD, WINDOW, kappa, spaced, stability

PAIRS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=60)


@given(PAIRS)
def test_kappa_is_cohens(pairs: list[tuple[int, int]]) -> None:
    first, second = (np.array(column) for column in zip(*pairs, strict=True))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = cohen_kappa_score(first, second)
    if np.isnan(expected):
        expected = 1.0
    assert kappa(first, second) == pytest.approx(expected)


@given(PAIRS)
def test_kappa_knows_no_order_and_is_at_most_one(pairs: list[tuple[int, int]]) -> None:
    first, second = (np.array(column) for column in zip(*pairs, strict=True))
    assert kappa(first, second) == pytest.approx(kappa(second, first))
    assert kappa(first, second) <= 1
    assert kappa(first, first) == 1


def test_agreement_by_chance_counts_for_nothing() -> None:
    rng = np.random.default_rng(0)
    first, second = (rng.random((2, 20_000)) < 0.95).astype(int)
    assert (first == second).mean() > 0.9
    assert abs(kappa(first, second)) < 0.03


def test_models_are_compared_at_least_a_batch_apart() -> None:
    labels = np.array([0, 10, 20, 50, 55, 100, 110])
    assert spaced(labels, 50).tolist() == [0, 4, 6]
    assert spaced(labels, 1).tolist() == list(range(7))
    assert spaced(np.array([7]), 50).tolist() == [0]


@given(st.lists(st.integers(0, 500), min_size=1, max_size=30), st.integers(1, 80))
def test_spacing_holds_for_all_and_keeps_the_last(labels: list[int], gap: int) -> None:
    ascending = np.array(sorted(labels))
    chosen = spaced(ascending, gap)
    assert chosen[-1] == len(ascending) - 1
    assert (np.diff(ascending[chosen]) >= gap).all()


def changed(labels: np.ndarray, share: float, rng: np.random.Generator) -> np.ndarray:
    turned = rng.random(len(labels)) < share
    return np.where(turned, 1 - labels, labels)


@pytest.mark.parametrize(("share", "stable"), [(0.001, True), (0.05, False)])
def test_labels_are_stable_once_models_agree_over_the_window(share: float, stable: bool) -> None:
    rng = np.random.default_rng(1)
    models = [rng.integers(0, 2, 2000)]
    for _ in range(6):
        models.append(changed(models[-1], share, rng))
    found = stability(models)
    assert found.stable is stable
    assert len(found.kappas) == WINDOW
    assert (np.mean(found.kappas) >= THRESHOLD) is np.bool_(stable)
    assert found.changed == (models[-1] != models[-2]).sum()
    assert f"{found.changed} of 2,000" in found.said
    assert found.said.startswith("labels no longer change" if stable else "labels still change")


def test_one_calm_comparison_is_not_enough() -> None:
    rng = np.random.default_rng(2)
    calm = rng.integers(0, 3, 500)
    assert not stability([rng.integers(0, 3, 500), calm, calm, calm]).stable
    assert stability([calm] * 4).stable


@pytest.mark.parametrize("models", [0, 1, 3])
def test_too_few_models_tell_nothing(models: int) -> None:
    found = stability([np.zeros(10, dtype=int)] * models)
    assert not found.stable
    assert found.said == (
        f"too early to tell whether labels still change ({max(models - 1, 0)} of 3 comparisons)"
    )
    assert found.to_dict()["said"] == found.said

"""The one-coin model against a literal loop, and what it finds again."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from labeling.label_models import OneCoinModel
from labeling.label_models.patterns import count_patterns
from labeling.types import GoldVotes, VoteMatrix


def drawn(
    n: int, m: int, k: int, seed: int, coverage: float = 0.7
) -> tuple[VoteMatrix, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    truth, accuracy = rng.integers(k, size=n), rng.uniform(0.6, 0.9, size=m)
    wrong = (truth[:, None] + rng.integers(1, k, size=(n, m))) % k
    hard = np.where(rng.random((n, m)) < accuracy, truth[:, None], wrong)
    hard = np.where(rng.random((n, m)) < coverage, hard, -1).astype(np.int8)
    return VoteMatrix(hard, tuple(f"v{j}" for j in range(m)), k), truth, accuracy


def literal_em(hard: np.ndarray, k: int, told: dict[int, int], smoothing: float, steps: int) -> np.ndarray:
    n, m = hard.shape
    q = []
    for i in range(n):
        cast = [a for a in hard[i] if a >= 0]
        shares = [sum(a == y for a in cast) / len(cast) if cast else 1 / k for y in range(k)]
        q.append([float(y == told[i]) for y in range(k)] if i in told else shares)
    for _ in range(steps):
        balance = [(sum(q[i][y] for i in range(n)) + 1) / (n + k) for y in range(k)]
        accuracy = []
        for j in range(m):
            cast = [i for i in range(n) if hard[i, j] >= 0]
            right = sum(q[i][hard[i, j]] for i in cast)
            accuracy.append((right + smoothing / 2) / (len(cast) + smoothing))
        for i in range(n):
            joint = [
                balance[y]
                * math.prod(
                    accuracy[j] if hard[i, j] == y else (1 - accuracy[j]) / (k - 1)
                    for j in range(m)
                    if hard[i, j] >= 0
                )
                for y in range(k)
            ]
            q[i] = [float(y == told[i]) if i in told else joint[y] / sum(joint) for y in range(k)]
    return np.array(q)


@pytest.mark.parametrize("seed", range(3))
def test_accuracies_are_those_of_a_literal_loop(seed: int) -> None:
    votes, truth, _ = drawn(40, 4, 3, seed)
    gold = GoldVotes(votes.take(np.arange(8)), truth[:8])
    told = {i: int(truth[i]) for i in range(8)}
    model = OneCoinModel(smoothing=1.5, max_steps=3, tolerance=0.0).fit(count_patterns(votes), gold=gold)
    q = literal_em(votes.hard, 3, told, 1.5, 3)
    right = [q[votes.hard[:, j] >= 0, votes.hard[votes.hard[:, j] >= 0, j]].mean() for j in range(4)]
    np.testing.assert_allclose(model.weights_, right, atol=1e-9)


@settings(max_examples=25, deadline=None)
@given(st.integers(5, 200), st.integers(1, 7), st.integers(2, 4), st.integers(0, 10_000))
def test_the_loss_never_rises(n: int, m: int, k: int, seed: int) -> None:
    votes, truth, _ = drawn(n, m, k, seed)
    gold = GoldVotes(votes.take(np.arange(n // 3)), truth[: n // 3])
    for known in ({}, {"gold": gold}, {"class_balance": np.full(k, 1 / k)}):
        model = OneCoinModel(tolerance=0.0, max_steps=60).fit(count_patterns(votes), **known)
        assert (np.diff(model.losses_) <= 1e-10).all()


@pytest.mark.parametrize("seed", range(5))
def test_what_drew_the_data_is_found_again(seed: int) -> None:
    """With 20 voters the classes are all but certain: errors are those of counting labelled items."""
    votes, _, accuracy = drawn(3000, 20, 3, seed)
    model = OneCoinModel().fit(count_patterns(votes))
    bound = norm.ppf(1 - 0.001 / (2 * 5 * 23))
    error = np.sqrt(accuracy * (1 - accuracy) / (votes.hard >= 0).sum(axis=0))
    assert (np.abs(model.weights_ - accuracy) <= bound * error).all()
    assert (np.abs(model.class_balance_ - 1 / 3) <= bound * np.sqrt(2 / 9 / 3000)).all()


def test_a_cut_training_is_said() -> None:
    votes, _, _ = drawn(100, 5, 2, 0)
    assert OneCoinModel(max_steps=1).fit(count_patterns(votes)).remarks_ == (
        "training has not converged in 1 steps",
    )
    assert OneCoinModel().fit(count_patterns(votes)).remarks_ == ()

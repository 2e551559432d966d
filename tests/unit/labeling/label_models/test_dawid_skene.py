"""Dawid and Skene's model against a literal loop, and what it promises of its training."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from labeling.label_models import DawidSkeneModel
from labeling.label_models.dawid_skene import confusion_matrices, speaking_rates, speaks_one_class
from labeling.label_models.patterns import count_patterns
from labeling.types import GoldVotes, VoteMatrix


def votes_of(hard: list[list[int]] | np.ndarray, k: int) -> VoteMatrix:
    hard = np.array(hard, dtype=np.int8)
    return VoteMatrix(hard, tuple(f"v{j}" for j in range(hard.shape[1])), k)


def random_votes(n: int, m: int, k: int, seed: int, coverage: float = 0.6) -> tuple[VoteMatrix, np.ndarray]:
    rng = np.random.default_rng(seed)
    truth = rng.choice(k, size=n, p=np.arange(1, k + 1) / np.arange(1, k + 1).sum())
    confusion = rng.dirichlet(np.ones(k), size=(m, k)) * 0.4 + np.eye(k) * 0.6
    cumulated = confusion[:, truth].cumsum(axis=2)
    hard = (rng.random((m, n, 1)) > cumulated).sum(axis=2).T.clip(max=k - 1)
    hard = np.where(rng.random((n, m)) < coverage, hard, -1)
    hard[:, 0] = np.where(hard[:, 0] == 1, 1, -1)
    return votes_of(hard, k), truth


def literal_em(hard: np.ndarray, k: int, told: dict[int, int], smoothing: float, steps: int) -> np.ndarray:
    """Give class probabilities of all items after so many steps, one number at a time."""
    n, m = hard.shape
    q = [[0.0] * k for _ in range(n)]
    for i in range(n):
        cast = [a for a in hard[i] if a >= 0]
        for y in range(k):
            q[i][y] = sum(a == y for a in cast) / len(cast) if cast else 1 / k
        if i in told:
            q[i] = [float(y == told[i]) for y in range(k)]
    answers = [{a for a in hard[:, j] if a >= 0} for j in range(m)]
    for _ in range(steps):
        items = [sum(q[i][y] for i in range(n)) for y in range(k)]
        balance = [(items[y] + 1) / (n + k) for y in range(k)]
        fresh = []
        for i in range(n):
            joint = []
            for y in range(k):
                log = math.log(balance[y])
                for j in range(m):
                    spoke = [sum(q[r][y] for r in range(n) if hard[r, j] == a) for a in range(k)]
                    if len(answers[j]) == 1:
                        coverage = sum(hard[:, j] >= 0) / n
                        rate = (sum(spoke) + smoothing * coverage) / (items[y] + smoothing)
                        log += math.log(rate if hard[i, j] >= 0 else 1 - rate)
                    elif hard[i, j] >= 0:
                        log += math.log((spoke[hard[i, j]] + smoothing / k) / (sum(spoke) + smoothing))
                joint.append(math.exp(log))
            fresh.append([float(y == told[i]) if i in told else joint[y] / sum(joint) for y in range(k)])
        q = fresh
    return np.array(q)


@pytest.mark.parametrize("seed", range(4))
def test_expected_votes_are_those_of_a_literal_loop(seed: int) -> None:
    votes, truth = random_votes(30, 5, 3, seed)
    told = {i: int(truth[i]) for i in range(0, 30, 5)}
    rows = np.array(list(told))
    gold = GoldVotes(votes.take(rows), truth[rows])
    model = DawidSkeneModel(smoothing=0.7, max_steps=3, tolerance=0.0)
    model.fit(model.statistics(votes), gold=gold)
    q = literal_em(votes.hard, 3, told, 0.7, 3)
    right = [q[votes.hard[:, j] >= 0, votes.hard[votes.hard[:, j] >= 0, j]].mean() for j in range(5)]
    np.testing.assert_allclose(model.weights_, right, atol=1e-9)
    before = literal_em(votes.hard, 3, told, 0.7, 2).sum(axis=0)
    np.testing.assert_allclose(model.class_balance_, (before + 1) / (before + 1).sum(), atol=1e-9)


@settings(max_examples=25, deadline=None)
@given(st.integers(5, 200), st.integers(1, 7), st.integers(2, 4), st.integers(0, 10_000), st.booleans())
def test_the_loss_never_rises(n: int, m: int, k: int, seed: int, told: bool) -> None:
    votes, truth = random_votes(n, m, k, seed)
    gold = GoldVotes(votes.take(np.arange(n // 4)), truth[: n // 4]) if told else None
    for balance in (None, np.full(k, 1 / k)):
        model = DawidSkeneModel(tolerance=0.0, max_steps=60)
        losses = model.fit(model.statistics(votes), gold=gold, class_balance=balance).losses_
        assert (np.diff(losses) <= 1e-10).all()


def test_training_stops_where_it_gains_no_more_and_says_when_it_does_not() -> None:
    votes, _ = random_votes(300, 6, 2, 1, coverage=1.0)
    done = DawidSkeneModel().fit(count_patterns(votes))
    assert len(done.losses_) < 200
    assert done.losses_[-2] - done.losses_[-1] < 1e-6
    assert not any("converged" in remark for remark in done.remarks_)
    cut = DawidSkeneModel(max_steps=2, tolerance=0.0).fit(count_patterns(votes))
    assert len(cut.losses_) == 2
    assert "training has not converged in 2 steps" in cut.remarks_


def test_voters_of_one_answer_are_named() -> None:
    votes = votes_of([[0, 1, -1], [-1, 0, -1], [0, -1, -1], [-1, 1, -1]], 2)
    np.testing.assert_array_equal(speaks_one_class(count_patterns(votes)), [True, False, False])
    [remark] = DawidSkeneModel().fit(count_patterns(votes)).remarks_
    assert remark.startswith("1 of 3 voters only ever give one answer")


def test_matrices_and_rates_by_hand() -> None:
    counts = np.array([[[8.0, 1.0], [2.0, 3.0]]])
    np.testing.assert_allclose(confusion_matrices(counts, 2.0)[0], [[9 / 12, 2 / 6], [3 / 12, 4 / 6]])
    rates, coverage = speaking_rates(np.array([[6.0, 2.0]]), np.array([10.0, 6.0]), 2.0)
    np.testing.assert_allclose(coverage, [[0.5]])
    np.testing.assert_allclose(rates, [[7 / 12, 3 / 8]])


def test_abstaining_says_nothing_of_voters_with_several_answers() -> None:
    votes = votes_of([[0, 0], [1, 1], [0, -1], [1, -1], [-1, -1]], 2)
    model = DawidSkeneModel().fit(count_patterns(votes), class_balance=np.array([0.5, 0.5]))
    alone, both = model.predict_proba(votes)[[2, 0], 0]
    assert 0.5 < alone < both


@pytest.mark.parametrize("seed", range(5))
def test_what_drew_the_data_is_found_again(seed: int) -> None:
    """With 20 voters the classes are all but certain: errors are those of counting labelled items."""
    rng = np.random.default_rng(seed)
    n, m, k = 4000, 20, 3
    balance = np.array([0.5, 0.3, 0.2])
    truth = rng.choice(k, size=n, p=balance)
    confusion = rng.dirichlet(np.ones(k), size=(m, k)) * 0.3 + np.eye(k) * 0.7
    hard = (rng.random((m, n, 1)) > confusion[:, truth].cumsum(axis=2)).sum(axis=2).T.clip(max=k - 1)
    hard = np.where(rng.random((n, m)) < 0.9, hard, -1)
    votes = votes_of(hard, k)
    model = DawidSkeneModel().fit(count_patterns(votes))
    bound = norm.ppf(1 - 0.001 / (2 * 5 * (m * k * k + k)))
    error = np.sqrt(balance * (1 - balance) / n)
    assert (np.abs(model.class_balance_ - balance) <= bound * error).all()
    found = np.exp(model.log_table_).transpose(0, 2, 1)
    seen = np.stack([((hard >= 0) & (truth == y)[:, None]).sum(axis=0) for y in range(k)], axis=1)[:, :, None]
    smallest = 5 / seen
    error = np.sqrt(np.maximum(confusion * (1 - confusion), smallest) / seen)
    assert (np.abs(found - confusion) <= bound * error).all()
    right = (confusion[:, range(k), range(k)] * balance).sum(axis=1)
    error = np.sqrt(right * (1 - right) / (hard >= 0).sum(axis=0))
    assert (np.abs(model.weights_ - right) <= bound * error).all()


def test_human_labels_mend_what_votes_alone_turn_upside_down() -> None:
    rng = np.random.default_rng(3)
    truth = rng.integers(2, size=900)
    right = rng.random((900, 5)) < np.array([0.85, 0.85, 0.15, 0.15, 0.15])
    votes = votes_of(np.where(right, truth[:, None], 1 - truth[:, None]), 2)
    alone = DawidSkeneModel().fit(count_patterns(votes)).predict_proba(votes)
    gold = GoldVotes(votes.take(np.arange(450)), truth[:450])
    told = DawidSkeneModel().fit(count_patterns(votes), gold=gold).predict_proba(votes)
    rest = np.arange(450, 900)
    assert (alone[rest].argmax(axis=1) == truth[rest]).mean() < 0.5
    assert (told[rest].argmax(axis=1) == truth[rest]).mean() > 0.9

"""Second opinions: ActiveLab's scores against its formulas written out, trust in people, the choice."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from active.second_opinions import (
    consensus,
    label_scores,
    new_scores,
    opinion_weights,
    quality,
    repeats,
    second_opinions,
)
from labeling.types import Answers, OpinionWeights


def crowd(
    accuracy: list[float], *, items: int = 200, k: int = 3, each: int = 3, seed: int = 0
) -> tuple[Answers, np.ndarray, np.ndarray]:
    """Give answers of people of known accuracy, a model's probabilities and the truth."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, k, items)
    told = []
    for i in range(items):
        for person in rng.choice(len(accuracy), each, replace=False):
            right = rng.random() < accuracy[person]
            told.append((i, person, truth[i] if right else (truth[i] + rng.integers(1, k)) % k))
    proba = rng.dirichlet(np.full(k, 0.6), items)
    proba[np.arange(items), truth] += 0.8
    columns = np.array(told).T
    answers = Answers(columns[0], columns[1], columns[2], len(accuracy))
    return answers, proba / proba.sum(axis=1, keepdims=True), truth


def naive_scores(answers: Answers, proba: np.ndarray, weights: OpinionWeights) -> list[float]:
    """Follow the paper item by item: model, who answered, and one more opinion that knows nothing."""
    k, agreed = proba.shape[1], consensus(answers, proba)
    average = sum(weights.people) / len(weights.people)
    found = []
    for i, p in enumerate(proba):
        total, weight = weights.model * p[agreed[i]] + average / k, weights.model + average
        for item, person, label in zip(answers.items, answers.people, answers.labels, strict=True):
            if item == i:
                said = weights.agreement if label == agreed[i] else (1 - weights.agreement) / (k - 1)
                total, weight = total + weights.people[person] * said, weight + weights.people[person]
        found.append(total / weight)
    return found


@pytest.mark.parametrize("each", [1, 2, 3])
def test_scores_are_those_of_the_paper(each: int) -> None:
    answers, proba, _ = crowd([0.95, 0.8, 0.6], items=40, each=each)
    weights = opinion_weights(answers, proba, quality(answers, proba))
    assert label_scores(answers, proba, weights) == pytest.approx(naive_scores(answers, proba, weights))
    average = weights.people.mean()
    expected = [(weights.model * max(p) + average / 3) / (weights.model + average) for p in proba]
    assert new_scores(proba, weights) == pytest.approx(expected)


def test_weights_are_those_of_the_paper() -> None:
    answers, proba, _ = crowd([0.95, 0.8, 0.6], items=60)
    agreed = consensus(answers, proba)
    trust = np.array([0.9, 0.8, 0.5])
    found = opinion_weights(answers, proba, trust)
    commonest = max(range(3), key=agreed.tolist().count)
    baseline = sum(c != commonest for c in agreed) / 60
    error = sum(p.argmax() != c for p, c in zip(proba, agreed, strict=True)) / 60
    assert found.people == pytest.approx([max(1 - (1 - s) / baseline, 1e-6) for s in trust])
    assert found.model == pytest.approx((1 - error / baseline) * math.sqrt(3))
    shares = []
    for i in range(60):
        labels = answers.labels[answers.items == i]
        shares.append((labels == agreed[i]).mean())
    assert found.agreement == pytest.approx((9 + sum(shares)) / (10 + 60))


def test_trust_is_agreement_pair_by_pair() -> None:
    answers, proba, _ = crowd([0.95, 0.8, 0.6, 0.9], items=50)
    unsure = np.full_like(proba, 1 / 3)
    for person in range(4):
        agree, pairs = 9.0, 10.0
        for i in range(50):
            given = {p: y for j, p, y in zip(*columns(answers), strict=True) if j == i}
            if person in given:
                others = [y for p, y in given.items() if p != person]
                agree, pairs = agree + others.count(given[person]), pairs + len(others)
        assert quality(answers, unsure)[person] == pytest.approx(agree / pairs)


def columns(answers: Answers) -> tuple[list[int], list[int], list[int]]:
    return answers.items.tolist(), answers.people.tolist(), answers.labels.tolist()


@given(st.integers(0, 1000))
def test_who_is_noisy_is_trusted_less(seed: int) -> None:
    answers, proba, _ = crowd([0.97, 0.55, 0.9], seed=seed)
    good, noisy, fair = quality(answers, proba)
    assert noisy < fair < 1
    assert noisy < good


def test_a_model_that_is_sure_tells_who_is_noisy_where_nobody_answers_twice() -> None:
    answers, proba, truth = crowd([0.97, 0.5], items=300, each=1)
    assert np.abs(np.diff(quality(answers, np.full_like(proba, 1 / 3)))) == 0
    sure = np.full_like(proba, 0.025)
    sure[np.arange(300), truth] = 0.95
    good, noisy = quality(answers, sure)
    assert good > 0.9
    assert noisy < 0.65


def test_consensus_is_the_majority_and_the_model_between_equals() -> None:
    answers = Answers(np.array([0, 0, 0, 1, 1]), np.array([0, 1, 2, 0, 1]), np.array([1, 1, 0, 0, 1]), 3)
    proba = np.array([[0.99, 0.01], [0.3, 0.7]])
    assert consensus(answers, proba).tolist() == [1, 1]


def test_answers_that_the_model_contradicts_and_people_dispute_come_first() -> None:
    answers, proba, truth = crowd([0.95, 0.9, 0.6], each=2, seed=3)
    found = repeats(answers, proba, proba[:10])
    wrong = consensus(answers, proba) != truth
    assert 5 < wrong.sum() < 60
    first = np.argsort(found.answered)[: wrong.sum()]
    assert wrong[first].mean() > 2 * wrong.mean()
    assert ((found.answered >= 0) & (found.answered <= 1)).all()


@given(
    st.lists(st.floats(0, 1), max_size=20),
    st.lists(st.floats(0, 1), max_size=20),
    st.integers(0, 8),
)
def test_the_lowest_scores_of_both_kinds_are_asked(
    answered: list[float], new: list[float], most: int
) -> None:
    found = second_opinions(np.array(answered), np.array(new), most)
    ranked = sorted(
        [*((score, 1) for score in answered), *((score, 0) for score in new)], key=lambda p: (p[0], p[1])
    )
    repeated = sum(kind for _, kind in ranked[: len(new)])
    assert len(found) == min(repeated, most)
    kept = sorted(answered)[: len(found)]
    assert [answered[i] for i in found] == kept


def test_with_noisy_people_asking_again_mends_more_labels_than_at_random() -> None:
    rng = np.random.default_rng(5)
    answers, proba, truth = crowd([0.8, 0.7, 0.75], items=400, each=1, seed=5)
    first = consensus(answers, proba)
    score = repeats(answers, proba, proba[:5]).answered
    chosen = np.argsort(score)[:100]
    by_chance = rng.choice(400, 100, replace=False)
    assert (first != truth)[chosen].sum() > 1.5 * (first != truth)[by_chance].sum()

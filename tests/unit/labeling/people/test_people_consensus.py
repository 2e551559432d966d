"""Rules of consensus: what they share, and what each knows better."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeling.people.consensus import CONSENSUS, Consensus, dawid_skene, majority, model_trust, with_model
from labeling.types import Answers

SHAPE = (300, 3)


def crowd(
    seed: int, care: tuple[float, ...] = (0.9, 0.8, 0.7, 0.35), share: float = 0.6
) -> tuple[Answers, np.ndarray]:
    """People of different care on items of three classes, with the truth."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, SHAPE[1], SHAPE[0])
    asked = rng.random((SHAPE[0], len(care))) < share
    asked[np.arange(SHAPE[0]), rng.integers(0, len(care), SHAPE[0])] = True
    right = rng.random(asked.shape) < np.array(care)
    wrong = (truth[:, None] + rng.integers(1, SHAPE[1], asked.shape)) % SHAPE[1]
    items, people = np.nonzero(asked)
    labels = np.where(right, truth[:, None], wrong)[items, people]
    return Answers(items, people, labels, len(care)), truth


def model_of(truth: np.ndarray, right: float, seed: int = 0) -> np.ndarray:
    """A calibrated model that names the truth so often."""
    rng = np.random.default_rng(seed)
    hit = rng.random(len(truth)) < right
    named = np.where(hit, truth, (truth + rng.integers(1, 3, len(truth))) % 3)
    proba = np.full((len(truth), 3), (1 - right) / 2)
    proba[np.arange(len(truth)), named] = right
    return proba


def accuracy(found: Consensus, truth: np.ndarray) -> float:
    return float((found.labels == truth).mean())


@pytest.mark.parametrize("name", CONSENSUS)
@given(seed=st.integers(0, 50))
def test_every_rule_gives_probabilities(name: str, seed: int) -> None:
    answers, truth = crowd(seed)
    found = CONSENSUS[name](answers, model_of(truth, 0.7), SHAPE)
    assert found.proba.shape == SHAPE
    assert found.proba.sum(axis=1) == pytest.approx(np.ones(SHAPE[0]))
    assert (found.proba >= 0).all()


@pytest.mark.parametrize("name", CONSENSUS)
def test_who_is_called_how_does_not_matter(name: str) -> None:
    answers, truth = crowd(1)
    model = model_of(truth, 0.7)
    renamed = Answers(answers.items, 3 - answers.people, answers.labels, 4)
    same = CONSENSUS[name](answers, model, SHAPE).proba
    assert CONSENSUS[name](renamed, model, SHAPE).proba == pytest.approx(same, abs=1e-6)


@pytest.mark.parametrize("name", CONSENSUS)
def test_one_mind_is_followed(name: str) -> None:
    truth = np.arange(60) % 3
    everybody = Answers(np.repeat(np.arange(60), 3), np.tile(np.arange(3), 60), np.repeat(truth, 3), 3)
    found = CONSENSUS[name](everybody, np.full((60, 3), 1 / 3), (60, 3))
    assert (found.labels == truth).all()
    assert found.confidence.min() > 0.9


def test_a_tie_has_no_majority() -> None:
    answers = Answers(np.array([0, 0, 1]), np.array([0, 1, 0]), np.array([0, 1, 1]), 2)
    found = majority(answers, None, (3, 2))
    assert found.labels.tolist() == [-1, 1, -1]
    assert found.confidence.tolist() == [0.5, 1.0, 0.5]


def test_dawid_skene_beats_counting_where_people_differ() -> None:
    gains = []
    for seed in range(5):
        answers, truth = crowd(seed, (0.92, 0.9, 0.45, 0.4, 0.4))
        gains.append(
            accuracy(dawid_skene(answers, None, SHAPE), truth)
            - accuracy(majority(answers, None, SHAPE), truth)
        )
    assert np.mean(gains) > 0.05


def test_a_good_model_helps_where_answers_are_few() -> None:
    gains = []
    for seed in range(5):
        answers, truth = crowd(seed, (0.8, 0.7, 0.6), share=0.2)
        alone = accuracy(dawid_skene(answers, None, SHAPE), truth)
        gains.append(accuracy(with_model(answers, model_of(truth, 0.85, seed), SHAPE), truth) - alone)
    assert np.mean(gains) > 0.05


def test_a_model_that_knows_nothing_does_no_harm() -> None:
    losses = []
    for seed in range(5):
        answers, truth = crowd(seed)
        sure_of_nothing = np.random.default_rng(seed).dirichlet([0.2] * 3, SHAPE[0])
        alone = accuracy(dawid_skene(answers, None, SHAPE), truth)
        losses.append(alone - accuracy(with_model(answers, sure_of_nothing, SHAPE), truth))
    assert np.mean(losses) < 0.015


def test_without_a_model_it_is_dawid_skene() -> None:
    answers, _ = crowd(2)
    assert (with_model(answers, None, SHAPE).proba == dawid_skene(answers, None, SHAPE).proba).all()


def test_trust_follows_what_people_say() -> None:
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 3, 400)
    told, balance = np.eye(3)[truth] * 0.97 + 0.01, np.log(np.full(3, 1 / 3))
    everywhere = np.ones(400, dtype=bool)
    right = model_trust(np.log(model_of(truth, 0.8)), balance, told, everywhere)
    boast = model_trust(np.log(np.eye(3)[rng.permutation(truth)] * 0.97 + 0.01), balance, told, everywhere)
    assert right > 0.75
    assert boast < 0.1
    assert model_trust(np.log(told), balance, told[:0], np.zeros(400, dtype=bool)) == 1

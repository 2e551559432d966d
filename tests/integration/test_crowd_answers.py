"""Dawid and Skene's model on answers of people, against the figures that it is known for."""

from __future__ import annotations

import numpy as np
import pytest

from labeling.label_models import AutoModel, DawidSkeneModel, MajorityModel
from labeling.people.consensus import dawid_skene
from labeling.types import Answers as PeoplesAnswers
from labeling.types import LabelModel
from tests.crowd_data import answers_of

LEAST = {"bluebird": 0.89, "rte": 0.925, "web": 0.82, "SP": 0.91}
MAJORITY = {"bluebird": 0.759, "rte": 0.897, "web": 0.731, "SP": 0.886}


def accuracy(model: LabelModel, name: str) -> float:
    answers, rows, truth = answers_of(name)
    proba = model.fit(model.statistics(answers.votes)).predict_proba(answers.votes)[rows]
    top = np.isclose(proba, proba.max(axis=1, keepdims=True))
    return float((top[np.arange(len(truth)), truth] / top.sum(axis=1)).mean())


@pytest.mark.parametrize("name", LEAST)
def test_dawid_skene_reaches_its_known_accuracy(name: str) -> None:
    assert accuracy(DawidSkeneModel(), name) >= LEAST[name]


@pytest.mark.parametrize("name", LEAST)
def test_majority_is_where_others_found_it(name: str) -> None:
    assert accuracy(MajorityModel(), name) == pytest.approx(MAJORITY[name], abs=0.01)


@pytest.mark.parametrize("name", LEAST)
def test_auto_takes_dawid_skene_for_people(name: str) -> None:
    model = AutoModel()
    assert accuracy(model, name) >= LEAST[name]
    assert model.kind_ == "dawid_skene"


PUBLISHED = {"bluebird": 0.898, "rte": 0.928, "web": 0.826, "SP": 0.915}
"""What plain Dawid-Skene is known for on these answers."""


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_consensus_of_people_reaches_what_is_published(name: str) -> None:
    told, rows, truth = answers_of(name)
    items, people = np.nonzero(told.votes.hard != -1)
    labels = told.votes.hard[items, people].astype(np.int64)
    given = PeoplesAnswers(items, people, labels, len(told.votes.voters))
    found = dawid_skene(given, None, (len(told.items), len(told.classes)))
    assert round(float((found.labels[rows] == truth).mean()), 3) >= PUBLISHED[name]

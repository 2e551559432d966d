"""Who is suspected among real crowds, held against a truth that the numbers never see."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from labeling.people.agreement import cohen_kappa, cohen_parts
from labeling.people.quality import quality
from labeling.people.responses import Responses
from labeling.people.standard import said_by_others
from labeling.people.suspicion import Case, suspicions
from labeling.types import ABSTAIN, Answers
from tests.crowd_data import answers_of

ANSWERS = 50
"""From which on a person's own kappa with the truth is known well enough."""


@cache
def judged(name: str) -> list[tuple[float, tuple[str, ...]]]:
    """Give each busy worker's kappa with the truth, and what speaks against the worker."""
    told, rows, truth = answers_of(name)
    items, people = np.nonzero(told.votes.hard != ABSTAIN)
    labels = told.votes.hard[items, people].astype(np.int64)
    answers, k = Answers(items, people, labels, len(told.votes.voters)), len(told.classes)
    gold = np.full(len(told.items), ABSTAIN)
    gold[rows] = truth
    others = said_by_others(answers, (len(gold), k))
    nothing = np.full(len(answers), ABSTAIN)
    responses = Responses(answers, np.full(len(answers), np.nan), nothing, nothing)
    found = []
    for j in range(answers.n_people):
        own = (people == j) & (gold[items] != ABSTAIN)
        if own.sum() < ANSWERS:
            continue
        q = quality(responses, j, np.full(len(gold), ABSTAIN), others, others, k)
        [kappa] = cohen_kappa(cohen_parts(gold[items[own]], labels[own], k).sum(axis=0)[None])
        found.append((float(kappa), suspicions(Case(j, responses, others, q, told.classes, None))))
    return found


@pytest.mark.parametrize("name", ["rte", "SP", "bluebird", "web"])
def test_nobody_who_reads_well_is_said_to_guess(name: str) -> None:
    good = [said for kappa, said in judged(name) if kappa > 0.4]
    assert good
    assert not any("hardly depend" in line for said in good for line in said)


@pytest.mark.parametrize("name", ["rte", "SP", "bluebird", "web"])
def test_who_guesses_is_suspected(name: str) -> None:
    guessers = [said for kappa, said in judged(name) if kappa < 0.05]
    assert guessers
    assert sum(map(bool, guessers)) >= 0.8 * len(guessers)

"""What each answer is held against: a known class, else what the others say of the item."""

from __future__ import annotations

import numpy as np

from labeling.label_models.dawid_skene import DawidSkeneModel
from labeling.people.agreement import class_counts
from labeling.people.consensus import TIE, dawid_skene, person_votes
from labeling.people.responses import Responses, among
from labeling.types import ABSTAIN, Answers, Ints


def said_by_others(answers: Answers, shape: tuple[int, int]) -> Ints:
    """Give the class that everybody else's answers to the item make most probable, shape (a,); -1 without.

    The others are weighed as Dawid and Skene (1979) have it; the answer itself counts only where people's
    confusions are estimated. Where two classes are as probable, or nobody else answered, there is none.
    """
    if not len(answers):
        return np.empty(0, dtype=np.int64)
    votes = person_votes(answers, shape)
    fitted = DawidSkeneModel()
    fitted.fit(fitted.statistics(votes))
    together = np.log(np.maximum(fitted.predict_proba(votes), np.finfo(float).tiny))[answers.items]
    own = fitted.log_table_[answers.people, answers.labels]
    without = together - own
    two = np.partition(without, -2, axis=1)[:, -2:]
    several = class_counts(answers, *shape).sum(axis=1)[answers.items] >= 2
    known = several & (two[:, 1] - two[:, 0] > TIE)
    return np.where(known, without.argmax(axis=1), ABSTAIN)


def held_against(answers: Answers, checks: Ints, others: Ints) -> Ints:
    """Give what each answer is judged by, shape (a,): the item's known class, else the others'; -1 without.

    Parameters
    ----------
    checks : array of int, shape (m,)
        Classes known beforehand; -1 without.
    others : array of int, shape (a,)
        What ``said_by_others`` gives.
    """
    known = checks[answers.items]
    return np.where(known != ABSTAIN, known, others)


def unled(responses: Responses, checks: Ints, shape: tuple[int, int]) -> Ints:
    """Give what each answer is held against where suggestions are judged, shape (a,); -1 without.

    The item's known class, else what others say of it who saw no suggestion.
    """
    answers, blind = responses.answers, responses.blind
    seen = among(answers, blind)
    told = dawid_skene(seen, None, shape).labels if len(seen) else np.full(shape[0], ABSTAIN)
    answered = class_counts(seen, *shape).sum(axis=1) > 0
    others = np.where(answered, told, ABSTAIN)[answers.items]
    others[blind] = said_by_others(seen, shape)
    return held_against(answers, checks, others)

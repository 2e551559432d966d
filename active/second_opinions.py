"""Whether to ask about a new item or to ask another person about an answered one."""

from __future__ import annotations

import numpy as np

from labeling.types import Answers, Floats, Ints, OpinionScores, OpinionWeights

PRIOR_AGREEMENT = 0.9
"""How often people agree with each other before anything is known of them."""

PRIOR_COMPARISONS = 10.0
LEAST_ERROR = 0.01
LEAST_WEIGHT = 1e-6
SURE = 0.9
"""Probability from which a model's class counts as another person's answer."""


def consensus(answers: Answers, proba: Floats) -> Ints:
    """Give the class that most people named for each item; the model decides between equals.

    Parameters
    ----------
    answers : Answers
    proba : array of float, shape (m, k)
        By models that had not seen the answers; less than 1, so that it never outweighs a person.

    Returns
    -------
    array of int, shape (m,)
    """
    return np.asarray((counts(answers, proba.shape) + proba / 2).argmax(axis=1))


def counts(answers: Answers, shape: tuple[int, ...]) -> Floats:
    """Count how many people named each class of each item, shape (m, k)."""
    found = np.zeros(shape)
    np.add.at(found, (answers.items, answers.labels), 1)
    return found


def agreement_with_people(answers: Answers, shape: tuple[int, ...]) -> tuple[Floats, Floats]:
    """Count how often each person was compared with another one on an item, and agreed: two of (p,)."""
    named = counts(answers, shape)
    others = named.sum(axis=1)[answers.items] - 1
    same = named[answers.items, answers.labels] - 1
    return per_person(answers, same), per_person(answers, others)


def agreement_with_model(answers: Answers, proba: Floats) -> tuple[Floats, Floats]:
    """Count how often each person answered where the model is sure, and agreed with it: two of (p,)."""
    sure = proba.max(axis=1)[answers.items] >= SURE
    same = proba.argmax(axis=1)[answers.items] == answers.labels
    return per_person(answers, sure & same), per_person(answers, sure)


def per_person(answers: Answers, values: Floats) -> Floats:
    """Sum values of answers, shape (a,), over people, shape (p,)."""
    return np.asarray(np.bincount(answers.people, weights=values, minlength=answers.n_people), dtype=float)


def quality(answers: Answers, proba: Floats, prior_comparisons: float = PRIOR_COMPARISONS) -> Floats:
    """Estimate how far each person can be trusted, from agreement with others and with a model that is sure.

    Parameters
    ----------
    answers : Answers
    proba : array of float, shape (m, k)
        By models that had not seen the answers.
    prior_comparisons : float
        Comparisons that the expectation of nine agreements in ten weighs.

    Returns
    -------
    array of float, shape (p,), in [0, 1]
    """
    (same, compared), (confirmed, judged) = (
        agreement_with_people(answers, proba.shape),
        agreement_with_model(answers, proba),
    )
    expected = PRIOR_AGREEMENT * prior_comparisons
    return np.asarray((same + confirmed + expected) / (compared + judged + prior_comparisons))


def opinion_weights(answers: Answers, proba: Floats, trust: Floats) -> OpinionWeights:
    """Weigh people and model by how much less they err than who always names the commonest class.

    Parameters
    ----------
    answers : Answers
    proba : array of float, shape (m, k)
    trust : array of float, shape (p,)
        What ``quality`` gives.

    References
    ----------
    Goh & Mueller (2023), ActiveLab: active learning with re-labeling by multiple annotators; the weights are
    those of Goh, Tkachenko & Mueller (2022), CROWDLAB.
    """
    named = counts(answers, proba.shape)
    agreed = consensus(answers, proba)
    several = named.sum(axis=1) > 1
    judged = several if several.any() else np.ones(len(agreed), dtype=bool)
    commonest = np.bincount(agreed[judged], minlength=proba.shape[1]).argmax()
    baseline = max(float((agreed[judged] != commonest).mean()), LEAST_ERROR)
    error = float((proba[judged].argmax(axis=1) != agreed[judged]).mean())
    per_item = np.sqrt(len(answers) / len(agreed))
    share = named[np.arange(len(agreed)), agreed] / np.maximum(named.sum(axis=1), 1)
    likely = PRIOR_AGREEMENT * PRIOR_COMPARISONS + share[several].sum()
    return OpinionWeights(
        people=np.maximum(1 - (1 - trust) / baseline, LEAST_WEIGHT),
        model=float(max(1 - error / baseline, LEAST_WEIGHT) * per_item),
        agreement=float(likely / (PRIOR_COMPARISONS + several.sum())),
    )


def label_scores(answers: Answers, proba: Floats, weights: OpinionWeights) -> Floats:
    """Give how sure each answered item's label is, shape (m,): the lower, the more a second opinion brings.

    The probability of the consensus under a weighted mean of model and people, mixed with one more, average
    opinion that knows nothing: what is to be asked may say anything.
    """
    k = proba.shape[1]
    agreed = consensus(answers, proba)
    right = answers.labels == agreed[answers.items]
    said = np.where(right, weights.agreement, (1 - weights.agreement) / (k - 1))
    weight = weights.people[answers.people]
    asked = np.bincount(answers.items, weights=weight, minlength=len(proba))
    spoken = np.bincount(answers.items, weights=weight * said, minlength=len(proba))
    model = weights.model * proba[np.arange(len(proba)), agreed]
    average = weights.people.mean()
    return np.asarray((model + spoken + average / k) / (weights.model + asked + average))


def new_scores(proba: Floats, weights: OpinionWeights) -> Floats:
    """Give the same of items that nobody answered, shape (m,), from class probabilities, shape (m, k)."""
    average = weights.people.mean()
    return np.asarray(
        (weights.model * proba.max(axis=1) + average / proba.shape[1]) / (weights.model + average)
    )


def repeats(answers: Answers, answered: Floats, new: Floats) -> OpinionScores:
    """Score items that may be asked again and items that would be asked first, on one scale.

    Parameters
    ----------
    answers : Answers
        On m items.
    answered : array of float, shape (m, k)
        Their class probabilities by models that had not seen the answers.
    new : array of float, shape (b, k)
        Class probabilities of items that nobody answered.
    """
    trust = quality(answers, answered)
    weights = opinion_weights(answers, answered, trust)
    return OpinionScores(label_scores(answers, answered, weights), new_scores(new, weights), trust)


def second_opinions(answered: Floats, new: Floats, most: int) -> Ints:
    """Choose which answered items take the places of new ones: the lower score wins.

    Parameters
    ----------
    answered : array of float, shape (m,)
        Scores of items that may be asked again.
    new : array of float, shape (b,)
        Scores of the new items that would be asked.
    most : int
        How many places may go to answered items.

    Returns
    -------
    array of int
        Positions in ``answered``, the lowest score first.
    """
    order = np.argsort(answered, kind="stable")[: min(most, len(new))]
    worst = np.sort(new)[::-1][: len(order)]
    return np.asarray(order[answered[order] < worst])

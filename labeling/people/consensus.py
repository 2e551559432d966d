"""What the answers of several people to an item amount to: three rules, chosen by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from labeling.label_models.dawid_skene import DawidSkeneModel
from labeling.label_models.posterior import softmax
from labeling.people.agreement import answer_table, class_counts
from labeling.types import ABSTAIN, Answers, Floats, Ints, VoteMatrix

LEAST_PROBABILITY = 1e-6
MOST_TRUST = 1.0
"""A model is never trusted more than it trusts itself."""

TIE = 1e-9


@dataclass(frozen=True)
class Consensus:
    """What people's answers to m items amount to.

    Attributes
    ----------
    proba : array, shape (m, k)
        How probable each class is.
    """

    proba: Floats = field(repr=False)

    @property
    def labels(self) -> Ints:
        """The most probable class of each item, shape (m,); -1 where two are."""
        two = np.partition(self.proba, -2, axis=1)[:, -2:]
        return np.where(two[:, 1] - two[:, 0] > TIE, self.proba.argmax(axis=1), ABSTAIN)

    @property
    def confidence(self) -> Floats:
        """Probability of that class, shape (m,), in [1/k, 1]."""
        return np.asarray(self.proba.max(axis=1))


Rule = Callable[[Answers, Floats | None, tuple[int, int]], Consensus]


def majority(answers: Answers, model: Floats | None, shape: tuple[int, int]) -> Consensus:
    """Count every answer alike; an item without one has all classes alike."""
    counts = class_counts(answers, *shape)
    given = counts.sum(axis=1, keepdims=True)
    return Consensus(np.where(given > 0, counts / np.maximum(given, 1), 1 / shape[1]))


def dawid_skene(answers: Answers, model: Floats | None, shape: tuple[int, int]) -> Consensus:
    """Weigh every answer by how its giver confuses classes, estimated from all answers together.

    References
    ----------
    Dawid & Skene (1979), Maximum likelihood estimation of observer error-rates using the EM algorithm.
    """
    votes = person_votes(answers, shape)
    fitted = DawidSkeneModel()
    return Consensus(fitted.fit(fitted.statistics(votes)).predict_proba(votes))


def with_model(answers: Answers, model: Floats | None, shape: tuple[int, int]) -> Consensus:
    """Weigh people as ``dawid_skene`` does, with what a model says of each item as its prior.

    The model is a further voter where confusions are estimated, so that people who share no item can be told
    apart. In the result its probabilities are the prior of each item, flattened towards the class balance as
    far as people's answers contradict them; a model that knows nothing leaves ``dawid_skene``.

    Parameters
    ----------
    answers : Answers
    model : array, shape (m, k), optional
        Class probabilities by models that had not seen these answers; left out, it is ``dawid_skene``.
    shape : tuple of int
        (m, k).

    References
    ----------
    Goh, Tkachenko & Mueller (2022), CROWDLAB: people and a classifier in one consensus, each with the weight
    that their agreement earns; Raykar et al. (2010), Learning from crowds: the classifier as the prior of
    Dawid and Skene's model; Guo et al. (2017), temperature scaling.
    """
    if model is None:
        return dawid_skene(answers, None, shape)
    said = person_votes(answers, shape)
    guesses = model.argmax(axis=1).astype(np.int8)[:, None]
    fitted = DawidSkeneModel()
    fitted.fit(
        fitted.statistics(VoteMatrix(np.hstack([said.hard, guesses]), (*said.voters, "model"), shape[1]))
    )
    silent = np.full_like(guesses, ABSTAIN)
    people = VoteMatrix(np.hstack([said.hard, silent]), (*said.voters, "model"), shape[1])
    told = np.log(np.maximum(fitted.predict_proba(people), LEAST_PROBABILITY))
    log_balance = np.log(np.maximum(fitted.class_balance_, LEAST_PROBABILITY))
    log_model = np.log(np.maximum(model, LEAST_PROBABILITY))
    trust = model_trust(log_model, log_balance, softmax(told)[said.covered], said.covered)
    return Consensus(softmax(told + trust * (log_model - log_balance)))


def model_trust(
    log_model: Floats, log_balance: Floats, told: Floats, answered: npt.NDArray[np.bool_]
) -> float:
    """Give how far a model's probabilities hold against what people said, in [0, 1].

    The exponent, between the class balance at 0 and the model itself at 1, at which people's consensus is
    likeliest.

    Parameters
    ----------
    log_model : array, shape (m, k)
    log_balance : array, shape (k,)
    told : array, shape (a, k)
        People's consensus on the a items in the mask ``answered``.
    """
    if not answered.any():
        return MOST_TRUST
    from scipy.optimize import minimize_scalar  # takes long to load, which commands without it would pay

    lead = log_model[answered] - log_balance

    def surprise(exponent: float) -> float:
        prior = softmax(log_balance + exponent * lead)
        return -float((told * np.log(np.maximum(prior, LEAST_PROBABILITY))).sum())

    return float(minimize_scalar(surprise, bounds=(0, MOST_TRUST), method="bounded").x)


def person_votes(answers: Answers, shape: tuple[int, int]) -> VoteMatrix:
    """Give people's answers as votes: a person abstains on what others answered."""
    table = answer_table(answers, shape[0]).astype(np.int8)
    return VoteMatrix(table, tuple(f"person {j}" for j in range(answers.n_people)), shape[1])


CONSENSUS: dict[str, Rule] = {
    "majority": majority,
    "dawid_skene": dawid_skene,
    "with_model": with_model,
}

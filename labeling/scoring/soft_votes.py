"""Soft votes of language models: each is worth what people's labels bear out, alone and beside the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.special import log_softmax

from labeling.calibration.voter_confidence import PRIOR_ACCURACY, VoteAccuracy, fit_vote_accuracy, worth
from labeling.label_models.correlation import mean_likelihood
from labeling.label_models.posterior import log_likelihood
from labeling.types import ABSTAIN, Bools, Codes, Floats, GoldVotes, Ints, VoteMatrix

Confidence = Mapping[str, npt.NDArray[np.float32]]
"""How sure each language model called itself, by voter, shape (n,); NaN where it did not say."""

SOFT_FROM = 5
"""Judged votes' worth from which a voter is soft; with less it is weighed as any other."""

LOOKED_AT = 20_000
"""Rows of a pool, evenly spaced, on which models are compared with one another."""

LEAST_OVERLAP = 30

USUAL = np.array([0.8, 1.5])
SPREAD = np.array([0.2, 0.5])
"""Prior mean and deviation of the dependence where models agree, and where they do not: they fail on the same
items, so that together they are little more than one, and less than one where they contradict each other."""


@dataclass(frozen=True)
class SoftVoters:
    """What votes of language models are worth.

    Attributes
    ----------
    accuracy : mapping of str to VoteAccuracy
        By voter.
    groups : tuple of tuple of str
        Voters that count as one.
    dependence : array, shape (2,)
        Where all models that vote agree, and where they do not: the evidence of v of them is that of v
        independent ones over v to this power. 0 is independent, 1 counts v as one.
    """

    accuracy: Mapping[str, VoteAccuracy] = field(repr=False)
    groups: tuple[tuple[str, ...], ...]
    dependence: Floats

    def right(self, votes: VoteMatrix, confidence: Confidence) -> dict[str, Floats]:
        """Give P(vote is right) by voter, shape (n,); NaN where it abstains."""
        columns = {name: votes.hard[:, votes.voters.index(name)] for name in self.accuracy}
        return {name: self.accuracy[name].predict(hard, confidence[name]) for name, hard in columns.items()}

    def soften(self, votes: VoteMatrix, confidence: Confidence, balance: Floats) -> VoteMatrix:
        """Give the votes with the likelihoods of these voters.

        Parameters
        ----------
        votes : VoteMatrix
            Of n items; a voter's column may have been muted.
        confidence : mapping of str to array, shape (n,)
        balance : array, shape (k,)
            Of the classes, as the label model has it.
        """
        likely = self._likelihoods(votes, confidence, balance)
        power = _powers(self.dependence, *_company(votes, self.groups))[:, None]
        soft = {name: np.asarray(of_voter**power, dtype=np.float32) for name, of_voter in likely.items()}
        return VoteMatrix(
            votes.hard, votes.voters, votes.n_classes, votes.classes, soft={**votes.soft, **soft}
        )

    def _likelihoods(self, votes: VoteMatrix, confidence: Confidence, balance: Floats) -> dict[str, Floats]:
        return {
            name: vote_likelihood(votes.hard[:, votes.voters.index(name)], right, balance)
            for name, right in self.right(votes, confidence).items()
        }


def of_rows(confidence: Confidence, rows: Ints) -> Confidence:
    """Give the confidence on some of the items."""
    return {name: said[rows] for name, said in confidence.items()}


def vote_likelihood(hard: Codes, right: Floats, balance: Floats) -> Floats:
    """Turn votes that are right with some probability into likelihoods, shape (n, k), best class at 1.

    With the class balance they make the posterior that has this probability at the class that is named and
    shares the rest by the balance. Rows without a vote are zero.

    Parameters
    ----------
    hard : array of int8, shape (n,)
    right : array, shape (n,), in (0, 1)
        Where there is a vote.
    balance : array, shape (k,)
        Positive, sums to one.
    """
    cast = np.flatnonzero(hard != ABSTAIN)
    likely = np.zeros((len(hard), len(balance)))
    said, named = hard[cast], balance[hard[cast]]
    likely[cast] = ((1 - right[cast]) / (1 - named))[:, None]
    likely[cast, said] = right[cast] / named
    return np.asarray(likely / np.maximum(likely.max(axis=1, keepdims=True), 1e-300))


def expected_accuracies(votes: VoteMatrix, models: Sequence[str]) -> dict[str, float]:
    """Give what is expected of each model without labels: .9, or less where the others contradict it more.

    Models agree more often than they are right, so that agreement bounds what may be expected.

    Parameters
    ----------
    votes : VoteMatrix
        Of a pool's n items.
    models : sequence of str
        Voters that are language models.
    """
    sample = votes.hard[:: max(1, len(votes) // LOOKED_AT)]
    columns = {name: sample[:, votes.voters.index(name)] for name in models}
    return {
        name: min([PRIOR_ACCURACY, *(_agreement(said, columns[other]) for other in models if other != name)])
        for name, said in columns.items()
    }


def _agreement(a: Codes, b: Codes) -> float:
    """Give how often two voters agree where both vote; 1 where they hardly meet."""
    both = (a != ABSTAIN) & (b != ABSTAIN)
    return float((a == b)[both].mean()) if both.sum() >= LEAST_OVERLAP else 1.0


def fit_soft_voters(
    told: GoldVotes,
    confidence: Confidence,
    balance: Floats,
    groups: Sequence[Sequence[int]],
    expected: Mapping[str, float],
    multiplied: bool = True,
) -> SoftVoters | None:
    """Fit what language models' votes are worth to labelled items; None where too few votes are judged.

    A model that makes the same errors as a voter that is not soft counts by its hard vote.

    Parameters
    ----------
    told : GoldVotes
        Hard votes with labels, weighed by what each label stands for.
    confidence : mapping of str to array, shape (g,)
        Of the labelled items.
    balance : array, shape (k,)
    groups : sequence of sequence of int
        From ``find_groups``.
    expected : mapping of str to float
        From ``expected_accuracies``.
    multiplied : bool
        Whether the label model multiplies likelihoods; one that averages votes counts several as one anyway.
    """
    voters = told.votes.voters
    judged = {name: told.votes.hard[:, voters.index(name)] for name in confidence}
    accuracy = {
        name: fit_vote_accuracy(hard, confidence[name], told.labels, told.weight, expected[name])
        for name, hard in judged.items()
        if worth(told.weight[hard != ABSTAIN]) >= SOFT_FROM
    }
    named = [tuple(voters[j] for j in group) for group in groups]
    soft = tuple(group for group in named if all(name in accuracy for name in group))
    if not soft:
        return None
    found = SoftVoters({name: accuracy[name] for group in soft for name in group}, soft, np.zeros(2))
    if not multiplied:
        return found
    return replace(found, dependence=_dependence(found, told, confidence, balance))


def _dependence(found: SoftVoters, told: GoldVotes, confidence: Confidence, balance: Floats) -> Floats:
    """Fit the dependence to labels on items with several of the votes, by maximum a posteriori."""
    likely = found._likelihoods(told.votes, confidence, balance)
    merged = [mean_likelihood([likely[name] for name in group]) for group in found.groups]
    evidence = np.sum([log_likelihood(of_group) for of_group in merged], axis=0)
    count, agree = _company(told.votes, found.groups)
    rows, log_prior = np.arange(len(told)), np.log(balance)

    def loss(dependence: Floats) -> float:
        logits = _powers(dependence, count, agree)[:, None] * evidence + log_prior
        fits = log_softmax(logits, axis=1)[rows, told.labels]
        return float((((dependence - USUAL) / SPREAD) ** 2).sum() / 2 - told.weight @ fits)

    return np.asarray(minimize(loss, USUAL, method="L-BFGS-B").x)


def _company(votes: VoteMatrix, groups: Sequence[Sequence[str]]) -> tuple[Ints, Bools]:
    """Give how many of the groups vote on each item, and whether all their voters agree, shape (n,)."""
    columns = [[votes.voters.index(name) for name in group] for group in groups]
    speak = [(votes.hard[:, of_group] != ABSTAIN).any(axis=1) for of_group in columns]
    names = tuple(name for group in groups for name in group)
    together = VoteMatrix(votes.hard[:, np.concatenate(columns)], names, votes.n_classes)
    return np.sum(speak, axis=0), ~together.disputed


def _powers(dependence: Floats, count: Ints, agree: Bools) -> Floats:
    exponent = np.where(agree, dependence[0], dependence[1])
    return np.asarray(np.maximum(count, 1) ** -exponent)

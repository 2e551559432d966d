"""The label model of Dawid and Skene: a confusion matrix per voter."""

from __future__ import annotations

from typing import Self

import numpy as np

from labeling.label_models.evidence import Evidence, gather
from labeling.label_models.expectation_maximisation import (
    BALANCE_SMOOTHING,
    Parameters,
    class_shares,
    maximise,
)
from labeling.label_models.patterns import VotePatterns
from labeling.label_models.tables import TableModel, checked_shares, expected_accuracies
from labeling.types import Bools, Floats, GoldVotes

LEAST_PROBABILITY = 1e-12


class DawidSkeneModel(TableModel):
    """A confusion matrix per voter, by expectation-maximisation (Dawid & Skene, 1979).

    It starts from the soft majority, works in log space and is smoothed by a flat Dirichlet prior. Human
    labels are clamped, and all other items count too. That a voter abstains says nothing, but for the voter
    who only ever gives one answer: where it speaks at all is then all that it tells, and training reads its
    rate of speaking per class. Prediction adds up the votes that were cast alone.

    Parameters
    ----------
    smoothing : float, above 0
        Votes added to each voter and class, spread evenly over the answers.
    max_steps : int, at least 1
    tolerance : float
        Stops where a step lowers the loss per item by less.

    Attributes
    ----------
    losses_ : array, shape (steps,)
        Negative log posterior of the parameters, per item, after each step; never rises.
    """

    def __init__(self, *, smoothing: float = 1.0, max_steps: int = 200, tolerance: float = 1e-6) -> None:
        self.smoothing = smoothing
        self.max_steps = max_steps
        self.tolerance = tolerance

    def fit(
        self, statistics: VotePatterns, *, gold: GoldVotes | None = None, class_balance: Floats | None = None
    ) -> Self:
        """Fit to vote patterns; the class balance is estimated where it is not given.

        Raises
        ------
        ValueError
            There are no rows, gold is not among them, or ``class_balance`` is none.
        """
        evidence = gather(statistics, gold)
        fixed = None if class_balance is None else checked_shares(class_balance, statistics.n_classes)
        one_sided = speaks_one_class(statistics)
        found = maximise(
            evidence,
            lambda q: confusion_parameters(evidence, q, one_sided, self.smoothing, fixed),
            self.max_steps,
            self.tolerance,
        )
        self.log_table_ = found.parameters.log_table
        self.class_balance_ = found.parameters.balance
        self.weights_ = expected_accuracies(found.vote_counts)
        self.losses_ = found.losses
        self.remarks_ = _remarks(found.converged, self.max_steps, one_sided)
        return self


def speaks_one_class(statistics: VotePatterns) -> Bools:
    """Find voters who only ever give one and the same answer, mask of shape (m,)."""
    cast = np.asarray(statistics.indicators.sum(axis=0)).reshape(-1, statistics.n_classes)
    return np.asarray((cast > 0).sum(axis=1) == 1)


def confusion_parameters(
    evidence: Evidence, q: Floats, one_sided: Bools, smoothing: float, balance: Floats | None
) -> Parameters:
    """Give the parameters that maximise the expected log posterior at class probabilities ``q``, (r, k)."""
    votes, items = evidence.vote_counts(q), evidence.class_counts(q)
    log_table = np.log(confusion_matrices(votes, smoothing))
    log_prior = smoothing / evidence.n_classes * log_table[~one_sided].sum()
    log_silence = np.zeros((len(votes), evidence.n_classes))
    speaking, coverage = speaking_rates(votes[one_sided].sum(axis=1), items, smoothing)
    log_table[one_sided] = np.log(speaking)[:, None]
    log_silence[one_sided] = np.log1p(-speaking)
    log_prior += smoothing * (coverage * np.log(speaking) + (1 - coverage) * np.log1p(-speaking)).sum()
    if balance is None:
        balance = class_shares(items)
        log_prior += BALANCE_SMOOTHING * np.log(balance).sum()
    return Parameters(log_table, log_silence, balance, float(log_prior))


def confusion_matrices(vote_counts: Floats, smoothing: float) -> Floats:
    """Give P(vote | class, voter votes), shape (m, k, k), of expected counts by voter, vote and class."""
    smoothed = vote_counts + smoothing / vote_counts.shape[1]
    return np.asarray(smoothed / smoothed.sum(axis=1, keepdims=True))


def speaking_rates(votes: Floats, items: Floats, smoothing: float) -> tuple[Floats, Floats]:
    """Give P(voter votes | class), shape (o, k), and each voter's coverage, shape (o, 1).

    Parameters
    ----------
    votes : array, shape (o, k)
        Expected votes of a voter on the items of each class.
    items : array, shape (k,)
        Expected items per class.
    smoothing : float
        Items added to each class, on which the voter speaks as often as everywhere.
    """
    coverage = votes.sum(axis=1, keepdims=True) / items.sum()
    rates = (votes + smoothing * coverage) / (items + smoothing)
    return np.clip(rates, LEAST_PROBABILITY, 1 - LEAST_PROBABILITY), coverage


def _remarks(converged: bool, max_steps: int, one_sided: Bools) -> tuple[str, ...]:
    remarks = []
    if not converged:
        remarks.append(f"training has not converged in {max_steps} steps")
    if one_sided.any():
        remarks.append(
            f"{one_sided.sum()} of {len(one_sided)} voters only ever give one answer: this model reads them "
            "from where they speak, and can drift away from the majority there; naive_bayes does not"
        )
    return tuple(remarks)

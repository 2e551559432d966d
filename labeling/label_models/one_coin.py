"""The one-coin variant of Dawid and Skene's model: an accuracy per voter."""

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
from labeling.label_models.tables import TableModel, checked_shares, expected_accuracies, log_odds_table
from labeling.types import Floats, GoldVotes


class OneCoinModel(TableModel):
    """One accuracy per voter, errors even over the other classes (Li & Yu, 2014, homogeneous Dawid-Skene).

    Fewer parameters than a confusion matrix: for voters with few votes or many classes. Training as there.

    Parameters
    ----------
    smoothing : float, above 0
        Votes added to each voter, half of them right.
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
        found = maximise(
            evidence,
            lambda q: one_coin_parameters(evidence, q, self.smoothing, fixed),
            self.max_steps,
            self.tolerance,
        )
        self.log_table_ = found.parameters.log_table
        self.class_balance_ = found.parameters.balance
        self.weights_ = expected_accuracies(found.vote_counts)
        self.losses_ = found.losses
        word = f"training has not converged in {self.max_steps} steps"
        self.remarks_: tuple[str, ...] = () if found.converged else (word,)
        return self


def one_coin_parameters(
    evidence: Evidence, q: Floats, smoothing: float, balance: Floats | None
) -> Parameters:
    """Give the parameters that maximise the expected log posterior at class probabilities ``q``, (r, k)."""
    votes, k = evidence.vote_counts(q), evidence.n_classes
    right, cast = np.trace(votes, axis1=1, axis2=2), votes.sum(axis=(1, 2))
    accuracy = (right + smoothing / 2) / (cast + smoothing)
    log_prior = smoothing / 2 * (np.log(accuracy) + np.log1p(-accuracy)).sum()
    if balance is None:
        balance = class_shares(evidence.class_counts(q))
        log_prior += BALANCE_SMOOTHING * np.log(balance).sum()
    return Parameters(log_odds_table(accuracy, k), np.zeros((len(votes), k)), balance, float(log_prior))

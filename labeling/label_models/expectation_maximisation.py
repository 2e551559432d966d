"""Expectation-maximisation of a label model: steps, loss history and convergence."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Self

import numpy as np

from labeling.label_models.evidence import Evidence, gather
from labeling.label_models.patterns import VotePatterns
from labeling.label_models.tables import TableModel, checked_shares, expected_accuracies
from labeling.types import Floats, GoldVotes

BALANCE_SMOOTHING = 1.0
"""Items of each class that are added before class shares are taken."""


@dataclass(frozen=True)
class Parameters:
    """What one M-step finds.

    Parameters
    ----------
    log_table : array, shape (m, k, k)
        log P(voter j says a | class).
    log_silence : array, shape (m, k)
        log P(voter j abstains | class); zero where abstaining is held to say nothing.
    balance : array, shape (k,)
    log_prior : float
        Log density of the parameters' own prior, up to a constant.
    """

    log_table: Floats = field(repr=False)
    log_silence: Floats = field(repr=False)
    balance: Floats
    log_prior: float


@dataclass(frozen=True)
class Maximum:
    """Where expectation-maximisation ended.

    ``losses`` holds the negative log posterior of the parameters, per item, after each step; ``vote_counts``,
    shape (m, k, k), are the expected ones there.
    """

    parameters: Parameters
    vote_counts: Floats = field(repr=False)
    losses: Floats = field(repr=False)
    converged: bool


def maximise(
    evidence: Evidence, m_step: Callable[[Floats], Parameters], max_steps: int, tolerance: float
) -> Maximum:
    """Alternate M- and E-steps from the soft majority on (Dempster, Laird & Rubin, 1977).

    Parameters
    ----------
    evidence : Evidence
    m_step : callable
        From class probabilities, shape (r, k), to parameters.
    max_steps : int, at least 1
    tolerance : float
        Converged is where a step lowers the loss per item by less.
    """
    q, losses, converged = evidence.soft_majority(), [np.inf], False
    items = evidence.counts.sum()
    while not converged and len(losses) <= max_steps:
        parameters = m_step(q)
        q, loss = _expect(evidence, parameters)
        losses.append(loss / items)
        converged = losses[-2] - losses[-1] < tolerance
    return Maximum(parameters, evidence.vote_counts(q), np.array(losses[1:]), converged)


def likeliest_balance(evidence: Evidence, q: Floats, known: Floats | None) -> tuple[Floats, float]:
    """Give the class balance, shape (k,), at class probabilities ``q``, (r, k), and its log prior density.

    A known one stays; else each class has one item more than expected.
    """
    if known is not None:
        return known, 0.0
    smoothed = evidence.class_counts(q) + BALANCE_SMOOTHING
    balance = smoothed / smoothed.sum()
    return balance, float(BALANCE_SMOOTHING * np.log(balance).sum())


def _expect(evidence: Evidence, parameters: Parameters) -> tuple[Floats, float]:
    """Give class probabilities, shape (r, k), and the negative log posterior of the parameters."""
    silence = parameters.log_silence
    log_prior = np.log(parameters.balance) + silence.sum(axis=0)
    q, log_likelihood = evidence.expect(parameters.log_table - silence[:, None], log_prior)
    return q, -(log_likelihood + parameters.log_prior)


class MaximisedModel(TableModel):
    """A label model that is trained by expectation-maximisation, from the soft majority on, in log space.

    Human labels are clamped, and all other items count too.

    Parameters
    ----------
    smoothing : float, above 0
        Votes added to each voter: what the flat prior of its errors is worth.
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
        known = None if class_balance is None else checked_shares(class_balance, statistics.n_classes)
        m_step = self._m_step(statistics, evidence, known)
        found = maximise(evidence, m_step, self.max_steps, self.tolerance)
        self.log_table_ = found.parameters.log_table
        self.class_balance_ = found.parameters.balance
        self.weights_ = expected_accuracies(found.vote_counts)
        self.losses_ = found.losses
        word = f"training has not converged in {self.max_steps} steps"
        self.remarks_ = (*([] if found.converged else [word]), *self._warnings(statistics))
        return self

    @abstractmethod
    def _m_step(
        self, statistics: VotePatterns, evidence: Evidence, balance: Floats | None
    ) -> Callable[[Floats], Parameters]:
        """Give the step from class probabilities, shape (r, k), to parameters; ``balance`` where known."""

    def _warnings(self, statistics: VotePatterns) -> tuple[str, ...]:
        """Say what in these votes the model does not suit."""
        return ()

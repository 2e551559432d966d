"""Expectation-maximisation of a label model: steps, loss history and convergence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from labeling.label_models.evidence import Evidence
from labeling.types import Floats

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


def class_shares(class_counts: Floats) -> Floats:
    """Give shares of expected class counts, shape (k,), each with one item more."""
    smoothed = class_counts + BALANCE_SMOOTHING
    return np.asarray(smoothed / smoothed.sum())


def _expect(evidence: Evidence, parameters: Parameters) -> tuple[Floats, float]:
    """Give class probabilities, shape (r, k), and the negative log posterior of the parameters."""
    silence = parameters.log_silence
    log_prior = np.log(parameters.balance) + silence.sum(axis=0)
    q, log_likelihood = evidence.expect(parameters.log_table - silence[:, None], log_prior)
    return q, -(log_likelihood + parameters.log_prior)

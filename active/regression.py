"""Multinomial logistic regression that corrects experts instead of starting from nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize, minimize_scalar
from scipy.special import log_softmax, softmax

from labeling.types import Floats, Ints

WEIGHT_PENALTY = 0.1
EXPERT_PENALTY = 1.0
INTERCEPT_PENALTY = 0.05
TEMPERATURE_PENALTY = 5.0
MAX_ITERATIONS = 100
LOG_TEMPERATURE_BOUND = 3.0


@dataclass(frozen=True)
class Coefficients:
    """A fitted regression.

    Parameters
    ----------
    experts : array of float64, shape (e,)
        Weight of each expert, at least 0.
    intercept : array of float64, shape (k,)
    weights : array of float64, shape (d, k)
    """

    experts: Floats
    intercept: Floats
    weights: Floats

    def logits(self, features: Floats, experts: Floats | None = None) -> Floats:
        """Give logits, shape (n, k), of features (n, d) and expert log-probabilities (n, e, k)."""
        linear = features @ self.weights.astype(features.dtype) + self.intercept
        return linear if experts is None else linear + np.einsum("e,nek->nk", self.experts, experts)

    def flat(self) -> Floats:
        """Give all parameters as one vector: experts, intercept, weights."""
        return np.concatenate([self.experts, self.intercept, self.weights.ravel()])

    @classmethod
    def of_flat(cls, flat: Floats, n_experts: int, n_classes: int) -> Coefficients:
        """Take apart what ``flat`` joined."""
        experts, intercept, weights = np.split(flat, [n_experts, n_experts + n_classes])
        return cls(experts, intercept, weights.reshape(-1, n_classes))


def loss_and_gradient(
    flat: Floats, features: Floats, experts: Floats, targets: Floats, expert_prior: Floats
) -> tuple[float, Floats]:
    """Give the penalised negative log-likelihood and its gradient.

    ``logits = sum_e a_e experts_e + X W + b`` with penalty
    ``.1/2 |W|² + 1/2 |a - expert_prior|² + .05/2 |b|²``.

    Parameters
    ----------
    flat : array of float64, shape (e + k + d k,)
        As of ``Coefficients.flat``.
    features : array of float64, shape (n, d)
    experts : array of float64, shape (n, e, k)
        Log-probabilities, centred.
    targets : array of float64, shape (n, k)
        Class probabilities to learn; rows sum to one.
    expert_prior : array of float64, shape (e,)
    """
    now = Coefficients.of_flat(flat, len(expert_prior), targets.shape[1])
    log_p = log_softmax(now.logits(features, experts), axis=1)
    excess = now.experts - expert_prior
    penalty = (
        WEIGHT_PENALTY * np.sum(now.weights**2)
        + EXPERT_PENALTY * np.sum(excess**2)
        + INTERCEPT_PENALTY * np.sum(now.intercept**2)
    )
    residual = np.exp(log_p) - targets
    gradient = Coefficients(
        np.einsum("nk,nek->e", residual, experts) + EXPERT_PENALTY * excess,
        residual.sum(axis=0) + INTERCEPT_PENALTY * now.intercept,
        features.T @ residual + WEIGHT_PENALTY * now.weights,
    )
    return float(penalty / 2 - np.sum(targets * log_p)), gradient.flat()


def fit_regression(
    features: Floats,
    targets: Floats,
    experts: Floats | None = None,
    expert_prior: Sequence[float] = (),
) -> Coefficients:
    """Fit by L-BFGS-B with expert weights bounded below by zero.

    Parameters
    ----------
    features : array of float, shape (n, d)
        n may be 0: then the experts stand as their prior weighs them.
    targets : array of float, shape (n, k)
        Class probabilities; one-hot for human labels.
    experts : array of float, shape (n, e, k), optional
    expert_prior : sequence of float, length e
        Where the expert weights start and are pulled to.
    """
    (n, d), k, e = features.shape, targets.shape[1], len(expert_prior)
    prior = np.asarray(expert_prior, dtype=np.float64)
    offsets = np.zeros((n, 0, k)) if experts is None else experts.astype(np.float64)
    start = Coefficients(prior, np.zeros(k), np.zeros((d, k)))
    found = minimize(
        loss_and_gradient,
        start.flat(),
        args=(features.astype(np.float64), offsets, targets.astype(np.float64), prior),
        jac=True,
        method="L-BFGS-B",
        bounds=[(0, None)] * e + [(None, None)] * (k + d * k),
        options={"maxiter": MAX_ITERATIONS},
    )
    return Coefficients.of_flat(found.x, e, k)


def fit_temperature(logits: Floats, labels: Ints) -> float:
    """Find the temperature that makes held-out logits honest, pulled to 1 by ``5 (log T)²``.

    Parameters
    ----------
    logits : array of float, shape (n, k)
        Out-of-fold: of models that did not see the row.
    labels : array of int, shape (n,)

    References
    ----------
    Guo et al. (2017), On calibration of modern neural networks.
    """

    def loss(log_t: float) -> float:
        log_p = log_softmax(logits / np.exp(log_t), axis=1)
        return float(TEMPERATURE_PENALTY * log_t**2 - log_p[np.arange(len(labels)), labels].sum())

    bounds = (-LOG_TEMPERATURE_BOUND, LOG_TEMPERATURE_BOUND)
    return float(np.exp(minimize_scalar(loss, bounds=bounds, method="bounded").x))


def probabilities(logits: Floats, temperature: float) -> Floats:
    """Give class probabilities, shape (n, k), float64, of logits at a temperature."""
    return np.asarray(softmax(logits.astype(np.float64) / temperature, axis=1))

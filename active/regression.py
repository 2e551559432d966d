"""Multinomial logistic regression that corrects experts instead of starting from nothing."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import minimize
from scipy.special import log_softmax

from labeling.types import Floats

WEIGHT_PENALTY = 0.1
INTERCEPT_PENALTY = 0.05
MAX_ITERATIONS = 100


@dataclass(frozen=True)
class Trust:
    """What is thought of experts before any label: a normal prior of their weights.

    Parameters
    ----------
    means : array of float64, shape (e,), at least 0
        Where the weights start and are pulled to.
    precisions : array of float64, shape (e,), at least 0
        How hard.
    """

    means: Floats
    precisions: Floats

    def __len__(self) -> int:
        return len(self.means)


NOBODY = Trust(np.empty(0), np.empty(0))


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
    flat: Floats, features: Floats, experts: Floats, targets: Floats, weights: Floats, trust: Trust
) -> tuple[float, Floats]:
    """Give the penalised negative log-likelihood and its gradient.

    ``logits = sum_e a_e experts_e + X W + b`` with penalty
    ``.1/2 |W|² + 1/2 sum_e precision_e (a_e - mean_e)² + .05/2 |b|²``.

    Parameters
    ----------
    flat : array of float64, shape (e + k + d k,)
        As of ``Coefficients.flat``.
    features : array of float64, shape (n, d)
    experts : array of float64, shape (n, e, k)
        Log-probabilities, centred.
    targets : array of float64, shape (n, k)
        Class probabilities to learn; rows sum to one.
    weights : array of float64, shape (n,)
        What each row counts.
    trust : Trust
        Of e experts.
    """
    now = Coefficients.of_flat(flat, len(trust), targets.shape[1])
    log_p = log_softmax(now.logits(features, experts), axis=1)
    excess = now.experts - trust.means
    penalty = (
        WEIGHT_PENALTY * np.sum(now.weights**2)
        + np.sum(trust.precisions * excess**2)
        + INTERCEPT_PENALTY * np.sum(now.intercept**2)
    )
    residual = weights[:, None] * (np.exp(log_p) - targets)
    gradient = Coefficients(
        np.einsum("nk,nek->e", residual, experts) + trust.precisions * excess,
        residual.sum(axis=0) + INTERCEPT_PENALTY * now.intercept,
        features.T @ residual + WEIGHT_PENALTY * now.weights,
    )
    return float(penalty / 2 - weights @ np.sum(targets * log_p, axis=1)), gradient.flat()


def fit_regression(
    features: Floats,
    targets: Floats,
    experts: Floats | None = None,
    trust: Trust = NOBODY,
    weights: Floats | None = None,
) -> Coefficients:
    """Fit by L-BFGS-B with expert weights bounded below by zero.

    Parameters
    ----------
    features : array of float, shape (n, d)
        n may be 0: then the experts stand as they are trusted.
    targets : array of float, shape (n, k)
        Class probabilities; one-hot for human labels.
    experts : array of float, shape (n, e, k), optional
        Log-probabilities, centred.
    trust : Trust
        Of the e experts.
    weights : array of float, shape (n,), positive, optional
        What each row counts; ones if left out.
    """
    (n, k), e = targets.shape, len(trust)
    offsets = np.zeros((n, 0, k)) if experts is None else experts.astype(np.float64)
    counts = np.ones(n) if weights is None else np.asarray(weights, dtype=np.float64)
    coordinates, basis = spanned(features.astype(np.float64))
    start = Coefficients(trust.means, np.zeros(k), np.zeros((coordinates.shape[1], k)))
    found = minimize(
        loss_and_gradient,
        start.flat(),
        args=(coordinates, offsets, targets.astype(np.float64), counts, trust),
        jac=True,
        method="L-BFGS-B",
        bounds=[(0, None)] * e + [(None, None)] * (k + start.weights.size),
        options={"maxiter": MAX_ITERATIONS},
    )
    fitted = Coefficients.of_flat(found.x, e, k)
    return fitted if basis is None else replace(fitted, weights=basis @ fitted.weights)


def spanned(rows: Floats) -> tuple[Floats, Floats | None]:
    """Give rows, shape (n, d), in n coordinates of the space that they span, with its basis, shape (d, n).

    Weights under a ridge penalty lie in that space, so nothing is lost. Where d <= n, rows stay as they are.
    """
    if rows.shape[1] <= len(rows) or not len(rows):
        return rows, None
    basis, coordinates = np.linalg.qr(rows.T)
    return np.asarray(coordinates.T), np.asarray(basis)

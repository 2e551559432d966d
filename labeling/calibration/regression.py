"""Multinomial regression of human labels on a posterior: a scale and an intercept per class."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from scipy.optimize import minimize
from scipy.special import log_softmax, softmax

from labeling.types import Bools, Floats, Ints

LEAST_PROBABILITY = 1e-12
SCALE_SPREAD = 1.0
INTERCEPT_SPREAD = 1.5
"""Prior standard deviations of log scale and intercepts: few labels move a posterior little."""

NO_INTERCEPTS = 1e-4
"""Spread at which intercepts stay at zero."""


@dataclass(frozen=True)
class Recalibration:
    """Logits ``scale * log p + intercepts``; ``blank_intercepts`` come on top where nobody voted.

    Attributes
    ----------
    scale : float, above 0
        Below 1 where the posterior is too sure: one over the temperature.
    intercepts, blank_intercepts : array, shape (k,)
    covariance : array, shape (2 k + 1, 2 k + 1)
        Of (log scale, intercepts, blank intercepts), by Laplace's approximation.
    """

    scale: float
    intercepts: Floats
    blank_intercepts: Floats
    covariance: Floats = field(repr=False)

    def logits(self, log_p: Floats, blank: Bools) -> Floats:
        """Give logits, shape (n, k), of log posteriors, shape (n, k), of rows with and without votes."""
        return _logits(self._packed, log_p, blank)

    def predict(self, log_p: Floats, blank: Bools) -> Floats:
        """Give probabilities, shape (n, k)."""
        return np.asarray(softmax(self.logits(log_p, blank), axis=1))

    def mean_and_gradient(self, log_p: Floats, blank: Bools) -> tuple[Floats, Floats]:
        """Give the mean probability, shape (k,), and its derivative by each parameter, (k, 2 k + 1)."""
        p = self.predict(log_p, blank)
        weights = np.full(len(p), 1 / len(p))
        return p.mean(axis=0), _slopes(p, self.scale * log_p, blank, weights)

    @property
    def _packed(self) -> Floats:
        return np.concatenate([[np.log(self.scale)], self.intercepts, self.blank_intercepts])


def log_probabilities(proba: Floats) -> Floats:
    """Give centred log probabilities, shape (n, k); what is below 1e-12 counts as that."""
    log_p = np.log(np.maximum(proba, LEAST_PROBABILITY))
    return np.asarray(log_p - log_p.mean(axis=1, keepdims=True))


def fit_recalibration(
    log_p: Floats,
    labels: Ints,
    blank: Bools | None = None,
    weights: Floats | None = None,
    *,
    intercept_spread: float = INTERCEPT_SPREAD,
    scale_spread: float = SCALE_SPREAD,
) -> Recalibration:
    """Fit by maximum a posteriori: the prior says that the posterior is right as it is.

    This is vector scaling with one common scale; without intercepts it is temperature scaling (Guo et al.,
    2017). Labels that were chosen by the posterior itself do not bias it.

    Parameters
    ----------
    log_p : array, shape (g, k)
        From ``log_probabilities``.
    labels : array of int, shape (g,)
    blank : mask, shape (g,), optional
        Rows without a vote, which have intercepts of their own.
    weights : array, shape (g,), optional
    intercept_spread : float, above 0
        Prior standard deviation of the intercepts.
    scale_spread : float, above 0
        That of the log scale: small where labels made the posterior already.
    """
    g, k = log_p.shape
    blank = np.zeros(g, dtype=bool) if blank is None else blank
    weights = np.ones(g) if weights is None else weights
    precision = _precision(k, intercept_spread, scale_spread)
    found = minimize(
        _loss, np.zeros(2 * k + 1), (log_p, labels, blank, weights, precision), jac=True, method="L-BFGS-B"
    ).x
    scale = float(np.exp(found[0]))
    p = softmax(_logits(found, log_p, blank), axis=1)
    information = _information(p, scale * log_p, blank, weights) + np.diag(precision)
    return Recalibration(scale, found[1 : k + 1], found[k + 1 :], np.linalg.inv(information))


def _precision(k: int, intercept_spread: float, scale_spread: float = SCALE_SPREAD) -> Floats:
    return np.concatenate([[scale_spread**-2], np.full(2 * k, intercept_spread**-2)])


def _logits(packed: Floats, log_p: Floats, blank: Bools) -> Floats:
    k = log_p.shape[1]
    return np.asarray(np.exp(packed[0]) * log_p + packed[1 : k + 1] + blank[:, None] * packed[k + 1 :])


def _loss(
    packed: Floats, log_p: Floats, labels: Ints, blank: Bools, weights: Floats, precision: Floats
) -> tuple[float, Floats]:
    """Give the penalised log-loss with its gradient."""
    log_q = log_softmax(_logits(packed, log_p, blank), axis=1)
    rows = np.arange(len(labels))
    residual = np.exp(log_q) * weights[:, None]
    residual[rows, labels] -= weights
    gradient = [[np.exp(packed[0]) * (residual * log_p).sum()], residual.sum(axis=0), blank @ residual]
    loss = -(weights * log_q[rows, labels]).sum() + (precision * packed**2).sum() / 2
    return float(loss), np.concatenate(gradient) + precision * packed


def _slopes(p: Floats, scaled: Floats, blank: Bools, weights: Floats) -> Floats:
    """Give the weighted sum of d p / d parameters, shape (k, 2 k + 1)."""
    by_scale = weights @ (p * (scaled - (p * scaled).sum(axis=1, keepdims=True)))
    return np.column_stack([by_scale, _spread(p, weights), _spread(p, weights * blank)])


def _information(p: Floats, scaled: Floats, blank: Bools, weights: Floats) -> Floats:
    """Give the expected information of the parameters, shape (2 k + 1, 2 k + 1)."""
    slopes = _slopes(p, scaled, blank, weights)
    blank_slopes = _slopes(p, scaled, blank, weights * blank)
    variance = (p * scaled**2).sum(axis=1) - (p * scaled).sum(axis=1) ** 2
    first = np.concatenate([[weights @ variance], slopes[:, 0], blank_slopes[:, 0]])
    return np.vstack([first, slopes, blank_slopes])


def _spread(p: Floats, weights: Floats) -> Floats:
    """Give the weighted sum of diag(p) - p p', shape (k, k)."""
    return np.asarray(np.diag(weights @ p) - (p * weights[:, None]).T @ p)

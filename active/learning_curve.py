"""How accurate labels are, from uniform answers alone: the difference estimator with its interval.

What a model gets right among rows that selection chose says nothing of the pool: they were chosen because it
is often wrong there. Uniform answers are few; so the model's own confidence over the whole pool carries the
estimate, and they say how far that confidence is off.
"""

from __future__ import annotations

import numpy as np
from scipy.special import expit, logit
from scipy.stats import t

from labeling.types import CurvePoint, Floats, UniformAnswers

NEEDED = 20
"""Uniform answers below which nothing is said."""

TAIL = 0.025
"""What lies beyond either end of an interval."""

SHIFTS = np.linspace(-16.0, 16.0, 801)
SURE = 1e-3
"""How close to 0 or 1 a confidence may come where the spread of its residual is computed."""


def residual_quantiles(right: Floats, confidence: Floats, z: Floats) -> Floats:
    """Give quantiles of the confidence distribution of the mean residual, right minus believed.

    The score test is inverted: a mean residual is compatible with what was seen if it lies within ``z``
    standard errors *of that hypothesis*, in which all log odds are shifted alike. With one and the same
    confidence everywhere this is Wilson's interval, which stays honest where nothing was seen to be wrong.

    Parameters
    ----------
    right : array of float, shape (u,), in [0, 1]
    confidence : array of float, shape (u,), in [0, 1]
    z : array of float, shape (q,)
        Quantiles of the standard normal distribution.

    Returns
    -------
    array of float, shape (q,)
        Ascending in ``z``; 0 gives about the mean residual.

    References
    ----------
    Wilson (1927), Probable inference, the law of succession, and statistical inference. Särndal, Swensson &
    Wretman (1992), Model assisted survey sampling, of the difference estimator.
    """
    odds = logit(np.clip(confidence, SURE, 1 - SURE))
    shifted = expit(odds[None, :] + SHIFTS[:, None])
    means = shifted.mean(axis=1) - confidence.mean()
    residuals = right - confidence
    variance = (shifted * (1 - shifted)).mean(axis=1)
    # Where confidence is off in different ways, residuals scatter more than one shift explains.
    unexplained = residuals.var() - np.interp(residuals.mean(), means, variance)
    variance = variance + max(float(unexplained), 0.0)
    scores = (means - residuals.mean()) / np.sqrt(variance / len(right))
    return np.asarray(np.interp(z, scores, means))


def unlabelled_accuracy(confidence: float, answers: UniformAnswers) -> float:
    """Estimate the accuracy on unlabelled items: their mean confidence plus the mean residual, in [0, 1]."""
    return float(np.clip(confidence + (answers.right - answers.confidence).mean(), 0, 1))


def unlabelled_accuracy_quantiles(confidence: float, answers: UniformAnswers, shares: Floats) -> Floats:
    """Give quantiles, shape (q,), in [0, 1], of the confidence distribution of that accuracy.

    Parameters
    ----------
    confidence : float
        Mean over the unlabelled items.
    answers : UniformAnswers
        At least two.
    shares : array of float, shape (q,), in (0, 1)
    """
    z = t.ppf(shares, len(answers) - 1)
    return np.clip(confidence + residual_quantiles(answers.right, answers.confidence, z), 0, 1)


def curve_point(labels: int, confidence: float, items: int, answers: UniformAnswers) -> CurvePoint:
    """Estimate the accuracy over a pool, its labelled items taken as right, with a 95 % interval.

    Parameters
    ----------
    labels : int
        Labelled items.
    confidence : float
        Mean over the others.
    items : int
        All of them.
    answers : UniformAnswers
        With what models said of them that had not learnt from them.
    """
    middle = unlabelled_accuracy(confidence, answers)
    low, high = unlabelled_accuracy_quantiles(confidence, answers, np.array([TAIL, 1 - TAIL]))
    machine = max(1 - labels / items, 0.0)
    shares = (middle, min(float(low), middle), max(float(high), middle))
    return CurvePoint(labels, *(1 - machine * (1 - share) for share in shares))

"""The share of each class in a pool, from human labels on items that were not chosen at random."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import expit, logit
from scipy.stats import norm

from labeling.calibration.regression import fit_recalibration, log_probabilities
from labeling.calibration.selection import trust
from labeling.types import ABSTAIN, Bools, Floats, PoolGold

CONFIDENCE = 0.95
LEAST_SHARE = 1e-6

BALANCE_SPREAD = 3.0
"""Prior standard deviation of intercepts: votes are further off in shares than in single items."""


@dataclass(frozen=True)
class ClassBalance:
    """Shares of the classes with 95 % intervals, each of shape (k,), and the number of labels behind."""

    shares: Floats
    low: Floats
    high: Floats
    labelled: int


def estimate_class_balance(posterior: Floats, gold: PoolGold, covered: Bools) -> ClassBalance:
    """Estimate the class balance of a pool from human labels, corrected for how they were selected.

    The labels recalibrate the posterior, and its mean over all items is the estimate: a model-assisted
    estimator (Särndal, Swensson & Wretman, 1992). Items that were chosen by votes and posterior, such as the
    uncertain ones, do not bias it, while their plain share of a class is biased; as choosing looks at
    content too, a chosen label counts less than a drawn one. Intervals count the uncertainty of the
    recalibration and that of the labels not known, on the logit scale.

    Parameters
    ----------
    posterior : array, shape (n, k)
        A label model's, which has not seen the labels.
    gold : PoolGold
        At least one label.
    covered : mask, shape (n,)
        Items with a vote.

    Raises
    ------
    ValueError
        Nothing is labelled.
    """
    n, k = posterior.shape
    rows, told = gold.rows, gold.told
    if not len(rows):
        raise ValueError("a class balance needs labels")
    counts = np.bincount(told, minlength=k)
    if len(rows) == n:
        return _exact(counts)
    log_p, blank, rest = log_probabilities(posterior), ~covered, gold.labels == ABSTAIN
    fitted = fit_recalibration(log_p[rows], told, blank[rows], trust(gold), intercept_spread=BALANCE_SPREAD)
    mean, gradient = fitted.mean_and_gradient(log_p[rest], blank[rest])
    shares = np.maximum(rest.mean() * mean + counts / n, LEAST_SHARE)
    of_model = np.einsum("ci,ij,cj->c", gradient, fitted.covariance, gradient)
    of_labels = mean * (1 - mean) / rest.sum()
    low, high = _interval(shares, rest.mean() * np.sqrt(of_model + of_labels))
    return ClassBalance(shares / shares.sum(), low, high, len(rows))


def _interval(shares: Floats, errors: Floats) -> tuple[Floats, Floats]:
    """Give the 95 % interval of each share by its standard error, on the logit scale."""
    inner = np.clip(shares, LEAST_SHARE, 1 - LEAST_SHARE)
    half = norm.ppf((1 + CONFIDENCE) / 2) * errors / (inner * (1 - inner))
    return np.asarray(expit(logit(inner) - half)), np.asarray(expit(logit(inner) + half))


def _exact(counts: npt.NDArray[np.integer]) -> ClassBalance:
    shares = np.maximum(counts / counts.sum(), LEAST_SHARE)
    shares /= shares.sum()
    return ClassBalance(shares, shares, shares, int(counts.sum()))

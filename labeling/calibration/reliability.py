"""How far probabilities can be trusted: reliability by confidence, with intervals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from labeling.intervals import wilson_interval
from labeling.types import Bools, Floats, Ints

BINS = 10
JUDGED_FROM = 20
"""Labelled items with a vote from which a label model is held against people."""

RESAMPLES = 500


@dataclass(frozen=True)
class Reliability:
    """Confidence against accuracy in bins of equal width, empty ones left out.

    Attributes
    ----------
    confidence, accuracy, low, high, share : tuple of float, length b
        Mean confidence, accuracy with its 95 % interval, and the bin's share of the pool.
    error, error_low, error_high : float
        Expected calibration error with its 95 % interval, in [0, 1].
    labelled : int
    """

    confidence: tuple[float, ...]
    accuracy: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    share: tuple[float, ...]
    error: float
    error_low: float
    error_high: float
    labelled: int

    def to_dict(self) -> dict[str, Any]:
        """Give a JSON-ready mapping."""
        bins = zip(self.confidence, self.accuracy, self.low, self.high, self.share, strict=True)
        keys = ("confidence", "accuracy", "low", "high", "share")
        return {
            "ece": round(self.error, 6),
            "ece_low": round(self.error_low, 6),
            "ece_high": round(self.error_high, 6),
            "labelled": self.labelled,
            "bins": [{key: round(v, 6) for key, v in zip(keys, values, strict=True)} for values in bins],
        }


def measure_reliability(
    proba: Floats, labels: Ints, weights: Floats | None = None, *, seed: int = 0
) -> Reliability:
    """Measure how far the probability of the most probable class can be trusted.

    Parameters
    ----------
    proba : array, shape (g, k)
        By a model that has not seen the labels.
    labels : array of int, shape (g,), g at least 1
    weights : array, shape (g,), optional
        What each label stands for.
    seed : int
        Of the bootstrap.
    """
    weights = np.ones(len(labels)) if weights is None else weights
    return judge_confidence(proba.max(axis=1), proba.argmax(axis=1) == labels, weights, seed=seed)


def judge_confidence(confidence: Floats, right: Bools, weights: Floats, *, seed: int = 0) -> Reliability:
    """Measure how far confidence can be trusted.

    Parameters
    ----------
    confidence : array, shape (g,), in [0, 1]
    right : mask, shape (g,), g at least 1
        Whether what was said with that confidence is so.
    weights : array, shape (g,)
        What each label stands for.
    seed : int
        Of the bootstrap.
    """
    mean, accuracy, mass, effective = reliability_bins(confidence, right, weights)
    low, high = wilson_interval(accuracy * effective, effective)
    error, error_low, error_high = error_interval(confidence, right, weights, seed)
    return Reliability(
        confidence=tuple(mean.tolist()),
        accuracy=tuple(accuracy.tolist()),
        low=tuple(low.tolist()),
        high=tuple(high.tolist()),
        share=tuple((mass / mass.sum()).tolist()),
        error=error,
        error_low=error_low,
        error_high=error_high,
        labelled=len(right),
    )


def reliability_bins(
    confidence: Floats, right: Floats | Bools, weights: Floats, bins: int = BINS
) -> tuple[Floats, Floats, Floats, Floats]:
    """Give mean confidence, accuracy, mass and effective number of each bin that is not empty.

    Bins are of equal width over [0, 1], open below; the effective number is Kish's (1965).
    """
    place = np.clip(np.ceil(confidence * bins).astype(int) - 1, 0, bins - 1)
    mass = np.bincount(place, weights, minlength=bins)
    full = mass > 0
    mean = np.bincount(place, weights * confidence, minlength=bins)[full] / mass[full]
    accuracy = np.bincount(place, weights * right, minlength=bins)[full] / mass[full]
    squares = np.bincount(place, weights**2, minlength=bins)[full]
    number = np.asarray(mass[full], dtype=float)
    return mean, accuracy, number, number**2 / squares


def calibration_error(confidence: Floats, right: Floats | Bools, weights: Floats, bins: int = BINS) -> float:
    """Give the expected calibration error: |accuracy - confidence| averaged over the mass of the bins."""
    mean, accuracy, mass, _ = reliability_bins(confidence, right, weights, bins)
    return float(np.abs(accuracy - mean) @ mass / mass.sum())


def error_interval(
    confidence: Floats, right: Floats | Bools, weights: Floats, seed: int, resamples: int = RESAMPLES
) -> tuple[float, float, float]:
    """Give the calibration error with a 95 % interval, by the basic bootstrap.

    Chance alone makes an error, and more of it in a resample: the basic interval takes that off again.
    """
    rng = np.random.default_rng(seed)
    error = calibration_error(confidence, right, weights)
    draws = rng.integers(len(right), size=(resamples, len(right)))
    again = [calibration_error(confidence[d], right[d], weights[d]) for d in draws]
    low, high = np.quantile(again, [0.025, 0.975])
    return error, float(max(0.0, 2 * error - high)), float(min(1.0, max(error, 2 * error - low)))

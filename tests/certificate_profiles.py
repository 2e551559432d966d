"""Populations of which the power of a certificate is known: what scorers predict, and what is wrong."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binom

UNITS = 10_000
SMOOTHED = 100

Floats = NDArray[np.floating]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Profile:
    """Error probabilities from a beta distribution, ranked by a score that is ``blurred`` in log-odds."""

    mean: float
    spread: float
    blurred: float = 0.0

    def draw(self, seed: int) -> tuple[Floats, Floats]:
        """Give the true and the predicted error probabilities, shape (n,), safest unit first."""
        rng = np.random.default_rng(seed)
        true = rng.beta(self.mean * self.spread, (1 - self.mean) * self.spread, UNITS)
        if not self.blurred:
            true = np.sort(true)
            return true, true
        score = np.log(true / (1 - true) + 1e-12) + self.blurred * rng.normal(size=UNITS)
        true = true[np.argsort(score)]
        return true, calibrated(true)


def calibrated(true: Floats) -> Floats:
    """Give what a scorer with this ranking predicts: the mean error of the neighbours, never falling."""
    ends = np.full(SMOOTHED, true[: SMOOTHED // 2].mean()), np.full(SMOOTHED, true[-SMOOTHED // 2 :].mean())
    window = 2 * SMOOTHED + 1
    means = np.convolve(np.concatenate([ends[0], true, ends[1]]), np.ones(window) / window, "valid")
    return np.maximum.accumulate(means)


PROFILES = {
    "sharp": Profile(0.08, 2.5),
    "20 % error": Profile(0.2, 3.0),
    "mediocre": Profile(0.08, 4.0, blurred=2.6),
}


def draw_audit(rng: np.random.Generator, region: int, size: int) -> Bools:
    """Draw an audit of ``size`` among the ``region`` safest units, shape (region,)."""
    audited = np.zeros(region, dtype=bool)
    audited[rng.choice(region, size, replace=False)] = True
    return audited


def plain_recipe(wrong: Bools, audited: Bools, alpha: float, delta: float, steps: int = 24) -> int:
    """Give the prefix that binomial tests of 24 even steps from 30 % on reach, the audit drawn from all."""
    prefixes = np.linspace(0.3 * len(wrong), len(wrong), steps).astype(int)
    n, k = np.cumsum(audited)[prefixes - 1], np.cumsum(audited & wrong)[prefixes - 1]
    passed = binom.cdf(k, n, alpha) <= delta
    failed = np.flatnonzero(~passed)
    last = failed[0] if len(failed) else steps
    return int(prefixes[last - 1]) if last else 0


def hindsight_selective(wrong: Bools, alpha: float) -> int:
    """Give the longest prefix of which no more than ``alpha`` is wrong."""
    within = np.flatnonzero(np.cumsum(wrong) <= alpha * np.arange(1, len(wrong) + 1))
    return int(within[-1]) + 1 if len(within) else 0


def hindsight_dataset(wrong: Bools, budget: int) -> int:
    """Give the longest prefix of which no more than ``budget`` are wrong."""
    return int(np.searchsorted(np.cumsum(wrong), budget, side="right"))

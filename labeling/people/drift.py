"""Whether a person's accuracy or speed changes with time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.stats import mannwhitneyu

from labeling.people.shares import Share, difference
from labeling.types import Bools, Floats

LEAST_JUDGED = 40
"""Answers below which their two halves tell nothing."""

SURE = 0.99
"""Confidence from which a change is told: many people are looked at."""

NOTABLE = 1.5
"""Ratio of two medians from which a change of speed is worth a word: who learns gets a little faster."""


@dataclass(frozen=True)
class Drift:
    """The share of right answers in the earlier and the later half of a person's judged answers."""

    earlier: Share
    later: Share

    @property
    def said(self) -> str | None:
        """The change in words; None where chance explains it."""
        low, high = difference(self.later, self.earlier, SURE)
        if low <= 0 <= high:
            return None
        word = "better" if low > 0 else "worse"
        return (
            f"became {word}: {self.earlier.value:.0%} right in the first half, {self.later.value:.0%} later"
        )

    def to_dict(self) -> dict[str, Any]:
        """Give a JSON-ready mapping."""
        return {"earlier": self.earlier.to_dict(), "later": self.later.to_dict(), "said": self.said}


@dataclass(frozen=True)
class Pace:
    """Median seconds in the earlier and the later half of a person's timed answers.

    ``p`` is the probability of as large a difference by chance.
    """

    earlier: float
    later: float
    p: float

    @property
    def said(self) -> str | None:
        """The change in words; None where it is small or chance explains it."""
        ratio = self.earlier / self.later if self.later else np.inf
        if self.p >= 1 - SURE or 1 / NOTABLE < ratio < NOTABLE:
            return None
        word = "faster" if ratio > 1 else "slower"
        return f"became {word}: {self.earlier:.1f} s an answer in the first half, {self.later:.1f} s later"

    def to_dict(self) -> dict[str, Any]:
        """Give a JSON-ready mapping."""
        return {"earlier": round(self.earlier, 2), "later": round(self.later, 2), "said": self.said}


def drift(right: Bools) -> Drift | None:
    """Compare the earlier with the later half of judged answers, shape (j,), in order of time."""
    if len(right) < LEAST_JUDGED:
        return None
    earlier, later = (Share(int(half.sum()), len(half)) for half in np.array_split(right, 2))
    return Drift(earlier, later)


def pace(seconds: Floats) -> Pace | None:
    """Compare the speed of the earlier and the later half of answers, shape (j,), in order of time.

    By the ranks of the seconds (Mann & Whitney, 1947); NaN has no time.
    """
    timed = seconds[np.isfinite(seconds)]
    if len(timed) < LEAST_JUDGED:
        return None
    earlier, later = np.array_split(timed, 2)
    p = mannwhitneyu(earlier, later, method="asymptotic").pvalue
    return Pace(float(np.median(earlier)), float(np.median(later)), float(p))

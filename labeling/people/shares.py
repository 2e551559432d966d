"""Shares that were counted, and differences of two of them, with their intervals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from labeling.intervals import wilson_interval
from labeling.types import Bools


@dataclass(frozen=True)
class Share:
    """``hits`` of ``among``, with Wilson's interval; ``value`` is None of nothing."""

    hits: int
    among: int

    @classmethod
    def of(cls, hits: Bools, among: Bools) -> Share:
        """Count a mask within another one."""
        return cls(int((hits & among).sum()), int(among.sum()))

    @property
    def value(self) -> float | None:
        """The share, in [0, 1]."""
        return self.hits / self.among if self.among else None

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Give the interval by Wilson (1927), [0, 1] of nothing."""
        low, high = wilson_interval(self.hits, self.among, level)
        return float(low), float(high)

    def to_dict(self) -> dict[str, Any]:
        """Give a JSON-ready mapping."""
        low, high = self.interval()
        value = None if self.value is None else round(self.value, 4)
        counts = {"hits": self.hits, "among": self.among}
        return {**counts, "value": value, "low": round(low, 4), "high": round(high, 4)}

    def __str__(self) -> str:
        if self.value is None:
            return "–"
        low, high = self.interval()
        return f"{self.value:.0%} ({low:.0%} to {high:.0%})"


def difference(first: Share, second: Share, level: float = 0.95) -> tuple[float, float]:
    """Give the interval of the first share less the second (Newcombe, 1998, method 10); [-1, 1] of nothing.

    Examples
    --------
    >>> low, high = difference(Share(56, 70), Share(48, 80))
    >>> round(low, 4), round(high, 4)
    (0.0524, 0.3339)
    """
    if first.value is None or second.value is None:
        return -1.0, 1.0
    (low_1, high_1), (low_2, high_2) = first.interval(level), second.interval(level)
    gap = first.value - second.value
    below = np.hypot(first.value - low_1, high_2 - second.value)
    above = np.hypot(high_1 - first.value, second.value - low_2)
    return float(gap - below), float(gap + above)

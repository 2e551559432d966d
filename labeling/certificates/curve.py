"""How often audited labels are wrong as more and more are accepted: what a reader of a certificate sees."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from labeling.intervals import wilson_interval
from labeling.types import Bools, Floats

POINTS = 25


@dataclass(frozen=True)
class CurvePoint:
    """What the audit found in one prefix of the units, safest first.

    Attributes
    ----------
    prefix : int
        Units in it.
    threshold : float
        The lowest score among them.
    audited, wrong : int
        Units that were audited, those of them that count as wrong.
    low, high : float
        Wilson's 95 % interval of the share that is wrong, for this prefix alone.
    """

    prefix: int
    threshold: float
    audited: int
    wrong: int
    low: float
    high: float


def acceptance_curve(scores: Floats, audited: Bools, failed: Bools) -> tuple[CurvePoint, ...]:
    """Give at most 25 evenly spaced prefixes with what the audit found in them.

    Parameters
    ----------
    scores : array, shape (top,)
        Falling.
    audited, failed : mask, shape (top,)
    """
    n, k = np.cumsum(audited), np.cumsum(failed)
    prefixes = np.unique(np.linspace(len(scores) / POINTS, len(scores), POINTS).round().astype(int))
    at = prefixes[prefixes > 0] - 1
    lows, highs = wilson_interval(k[at], n[at])
    return tuple(
        CurvePoint(i + 1, round(float(scores[i]), 6), int(n[i]), int(k[i]), *map(_rounded, interval))
        for i, *interval in zip(at.tolist(), lows, highs, strict=True)
    )


def _rounded(share: float) -> float:
    return round(float(share), 4)

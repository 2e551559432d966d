"""Confidence intervals of a share that was counted."""

from __future__ import annotations

from statistics import NormalDist
from typing import Any

import numpy as np
import numpy.typing as npt

from labeling.types import Floats


def wilson_interval(
    right: npt.NDArray[Any] | float, judged: npt.NDArray[Any] | float, level: float = 0.95
) -> tuple[Floats, Floats]:
    """Give the interval of a share by Wilson (1927), element by element.

    Parameters
    ----------
    right, judged : array or number
        Counts, ``right`` at most ``judged``; where nothing was judged the interval is [0, 1].
    level : float
        Probability, in (0, 1), that the interval holds the true share.

    Returns
    -------
    low, high : array
        In [0, 1].

    Examples
    --------
    >>> low, high = wilson_interval(9, 10)
    >>> round(float(low), 3), round(float(high), 3)
    (0.596, 0.982)
    """
    z2 = NormalDist().inv_cdf((1 + level) / 2) ** 2
    n = np.asarray(judged, dtype=float)
    hits = np.asarray(right, dtype=float)
    centre = (hits + z2 / 2) / (n + z2)
    half = np.sqrt(z2 * (hits * (n - hits) / np.maximum(n, 1) + z2 / 4)) / (n + z2)
    return np.maximum(centre - half, 0.0), np.minimum(centre + half, 1.0)

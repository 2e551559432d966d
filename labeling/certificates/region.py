"""The region that an audit of its own is drawn from: the safest units, as far as labels may be accepted."""

from __future__ import annotations

import numpy as np

from labeling.certificates.guarantee import error_budget
from labeling.certificates.reach import acceptable_prefix, best_start, candidate_prefixes, predicted_reach
from labeling.types import Floats

WIDENED = 1.25
"""Predicted errors in the region of ``dataset``, over those that the promise leaves room for."""

SHARES = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
"""Regions that are compared for ``selective``, as shares of the acceptable prefix."""


def plan_region(
    promise: str, errors: Floats, population: int, audited: int, alpha: float, delta: float
) -> int:
    """Choose how many of the safest units an audit of a given size is best drawn from.

    Answers about units that are never accepted prove nothing. A region that is too small leaves out what
    could be accepted: under ``dataset`` it holds a quarter more predicted errors than the promise leaves
    room for; under ``selective`` it is the one whose tests are predicted to come farthest.

    Parameters
    ----------
    promise : str
        ``dataset`` or ``selective``.
    errors : array, shape (top,)
        Predicted probability, in [0, 1], that a unit's label is wrong, safest unit first; a function of
        anything but audit answers.
    population : int
        Units of the data set, at least ``top``.
    audited : int
        Units that are going to be audited.
    alpha, delta : float
        In (0, 1).

    Returns
    -------
    int
        In [min(audited + 1, top), top].
    """
    top = len(errors)
    if promise == "dataset":
        region = int(np.searchsorted(np.cumsum(errors), WIDENED * error_budget(alpha, population), "right"))
    else:
        region = _farthest(errors, audited, alpha, delta)
    return min(max(region, audited + 1), top)


def _farthest(errors: Floats, audited: int, alpha: float, delta: float) -> int:
    edge = acceptable_prefix(errors, alpha)
    regions = sorted({max(1, round(edge * share), min(audited + 1, len(errors))) for share in SHARES})
    reached = []
    for region in regions if len(errors) else []:
        inside = errors[:region]
        reach = predicted_reach(inside, candidate_prefixes(inside, alpha), min(audited, region), alpha, delta)
        reached.append(reach[best_start(reach)])
    return regions[best_start(np.array(reached))] if reached else 0

"""A planned draw: which positions of a frozen order are audited, so that anybody can draw them again."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from hashlib import sha256

import numpy as np

from labeling.certificates.planning import AuditPlan, plan_audit
from labeling.certificates.region import plan_region
from labeling.types import Floats, Ints

ENOUGH = 0.95
"""Predicted power from which a draw is made no larger: there is one test, and no second one."""

LEAST = 0.5
"""Share of the answers that people are ready to give that is drawn whatever the predictions are."""

TOO_SURE = 2.0
"""What predicted errors are multiplied by to plan the size: scorers are too sure more often than not."""


@dataclass(frozen=True)
class Draw:
    """What was drawn once for a single test of frozen labels.

    Attributes
    ----------
    seed : str
        Chosen after the order was frozen.
    region, size : int
        The safest units, of which so many were drawn.
    left : tuple of int
        Positions, from 1, that review took or that were set aside before the test: they are neither audited
        nor accepted.
    order : str
        Digest of the table that holds the units in their order.
    """

    seed: str
    region: int
    size: int
    left: tuple[int, ...]
    order: str


def drawn_positions(seed: str, region: int, size: int) -> Ints:
    """Give the ``size`` positions, from 1 to ``region``, of the smallest hashes, shape (size,), rising.

    The hash of a position is SHA-256 of ``SEED:POSITION``, read as hexadecimal text. Nobody can choose it:
    the seed is drawn when the order stands.

    Examples
    --------
    >>> drawn_positions("a seed", 10, 3).tolist()
    [2, 6, 8]
    """
    hashes = [sha256(f"{seed}:{position}".encode()).hexdigest() for position in range(1, region + 1)]
    return np.sort(np.argsort(np.array(hashes), kind="stable")[:size] + 1)


def plan_draw(
    promise: str, errors: Floats, population: int, most: int, alpha: float, delta: float
) -> tuple[int, AuditPlan]:
    """Choose the region of a draw and its size: half of what people are ready to answer, or what it takes.

    Fewer are drawn only where so few texts could be accepted that the promise holds whatever is wrong.

    Parameters
    ----------
    promise : str
        ``dataset`` or ``selective``.
    errors : array, shape (top,)
        Predicted probability, in [0, 1], that a unit's label is wrong, safest unit first.
    population : int
        Units of the data set, at least ``top``.
    most : int
        Answers that people are ready to give, from 1.
    alpha, delta : float
        In (0, 1); all of ``delta`` is for the one test.

    Returns
    -------
    region : int
    plan : AuditPlan
        Of the size chosen, ``plan.audited``.
    """
    unlikely = np.minimum(1.0, TOO_SURE * errors)
    most = min(most, len(errors))

    def planned(size: int, expected: Floats) -> tuple[int, AuditPlan]:
        region = plan_region(promise, errors, population, size, alpha, delta)
        return region, plan_audit(promise, expected[:region], population, size, alpha, delta)

    def enough(size: int) -> bool:
        _, plan = planned(size, unlikely)
        whatever_is_wrong = plan.allowed == size
        return whatever_is_wrong or (size >= LEAST * most and plan.power >= ENOUGH)

    return planned(1 + bisect_left(range(1, most), True, key=enough), errors)

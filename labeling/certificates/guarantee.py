"""The exact arithmetic of the guarantee: what a uniform audit without replacement proves of the rest."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from fractions import Fraction

import numpy as np

from labeling.types import Bools


def error_budget(alpha: float, population: int) -> int:
    """Give the wrong labels that a promise leaves room for, ``floor(alpha * population)``.

    ``alpha`` is taken as it is written, so that .29 of 100 is 29.

    Examples
    --------
    >>> error_budget(0.29, 100), math.floor(0.29 * 100)
    (29, 28)
    """
    return math.floor(Fraction(str(alpha)) * population)


def delta_share(delta: float, test: int) -> float:
    """Give the part of ``delta`` that the ``test``-th test spends, from 1; all of them sum to ``delta``."""
    return 6 * delta / (math.pi * test) ** 2


def chance_of_few(top: int, marked: int, audited: int, found: int) -> float:
    """Give P(X <= found), X the marked units among ``audited`` drawn without replacement from ``top``."""
    from scipy.stats import hypergeom  # takes most of a second, which commands without a test would pay

    return float(hypergeom.cdf(found, top, marked, audited))


def acceptable_wrong(top: int, audited: int, budget: int, delta: float) -> int | None:
    """Give the acceptance number k*: how many audited wrong labels a safe prefix may hold.

    The largest k with ``P(Hyper(top, budget + 1 + k, audited) <= k) <= delta``. Take the first
    ``budget + 1 + k`` wrong units by rank: wherever a prefix holds at most k audited wrong units but more
    than ``budget`` unaudited ones, at most k of these were drawn. Hence accepting the unaudited units of
    every prefix with at most k* audited wrong ones leaves more than ``budget`` wrong with probability at
    most ``delta``, whatever the order and whichever units are wrong.

    The tail never falls with k (one more wrong unit adds at most one to those drawn), so the search halves.
    Where no more than ``budget`` units are unaudited no error count breaks the promise; where more are,
    every k below ``audited`` has ``budget + 1 + k < top``.

    Parameters
    ----------
    top : int
        Units that the audit was drawn from uniformly, without replacement.
    audited : int
        Units drawn, at most ``top``.
    budget : int
        Wrong unaudited units that may be accepted, from 0.
    delta : float
        Probability of a violation, in (0, 1).

    Returns
    -------
    int or None
        In [0, audited]; None where too few were audited to accept anything.

    References
    ----------
    The promise is that of PAC labels (Candès, Ilyas and Zrnic, 2025); the test is exact instead.
    """
    if top - audited <= budget:
        return audited
    passing = bisect_right(
        range(audited), delta, key=lambda k: chance_of_few(top, budget + 1 + k, audited, k)
    )
    return passing - 1 if passing else None


def fewest_audited(top: int, budget: int, delta: float) -> int:
    """Give the least audit with which anything can be accepted: where ``acceptable_wrong`` is not None."""
    return bisect_left(
        range(max(top - budget, 0)), True, key=lambda n: chance_of_few(top, budget + 1, n, 0) <= delta
    )


def safe_prefix(audited_wrong: Bools, allowed: int) -> int:
    """Give how many units rank before the one that is audited wrong number ``allowed + 1``.

    Parameters
    ----------
    audited_wrong : mask, shape (n,), safest unit first
    allowed : int
        What ``acceptable_wrong`` gives.
    """
    failures = np.flatnonzero(audited_wrong)
    return int(failures[allowed]) if len(failures) > allowed else len(audited_wrong)


def hidden_at_most(top: int, audited: int, found: int, delta: float) -> int:
    """Bound the marked units among the unaudited of a prefix that holds ``found`` audited marked ones.

    Holds with probability 1 - ``delta`` for all prefixes at once, so also for one that the audit itself cut:
    for each number found, the argument of ``acceptable_wrong`` at its share of ``delta``.

    Parameters
    ----------
    top, audited : int
        Units that the audit was drawn from, and units drawn.
    found : int
        Audited marked units in the prefix, in [0, audited].
    delta : float
        In (0, 1).

    Returns
    -------
    int
        In [0, top - audited].
    """
    share = delta_share(delta, found + 1)
    return bisect_left(
        range(top - audited), True, key=lambda b: chance_of_few(top, b + 1 + found, audited, found) <= share
    )

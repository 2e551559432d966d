"""The standing alarm: whether accepted labels, looked at a few at a time, still keep their promise."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from labeling.types import Bools, Floats

FACTORS = (1.5, 2.0, 3.0, 5.0)
"""How many times too many wrong labels the four bets suppose; a quarter of the stake lies on each."""


def watch_wealth(wrong: Bools, remaining: Sequence[int], allowed: int) -> Floats:
    """Give the wealth of a gambler who bets that a population holds more wrong units than is allowed.

    Units are drawn uniformly without replacement. While the population holds at most ``allowed`` wrong ones,
    the next draw is wrong with probability at most ``m = (allowed - found) / remaining``, so no bet on it
    gains in the mean: the wealth is a supermartingale from 1, and ever reaches ``1 / delta`` with
    probability at most ``delta``, however often one looks (Ville, 1939). The bet for a factor c multiplies
    by ``q / m`` after a wrong unit and ``(1 - q) / (1 - m)`` after a right one, with the ``q`` that c times
    as many wrong units would make; it never puts more than half of what is there on a right unit's not
    coming.

    The wealth never falls when a right draw is taken for a wrong one or a ``remaining`` is taken for a larger
    one. So draws that nobody settled may count as right, and a ``remaining`` may be counted late, when more
    units have left: each makes a false alarm less probable.

    Parameters
    ----------
    wrong : mask, shape (t,)
        The draws, in their order.
    remaining : sequence of int, length t
        Units of the population that were not drawn before, the one that is drawn included.
    allowed : int
        Wrong units that the promise leaves room for among all of the population, from 0.

    Returns
    -------
    array, shape (t,)
        From 0; infinite where more wrong units were drawn than are allowed.

    References
    ----------
    Waudby-Smith & Ramdas (2020), Confidence sequences for sampling without replacement; (2024), Estimating
    means of bounded random variables by betting.
    """
    if not len(wrong):
        return np.ones(0)
    left = np.asarray(remaining, dtype=float)
    found = np.asarray(np.cumsum(wrong) - wrong, dtype=float)
    fair = np.clip((allowed - found) / left, 0.0, 1.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        steps = np.array([_steps(wrong, fair, _supposed(c * allowed, found, left, fair)) for c in FACTORS])
        wealth = np.cumprod(steps, axis=1).mean(axis=0)
    return np.where(np.cumsum(wrong) > allowed, np.inf, wealth)


def _supposed(wrong: float, found: Floats, left: Floats, fair: Floats) -> Floats:
    """Give the chance of a wrong draw under a bet, from the fair one to half way from there to 1."""
    return np.clip((wrong - found) / left, fair, (1 + fair) / 2)


def _steps(wrong: Bools, fair: Floats, supposed: Floats) -> Floats:
    right = np.where(fair < 1, (1 - supposed) / (1 - fair), 0.5)
    gained = np.where(wrong, supposed / fair, right)
    return np.where(fair > 0, gained, 1.0)


def rings(wealth: Floats, delta: float) -> bool:
    """Say whether the alarm rings: at a true promise it ever does so with probability at most ``delta``."""
    return bool((wealth >= 1 / delta).any())

"""How far a fixed sequence of tests is predicted to come, and from which prefix it starts best."""

from __future__ import annotations

import numpy as np

from labeling.certificates.selective import allowed_wrong
from labeling.types import Bools, Floats, Ints

STEPS = 20
BEYOND = 4
DRAWS = 200
INFLATIONS = (1.0, 1.5)
"""What predicted errors are multiplied by: scorers are too sure more often than not."""


def acceptable_prefix(errors: Floats, alpha: float) -> int:
    """Give how many of the safest units are together predicted to be wrong no more often than ``alpha``.

    Where even the safest one is, a tenth of them: a scorer may be surer than it says.

    Parameters
    ----------
    errors : array, shape (top,)
        Predicted probability, in [0, 1], that a unit's label is wrong, safest unit first.
    alpha : float
        In (0, 1).
    """
    within = np.flatnonzero(np.cumsum(errors) <= alpha * np.arange(1, len(errors) + 1))
    return int(within[-1]) + 1 if len(within) else -(-len(errors) // 10)


def plan_prefixes(errors: Floats, audited: int, alpha: float, delta: float) -> Ints:
    """Choose the prefixes to test, strict to loose, before any answer is looked at.

    They start where the sequence is predicted to come farthest, and end with all units. Predictions steer
    this alone: a scorer that is too sure of itself loses power, not truth.

    Parameters
    ----------
    errors : array, shape (top,)
        Predicted probability, in [0, 1], that a unit's label is wrong, safest unit first.
    audited : int
        Units among them that are audited. How they lie is not used: which prefixes are tested must not
        depend on the draw.
    alpha, delta : float
        In (0, 1).

    Returns
    -------
    array of int, shape (at most 24,), rising
    """
    candidates = candidate_prefixes(errors, alpha)
    if not len(candidates):
        return candidates
    return candidates[best_start(predicted_reach(errors, candidates, audited, alpha, delta)) :]


def candidate_prefixes(errors: Floats, alpha: float) -> Ints:
    """Give 20 even steps up to the acceptable prefix, and 4 from there to all units, shape (p,), rising."""
    edge, top = acceptable_prefix(errors, alpha), len(errors)
    steps = [np.linspace(edge / STEPS, edge, STEPS), np.linspace(edge, top, BEYOND + 1)]
    prefixes = np.unique(np.concatenate(steps).round().astype(np.int64))
    return np.asarray(prefixes[prefixes > 0])


def best_start(reach: Floats) -> int:
    """Give the index of the largest reach, the last of equal ones: fewer tests do as well."""
    return len(reach) - 1 - int(np.argmax(reach[::-1]))


def predicted_reach(errors: Floats, prefixes: Ints, audited: int, alpha: float, delta: float) -> Floats:
    """Predict how many labels a sequence of tests accepts that starts with each of the prefixes.

    The mean over simulated audits, in which labels are wrong as often as predicted, or half as often again:
    where a scorer was taught by few answers, the start that is best if all is as predicted often fails.

    Parameters
    ----------
    errors : array, shape (top,)
        As in ``plan_prefixes``.
    prefixes : array of int, shape (p,), rising
    audited : int
        Units of the top that are audited, spread evenly.
    alpha, delta : float
        In (0, 1).

    Returns
    -------
    array, shape (p,)
    """
    inside = np.round(audited * prefixes / len(errors)).astype(int)
    passed = _simulated_passes(errors, prefixes, inside, alpha, delta)
    unaudited, reach = prefixes - inside, np.empty(len(prefixes))
    last: Ints = np.zeros(len(passed), dtype=np.int64)
    for j in range(len(prefixes) - 1, -1, -1):
        last = np.where(passed[:, j], np.maximum(last, unaudited[j]), 0)
        reach[j] = last.mean()
    return reach


def _simulated_passes(errors: Floats, prefixes: Ints, inside: Ints, alpha: float, delta: float) -> Bools:
    rng = np.random.default_rng(0)
    rates = np.stack([_between(errors * inflation, prefixes) for inflation in INFLATIONS])[:, None, :]
    found = rng.binomial(np.diff(inside, prepend=0), rates, (len(rates), DRAWS, len(prefixes)))
    tests = zip(prefixes.tolist(), inside.tolist(), strict=True)
    allowed = [allowed_wrong(prefix, n, alpha, delta) for prefix, n in tests]
    passed = found.cumsum(axis=2) <= np.array([-1 if k is None else k for k in allowed])
    return np.asarray(passed.reshape(-1, len(prefixes)))


def _between(errors: Floats, prefixes: Ints) -> Floats:
    """Mean error of the units between one prefix and the next, shape (p,)."""
    sums = np.diff(np.cumsum(errors)[prefixes - 1], prepend=0)
    return np.asarray(np.clip(sums / np.diff(prefixes, prepend=0), 0, 1))

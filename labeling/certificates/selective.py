"""The promise ``selective``, few of the accepted labels are wrong: a fixed sequence of tests."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from labeling.certificates.guarantee import acceptable_wrong, chance_of_few, error_budget
from labeling.types import Bools


@dataclass(frozen=True)
class Step:
    """A test of one prefix of the units, safest first.

    Attributes
    ----------
    prefix, audited, wrong : int
        Units in it, those that were audited, those of them that count as wrong.
    p_value : float
        In [0, 1].
    passed : bool
    """

    prefix: int
    audited: int
    wrong: int
    p_value: float
    passed: bool


def remaining_p_value(prefix: int, audited: int, wrong: int, alpha: float) -> float:
    """Give the chance of so few wrong audited units, were more than ``alpha`` of the unaudited ones wrong.

    More than ``alpha`` of them means at least ``floor(alpha (prefix - audited)) + 1``; with those that were
    found, ``wrong`` more in the prefix.

    Parameters
    ----------
    prefix, audited, wrong : int
        Units, those that were audited uniformly, those of them found wrong.
    alpha : float
        In (0, 1).
    """
    budget = error_budget(alpha, prefix - audited)
    if budget >= prefix - audited:
        return 0.0
    return chance_of_few(prefix, budget + 1 + wrong, audited, wrong)


def allowed_wrong(prefix: int, audited: int, alpha: float, delta: float) -> int | None:
    """Give how many audited units of a prefix may be wrong for its test to pass; None where none may."""
    return acceptable_wrong(prefix, audited, error_budget(alpha, prefix - audited), delta)


def fewest_for_any(top: int, alpha: float, delta: float) -> int:
    """Give the least audit of ``top`` units with which all of them could pass, were none found wrong."""
    return bisect_left(range(top), True, key=lambda n: allowed_wrong(top, n, alpha, delta) is not None)


def sequence_of_tests(
    prefixes: Sequence[int], audited: Bools, failed: Bools, alpha: float, delta: float
) -> tuple[Step, ...]:
    """Test prefixes, strict to loose, each at ``delta``, up to the first that does not pass.

    Parameters
    ----------
    prefixes : sequence of int, rising
    audited, failed : mask, shape (top,), safest unit first
        Units in the audit, and those of them that count as wrong.

    References
    ----------
    Angelopoulos, Bates, Candès, Jordan & Lei (2021), Learn then test; the fixed sequence is that of Wiens
    (2003), A fixed sequence Bonferroni procedure.
    """
    n, k = np.cumsum(audited), np.cumsum(failed)
    steps: list[Step] = []
    for prefix in prefixes:
        p = remaining_p_value(prefix, int(n[prefix - 1]), int(k[prefix - 1]), alpha)
        steps.append(Step(int(prefix), int(n[prefix - 1]), int(k[prefix - 1]), p, p <= delta))
        if p > delta:
            break
    return tuple(steps)

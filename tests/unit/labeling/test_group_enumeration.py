"""Promises of two groups hold together in every small population, over every draw of their audit."""

from __future__ import annotations

from functools import cache
from itertools import combinations

import numpy as np
import pytest

from labeling.certificates.guarantee import error_budget
from labeling.certificates.proof import Ranked, prove

SIZES = (4, 5)


@cache
def violated(promise: str, size: int, alpha: float, delta: float) -> np.ndarray:
    """Tell of a small group, by pattern of wrong units and by draw, whether its promise is broken."""
    bits = ((np.arange(2**size)[:, None] >> np.arange(size)) & 1).astype(bool)
    broken = np.zeros((2**size, 2**size), dtype=bool)
    scores = np.linspace(0.9, 0.6, size)
    for d, drawn in enumerate(bits):
        for p, wrong in enumerate(bits):
            prefix = prove(Ranked(scores, drawn, drawn & wrong), promise, alpha, delta, size).prefix
            accepted = (np.arange(size) < prefix) & ~drawn
            room = error_budget(alpha, size if promise == "dataset" else int(accepted.sum()))
            broken[p, d] = (accepted & wrong).sum() > room
    return broken


def worst_joint_violation(promise: str, audit: int, alpha: float, share: float) -> float:
    """Give the probability, in the worst population, that some group's promise is broken.

    Draws are of the whole data set, so that how many fall into each group is left to chance.
    """
    tables = [violated(promise, size, alpha, share) for size in SIZES]
    draws = [sum(1 << i for i in c) for c in combinations(range(sum(SIZES)), audit)]
    first, second = np.array(draws) & (2 ** SIZES[0] - 1), np.array(draws) >> SIZES[0]
    either = tables[0][:, None, first] | tables[1][None, :, second]
    return float(either.mean(axis=2).max())


@pytest.mark.parametrize("promise", ["dataset", "selective"])
@pytest.mark.parametrize("delta", [0.2, 0.6])
@pytest.mark.parametrize(("alpha", "audit"), [(0.1, 3), (0.25, 4), (0.34, 5), (0.2, 6)])
def test_no_population_breaks_the_promises_together(
    promise: str, delta: float, alpha: float, audit: int
) -> None:
    assert worst_joint_violation(promise, audit, alpha, delta / len(SIZES)) <= delta + 1e-12


@pytest.mark.parametrize("promise", ["dataset", "selective"])
def test_neither_do_two_groups_of_six(promise: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(globals(), "SIZES", (6, 6))
    assert 0 < worst_joint_violation(promise, 5, 0.2, 0.25) <= 0.5


def test_without_sharing_delta_some_population_breaks_them() -> None:
    assert worst_joint_violation("dataset", 6, 0.1, 0.6) > 0.65
    assert worst_joint_violation("dataset", 6, 0.1, 0.3) <= 0.6

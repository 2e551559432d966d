"""All promises of groups hold together: violation rates over 20,000 draws of one audit, and what breaks them.

Groups are at their worst: each has just more wrong labels than its promise allows, among its safest.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache

import numpy as np
import pytest

from labeling.certificates.guarantee import acceptable_wrong, error_budget
from labeling.certificates.selective import allowed_wrong

DRAWS, CHUNK = 20_000, 500
ALPHA = DELTA = 0.05
WITHIN = DELTA + 3 * np.sqrt(DELTA * (1 - DELTA) / DRAWS)
BROKEN = 0.07

Sizes = Sequence[int]


@cache
def allowed(promise: str, size: int, audited: int, delta: float) -> int:
    """Give how many audited wrong labels the whole group may hold; -1 where nothing can be accepted."""
    if promise == "dataset":
        found = acceptable_wrong(size, audited, error_budget(ALPHA, size), delta)
    else:
        found = allowed_wrong(size, audited, ALPHA, delta)
    return -1 if found is None else found


def joint_violations(
    promise: str, sizes: Sizes, audit: int, share: float, choose: int | None = None
) -> float:
    """Give the share of draws in which some group's promise is broken, each tested at ``share``.

    Parameters
    ----------
    choose : int, optional
        Test only so many groups: those in which the audit found the smallest share wrong.
    """
    rng = np.random.default_rng(0)
    wrongs = [_least_favourable(promise, size, audit * size // sum(sizes), share) for size in sizes]
    drawn = rng.multivariate_hypergeometric(list(sizes), audit, size=DRAWS)
    found = np.column_stack(
        [rng.hypergeometric(w, m - w, n) for m, w, n in zip(sizes, wrongs, drawn.T, strict=True)]
    )
    broken = np.column_stack(
        [
            _broken(promise, m, w, n, k, share)
            for m, w, n, k in zip(sizes, wrongs, drawn.T, found.T, strict=True)
        ]
    )
    if choose is not None:
        rank = np.argsort(np.argsort(found / drawn, axis=1), axis=1)
        broken &= rank < choose
    return float(broken.any(axis=1).mean())


def _least_favourable(promise: str, size: int, audited: int, share: float) -> int:
    """Give how many are wrong where the rule is at its worst: just too many, were as many found as may be."""
    most = allowed(promise, size, audited, share)
    unaudited = size if promise == "dataset" else size - audited
    return error_budget(ALPHA, unaudited) + 1 + max(most, 0)


def _broken(
    promise: str, size: int, wrong: int, drawn: np.ndarray, found: np.ndarray, share: float
) -> np.ndarray:
    most = np.array([allowed(promise, size, int(n), share) for n in drawn])
    room = [error_budget(ALPHA, size if promise == "dataset" else size - int(n)) for n in drawn]
    return (found <= most) & (wrong - found > np.array(room))


CASES = [((1000, 600, 400), 450), ((1200, 900), 400), ((50_000, 30_000, 20_000), 900)]


@pytest.mark.parametrize("promise", ["dataset", "selective"])
@pytest.mark.parametrize(("sizes", "audit"), CASES)
def test_all_promises_hold_together(promise: str, sizes: Sizes, audit: int) -> None:
    rate = joint_violations(promise, sizes, audit, DELTA / len(sizes))
    assert 0.005 < rate <= WITHIN


@pytest.mark.parametrize("promise", ["dataset", "selective"])
def test_a_whole_delta_for_each_group_breaks_them(promise: str) -> None:
    assert joint_violations(promise, (1000, 600, 400), 450, DELTA) > BROKEN


def test_groups_that_are_chosen_by_what_the_audit_found_break_the_promise() -> None:
    """Twelve groups, of which the two with the best answers are tested, as if they had been chosen before."""
    sizes = (500,) * 12
    assert joint_violations("dataset", sizes, 1800, DELTA / 2, choose=2) > BROKEN
    assert joint_violations("dataset", sizes[:2], 300, DELTA / 2) <= WITHIN


def blind_spot(sizes: Sizes, audit: int, share: float, rng: np.random.Generator) -> Callable[[], bool]:
    """Judge one draw where the wrong labels of each group lie among its safest; rows stand safest first."""
    group = np.repeat(np.arange(len(sizes)), sizes)
    wrong = np.concatenate([np.arange(m) < 2 * error_budget(ALPHA, m) for m in sizes])

    def judged() -> bool:
        audited = np.zeros(len(group), dtype=bool)
        audited[rng.choice(len(group), audit, replace=False)] = True
        for g, size in enumerate(sizes):
            own, bad = audited[group == g], wrong[group == g]
            within = np.cumsum(own & bad) <= allowed("dataset", size, int(own.sum()), share)
            if (within & bad & ~own).sum() > error_budget(ALPHA, size):
                return True
        return False

    return judged


def test_a_blind_spot_among_the_safest_does_no_harm() -> None:
    judged = blind_spot((500, 300, 200), 300, DELTA / 3, np.random.default_rng(5))
    rate = np.mean([judged() for _ in range(4000)])
    assert 0.005 < rate <= DELTA + 3 * np.sqrt(DELTA * (1 - DELTA) / 4000)

"""How tests share delta: what each spends, and how often any of thirty breaks its promise."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeling.certificates.guarantee import acceptable_wrong, delta_share, error_budget
from labeling.certificates.looks import look_share
from labeling.types import Bools, Ints

DRAWS = 20_000
TOP, AUDITED, ALPHA, DELTA, LOOKS = 1500, 400, 0.05, 0.05, 30
WITHIN = DELTA + 3 * np.sqrt(DELTA * (1 - DELTA) / DRAWS)
BUDGET = error_budget(ALPHA, TOP)


@given(st.floats(0.001, 0.5), st.integers(1, 200))
def test_all_tests_of_an_audit_spend_delta(delta: float, looks: int) -> None:
    shares = [look_share(delta, test, looks) for test in range(1, looks + 1)]
    assert sum(shares) == pytest.approx(delta)
    assert min(shares) > 0
    assert shares == sorted(shares, reverse=True) or looks == 2


@pytest.mark.parametrize(("test", "looks"), [(0, 5), (6, 5), (2, 1)])
def test_a_test_that_was_not_planned_has_no_share(test: int, looks: int) -> None:
    with pytest.raises(ValueError, match=f"test {test} of {looks} planned"):
        look_share(0.05, test, looks)


def test_a_planned_thirtieth_look_has_twenty_times_the_share_of_one_without_a_plan() -> None:
    assert look_share(0.05, 30, 30) / delta_share(0.05, 30) == pytest.approx(20.4, abs=0.1)


def violated(wrong: Ints, allowed: int | None, audited: Bools) -> Bools:
    """Mask over draws: the prefix that is accepted holds more unaudited wrong units than the budget.

    ``wrong`` lists the wrong units of one table, safest first; ``audited`` has a line per draw.
    """
    if allowed is None:
        return np.zeros(len(audited), dtype=bool)
    drawn = audited[:, wrong]
    accepted = np.cumsum(drawn, axis=1) <= allowed
    return np.asarray((accepted & ~drawn).sum(axis=1) > BUDGET)


def family_violations(tables: list[Ints], spend: Callable[[int], float], seed: int = 0) -> float:
    """Share of draws of one audit in which any of the tables' tests breaks its promise."""
    rng = np.random.default_rng(seed)
    audited = np.zeros((DRAWS, TOP), dtype=bool)
    for line in audited:
        line[rng.choice(TOP, AUDITED, replace=False)] = True
    any_of_them = np.zeros(DRAWS, dtype=bool)
    for test, wrong in enumerate(tables, start=1):
        allowed = acceptable_wrong(TOP, AUDITED, BUDGET, spend(test))
        any_of_them |= violated(wrong, allowed, audited)
    return float(any_of_them.mean())


def worst_tables(spend: Callable[[int], float]) -> list[Ints]:
    """Thirty tables that err in other texts each, all of them among the safest, as few as are too many."""
    rng = np.random.default_rng(1)
    allowed = (acceptable_wrong(TOP, AUDITED, BUDGET, spend(r)) for r in range(1, LOOKS + 1))
    return [rng.choice(TOP, BUDGET + 1 + (k or 0), replace=False) for k in allowed]


def a_months_tables() -> list[Ints]:
    """One project day by day: the scorer changes a little, and errs in a few texts less."""
    rng = np.random.default_rng(2)
    hard = rng.random(TOP)
    tables = []
    for day in range(LOOKS):
        hard = np.clip(hard + rng.normal(0, 0.03, TOP), 0, 1)
        risk = 0.5 * hard**4 * (1 - day / 100)
        tables.append(np.flatnonzero(np.random.default_rng(3).random(TOP) < risk)[:])
        tables[-1] = tables[-1][np.argsort(risk[tables[-1]])]
    return tables


def planned(test: int) -> float:
    return look_share(DELTA, test, LOOKS)


def test_thirty_tests_together_keep_delta_where_it_is_hardest() -> None:
    rate = family_violations(worst_tables(planned), planned)
    assert rate <= WITHIN
    assert rate > DELTA / 3, "the case is too easy to tell anything"


def test_thirty_tests_of_a_project_keep_delta() -> None:
    assert family_violations(a_months_tables(), planned) <= WITHIN


def test_thirty_tests_that_each_spend_all_of_delta_do_not() -> None:
    def careless(test: int) -> float:
        return DELTA

    assert family_violations(worst_tables(careless), careless) > 0.5

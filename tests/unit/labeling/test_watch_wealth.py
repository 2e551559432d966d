"""The standing alarm: exact on small populations, false alarms at the boundary, delay beyond it."""

from __future__ import annotations

from itertools import combinations
from math import comb

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeling.certificates.watch import FACTORS, rings, watch_wealth
from labeling.types import Bools

DELTA = 0.05


def in_full(n: int) -> range:
    """Units that remain at each draw when all of ``n`` are drawn."""
    return range(n, 0, -1)


def orders(n: int, wrong: int) -> list[Bools]:
    """All orders in which ``wrong`` of ``n`` units can come, each as probable as the others."""
    found = []
    for places in combinations(range(n), wrong):
        drawn = np.zeros(n, dtype=bool)
        drawn[list(places)] = True
        found.append(drawn)
    return found


@pytest.mark.parametrize(("n", "allowed"), [(6, 1), (8, 2), (10, 3), (12, 1), (12, 2), (12, 6)])
def test_a_true_promise_rings_no_more_often_than_delta_in_any_small_population(n: int, allowed: int) -> None:
    for delta in (0.5, 0.2, 0.05):
        for wrong in range(allowed + 1):
            rung = sum(rings(watch_wealth(o, in_full(n), allowed), delta) for o in orders(n, wrong))
            assert rung / comb(n, wrong) <= delta


@pytest.mark.parametrize(("n", "allowed"), [(8, 2), (10, 3)])
def test_the_wealth_is_a_martingale_where_as_many_are_wrong_as_are_allowed(n: int, allowed: int) -> None:
    paths = np.array([watch_wealth(order, in_full(n), allowed) for order in orders(n, allowed)])
    assert paths.mean(axis=0) == pytest.approx(np.ones(n))


def bet_by_bet(wrong: Bools, remaining: list[int], allowed: int) -> list[float]:
    """The wealth as betting defines it: each bet puts a stake on the next unit's being wrong."""
    wealth = np.ones(len(FACTORS))
    path, found = [], 0
    for x, left in zip(wrong.tolist(), remaining, strict=True):
        fair = min((allowed - found) / left, 1.0)
        for b, factor in enumerate(FACTORS):
            supposed = min(max((factor * allowed - found) / left, fair), (1 + fair) / 2)
            stake = 0.5 if fair == 1 else 0.0
            if 0 < fair < 1:
                stake = (supposed - fair) / (fair * (1 - fair))
            wealth[b] *= 1 + stake * (x - fair)
        found += x
        path.append(np.inf if found > allowed else float(wealth.mean()))
    return path


@given(st.integers(1, 8), st.lists(st.booleans(), max_size=40), st.integers(0, 60))
def test_it_is_what_a_gambler_would_hold(allowed: int, draws: list[bool], more: int) -> None:
    remaining = [len(draws) + more - i for i in range(len(draws))]
    wrong = np.array(draws, dtype=bool)
    assert watch_wealth(wrong, remaining, allowed) == pytest.approx(bet_by_bet(wrong, remaining, allowed))


@given(st.data())
def test_open_answers_and_units_that_left_only_lower_the_wealth(data: st.DataObject) -> None:
    n, allowed = data.draw(st.integers(5, 60)), data.draw(st.integers(0, 10))
    t = data.draw(st.integers(1, n))
    wrong = np.array(data.draw(st.lists(st.booleans(), min_size=t, max_size=t)), dtype=bool)
    seen = wrong & np.array(data.draw(st.lists(st.booleans(), min_size=t, max_size=t)), dtype=bool)
    gone = np.array(data.draw(st.lists(st.integers(0, 5), min_size=t, max_size=t)))
    remaining = np.arange(n, n - t, -1) + 5
    full = watch_wealth(wrong, remaining.tolist(), allowed)
    assert (watch_wealth(seen, remaining.tolist(), allowed) <= full * (1 + 1e-9)).all()
    assert (watch_wealth(wrong, (remaining - gone).tolist(), allowed) <= full * (1 + 1e-9)).all()


def test_one_wrong_unit_more_than_allowed_is_proof() -> None:
    wealth = watch_wealth(np.array([True, False, True, False]), range(100, 96, -1), 1)
    assert np.isinf(wealth).tolist() == [False, False, True, True]
    assert np.isinf(watch_wealth(np.array([True]), [50], 0)).all()
    assert len(watch_wealth(np.array([], dtype=bool), [], 3)) == 0


def delays(share: float, runs: int, n: int = 2000, alpha: float = 0.05) -> np.ndarray:
    """Draws up to the alarm in each run, infinite without: of ``n`` units ``share`` are wrong."""
    rng, found = np.random.default_rng(7), []
    population = np.arange(n) < round(share * n)
    for _ in range(runs):
        wealth = watch_wealth(rng.permutation(population), in_full(n), int(alpha * n))
        hits = np.flatnonzero(wealth >= 1 / DELTA)
        found.append(hits[0] + 1 if len(hits) else np.inf)
    return np.array(found)


def test_false_alarms_at_the_boundary_though_everything_is_looked_at() -> None:
    runs = 4000
    rate = np.isfinite(delays(0.05, runs)).mean()
    assert rate <= DELTA + 3 * np.sqrt(DELTA * (1 - DELTA) / runs)
    assert rate > 0.01


@pytest.mark.parametrize(("times", "median", "nine_of_ten"), [(2, 170, 380), (3, 55, 140)])
def test_it_rings_in_time(times: int, median: float, nine_of_ten: float) -> None:
    found = delays(times * 0.05, 500)
    assert np.quantile(found, 0.5) <= median
    assert np.quantile(found, 0.9) <= nine_of_ten


def test_without_spending_an_eye_on_it_each_day_a_fixed_test_would_ring_too_often() -> None:
    """A binomial test at each draw, as if it were the only one, is no standing alarm."""
    from scipy.stats import binom

    rng, population, runs = np.random.default_rng(3), np.arange(2000) < 100, 400
    draws = np.arange(1, 401)
    rung = 0
    for _ in range(runs):
        found = np.cumsum(rng.permutation(population)[:400])
        rung += bool((binom.sf(found - 1, draws, 0.05) <= DELTA).any())
    assert rung / runs > 3 * DELTA

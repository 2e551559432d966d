"""The auditors' own error: bounds against scipy and brute force, and what they promise over many draws."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from itertools import combinations, product
from math import comb

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from labeling.certificates.auditors import (
    SLIP,
    SecondAnswers,
    auditors_error,
    level_of_rate,
    mistaken_at_most,
    rate_at_most,
)
from labeling.certificates.guarantee import acceptable_wrong, error_budget

DRAWS = 20_000
DELTA = 0.05


def within(delta: float) -> float:
    return delta + 3 * float(np.sqrt(delta * (1 - delta) / DRAWS))


@pytest.mark.parametrize(("apart", "doubled"), [(0, 1), (0, 40), (4, 40), (39, 40)])
def test_the_bound_of_the_rate_is_the_largest_that_so_few_do_not_refute(apart: int, doubled: int) -> None:
    bound = rate_at_most(apart, doubled, DELTA)
    assert binom.cdf(apart, doubled, bound) == pytest.approx(DELTA)


def test_where_all_differ_nothing_is_known() -> None:
    assert rate_at_most(40, 40, DELTA) == 1.0
    assert rate_at_most(0, 0, DELTA) == 1.0


@given(st.integers(1, 60), st.data())
def test_the_rate_rises_with_those_apart_and_falls_with_those_asked(
    doubled: int, data: st.DataObject
) -> None:
    apart = data.draw(st.integers(0, doubled - 1))
    bound = rate_at_most(apart, doubled, DELTA)
    assert apart / doubled < bound < rate_at_most(apart + 1, doubled, DELTA)
    assert rate_at_most(apart, doubled + 1, DELTA) < bound


@pytest.mark.parametrize(
    "rates", [(0.5, 0.5, 0, 0, 0), (0.9, 0.1, 0.1, 0.1, 0.1), (0.3,) * 5, (1, 0, 0, 0, 0)]
)
@pytest.mark.parametrize("doubled", [1, 2, 4, 5])
def test_texts_that_differ_in_difficulty_do_not_break_the_bound(
    rates: tuple[float, ...], doubled: int
) -> None:
    """Every sample of a population of five texts, and every outcome of it."""
    mean, missed = float(np.mean(rates)), 0.0
    for sample in combinations(rates, doubled):
        for apart in product((0, 1), repeat=doubled):
            chance = np.prod([p if a else 1 - p for p, a in zip(sample, apart, strict=True)])
            if mean > rate_at_most(sum(apart), doubled, DELTA):
                missed += float(chance) / comb(len(rates), doubled)
    assert missed <= DELTA + 1e-12


@pytest.mark.parametrize(("rate", "top", "accepted"), [(0.05, 1000, 800), (0.2, 1000, 100), (0.01, 300, 300)])
def test_the_mistaken_are_the_least_number_that_is_likely_enough(
    rate: float, top: int, accepted: int
) -> None:
    found, mean = mistaken_at_most(rate, top, accepted), min(rate * top, accepted)
    assert mean <= found <= accepted
    if found < accepted:
        assert (
            binom.sf(found, accepted, mean / accepted)
            <= SLIP
            < binom.sf(found - 1, accepted, mean / accepted)
        )


@pytest.mark.parametrize(("rate", "accepted"), [(0.0, 50), (1.0, 50), (0.3, 0)])
def test_perfect_and_hopeless_auditors(rate: float, accepted: int) -> None:
    assert mistaken_at_most(rate, 100, accepted) == round(rate > 0) * accepted


def second(doubled: int, unpaired: int, apart: int, n: int = 200) -> tuple[SecondAnswers, np.ndarray]:
    ranks = np.arange(n)
    paired, alike = ranks >= unpaired, ranks >= unpaired + apart
    return SecondAnswers(ranks < doubled, paired, alike), np.ones(n, dtype=bool)


def test_who_did_not_answer_a_second_time_counts_as_different() -> None:
    found = auditors_error(*second(doubled=20, unpaired=3, apart=2), accepted=100, budget=10, delta=DELTA)
    assert found is not None
    assert (found.doubled, found.unpaired, found.apart) == (20, 3, 5)
    assert found.rate == rate_at_most(5, 20, found.level)
    assert found.wrong == min(100, 10 + found.mistaken)
    assert found.level < found.delta == DELTA


def test_one_auditor_alone_tells_nothing_of_errors() -> None:
    assert auditors_error(*second(20, 20, 0), accepted=100, budget=10, delta=DELTA) is None
    assert auditors_error(*second(0, 0, 0), accepted=100, budget=10, delta=DELTA) is None


def test_units_that_could_not_be_accepted_tell_nothing() -> None:
    masks, able = second(doubled=20, unpaired=0, apart=5)
    able[:10] = False
    found = auditors_error(masks, able, accepted=100, budget=10, delta=DELTA)
    assert found is not None
    assert (found.doubled, found.apart) == (10, 0)
    assert auditors_error(replace(masks, drawn=~able), able, 100, 10, DELTA) is None


TOP, AUDIT, SHARE, ALPHA = 300, 120, 0.2, 0.05
BUDGET = error_budget(ALPHA, TOP)
CHUNK = 500


@cache
def mistaken(apart: int, doubled: int, accepted: int) -> int:
    return mistaken_at_most(rate_at_most(apart, doubled, level_of_rate(DELTA)), TOP, accepted)


def violations(first: np.ndarray, second: np.ndarray, untrue: np.ndarray) -> tuple[float, float, float]:
    """Give how often a promise breaks: against the answers; against the truth, its bound inflated; or not.

    Parameters
    ----------
    first, second : array, shape (TOP,)
        Probability that each of two auditors errs on each text, safest first.
    untrue : mask, shape (TOP,)
        Texts whose label is not the truth.
    """
    rng, shape = np.random.default_rng(0), (CHUNK, TOP)
    allowed = acceptable_wrong(TOP, AUDIT, BUDGET, DELTA)
    assert allowed is not None
    broken = np.zeros(3)
    for _ in range(DRAWS // CHUNK):
        keys = rng.random(shape, dtype=np.float32)
        audited = keys < np.partition(keys, AUDIT, axis=1)[:, [AUDIT]]
        doubled = audited & (rng.random(shape, dtype=np.float32) < SHARE)
        errs = rng.random(shape, dtype=np.float32) < first
        apart = (errs ^ (rng.random(shape, dtype=np.float32) < second)) & doubled
        wrong = untrue ^ errs  # of two classes, who errs finds a wrong label right and a right one wrong
        accepted = ~audited & (np.cumsum(audited & wrong, axis=1) <= allowed)
        counts = zip(*(m.sum(axis=1).tolist() for m in (apart, doubled, accepted)), strict=True)
        room = np.array([mistaken(*count) for count in counts])
        untruths = (accepted & untrue).sum(axis=1)
        against_answers = (accepted & wrong).sum(axis=1) > BUDGET
        broken += against_answers.sum(), (untruths > BUDGET + room).sum(), (untruths > BUDGET).sum()
    plain, inflated, bare = (broken / DRAWS).tolist()
    return plain, inflated, bare


RANKS = np.arange(TOP)
FEW, MANY, ALL_EVEN = RANKS % 10 == 0, RANKS % 5 == 0, RANKS % 2 == 0
EVERYWHERE = np.ones(TOP)
CASES = {
    "five in a hundred": (0.05 * EVERYWHERE, 0.05 * EVERYWHERE, FEW),
    "a perfect second person": (0.05 * EVERYWHERE, 0 * EVERYWHERE, FEW),
    "errors among the safest": (0.3 * (RANKS < TOP // 4), 0.3 * (RANKS < TOP // 4), FEW),
    "blind to half of what is wrong": (0.5 * MANY, 0.5 * MANY, MANY),
    "blind to half of very much that is wrong": (0.5 * ALL_EVEN, 0 * EVERYWHERE, ALL_EVEN),
}


@pytest.mark.parametrize("case", CASES)
def test_auditors_who_err_keep_both_promises(case: str) -> None:
    plain, inflated, _ = violations(*CASES[case])
    assert plain <= within(DELTA)
    assert inflated <= within(2 * DELTA)


def test_without_the_inflated_bound_the_truth_is_missed() -> None:
    plain, inflated, bare = violations(*CASES["blind to half of what is wrong"])
    assert plain <= within(DELTA)
    assert inflated <= within(2 * DELTA)
    assert bare > 0.2


def test_who_is_more_often_wrong_than_right_breaks_it() -> None:
    """The assumption is needed: two who share a mistake agree on it."""
    always = 1.0 * ALL_EVEN
    assert violations(always, always, ALL_EVEN)[1] > 0.5

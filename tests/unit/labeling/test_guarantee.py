"""The arithmetic of the guarantee, against enumeration of every draw and every placement of wrong labels."""

from __future__ import annotations

from itertools import combinations, product
from math import comb

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeling.certificates.guarantee import (
    acceptable_wrong,
    delta_share,
    error_budget,
    fewest_audited,
    hidden_at_most,
    safe_prefix,
)


def tail(top: int, marked: int, audited: int, found: int) -> float:
    ways = sum(comb(marked, x) * comb(top - marked, audited - x) for x in range(min(found, audited) + 1))
    return ways / comb(top, audited)


def acceptance_number(top: int, audited: int, budget: int, delta: float) -> int | None:
    best = None
    for k in range(audited + 1):
        if budget + 1 + k > top or tail(top, budget + 1 + k, audited, k) > delta:
            break
        best = k
    return best


def violation(top: int, audited: int, budget: int, allowed: int) -> float:
    """Give the probability of more than ``budget`` wrong accepted units, for the worst pattern of all."""
    draws = np.array([np.isin(range(top), chosen) for chosen in combinations(range(top), audited)])
    patterns = np.array(list(product([False, True], repeat=top)))
    found = np.cumsum(draws[None] & patterns[:, None], axis=2)
    accepted_wrong = (patterns[:, None] & ~draws[None] & (found <= allowed)).sum(axis=2)
    return float((accepted_wrong > budget).mean(axis=1).max())


@pytest.mark.parametrize(("top", "budget"), [(30, 2), (60, 6), (100, 0), (12, 12), (12, 5), (1, 0)])
@pytest.mark.parametrize("delta", [0.01, 0.05, 0.4])
def test_the_acceptance_number_is_that_of_enumeration(top, budget, delta):
    for audited in range(top - budget):
        assert acceptable_wrong(top, audited, budget, delta) == acceptance_number(top, audited, budget, delta)


@pytest.mark.parametrize(
    ("top", "audited", "budget"),
    [(8, 4, 1), (8, 5, 2), (8, 6, 1), (9, 4, 3), (7, 3, 0), (6, 2, 4), (6, 0, 6)],
)
@pytest.mark.parametrize("delta", [0.05, 0.2, 0.45])
def test_no_pattern_of_wrong_labels_breaks_the_promise_and_no_larger_number_keeps_it(
    top, audited, budget, delta
):
    allowed = acceptable_wrong(top, audited, budget, delta)
    if allowed is not None:
        assert violation(top, audited, budget, allowed) <= delta + 1e-12
    if allowed != audited:
        assert violation(top, audited, budget, (-1 if allowed is None else allowed) + 1) > delta


def test_nothing_is_accepted_without_an_audit_unless_the_budget_covers_everything():
    assert acceptable_wrong(100, 0, 99, 0.05) is None
    assert acceptable_wrong(100, 0, 100, 0.05) == 0
    assert acceptable_wrong(100, 60, 40, 0.05) == 60
    assert acceptable_wrong(0, 0, 0, 0.05) == 0


@given(st.integers(1, 3000), st.data(), st.floats(0.001, 0.5))
def test_the_fewest_audited_are_just_enough(top, data, delta):
    budget = data.draw(st.integers(0, top))
    fewest = fewest_audited(top, budget, delta)
    assert acceptable_wrong(top, fewest, budget, delta) is not None
    assert fewest == 0 or acceptable_wrong(top, fewest - 1, budget, delta) is None


@given(st.integers(2, 5000), st.data())
def test_the_acceptance_number_grows_with_delta_and_budget(top, data):
    audited, budget = data.draw(st.integers(0, top)), data.draw(st.integers(0, top))
    strict, loose = sorted(data.draw(st.tuples(*2 * [st.floats(0.001, 0.9)])))

    def number(b: int, delta: float) -> int:
        allowed = acceptable_wrong(top, audited, b, delta)
        return -1 if allowed is None else allowed

    assert number(budget, strict) <= number(budget, loose) <= number(budget + 1, loose)


@pytest.mark.parametrize(
    ("wrong", "allowed", "expected"),
    [("0010100", 0, 2), ("0010100", 1, 4), ("0010100", 2, 7), ("1", 0, 0), ("", 0, 0)],
)
def test_the_prefix_ends_before_the_first_audited_wrong_unit_too_many(wrong, allowed, expected):
    assert safe_prefix(np.array([c == "1" for c in wrong], dtype=bool), allowed) == expected


@pytest.mark.parametrize(("top", "audited", "delta"), [(7, 3, 0.3), (8, 4, 0.2), (8, 6, 0.5), (5, 5, 0.1)])
def test_hidden_units_are_bounded_in_every_prefix_at_once(top, audited, delta):
    draws = np.array([np.isin(range(top), chosen) for chosen in combinations(range(top), audited)])
    bounds = np.array([hidden_at_most(top, audited, found, delta) for found in range(audited + 1)])
    for pattern in product([False, True], repeat=top):
        marked = np.array(pattern)
        found, hidden = np.cumsum(draws & marked, axis=1), np.cumsum(~draws & marked, axis=1)
        assert (hidden > bounds[found]).any(axis=1).mean() <= delta + 1e-12


def test_hidden_units_in_numbers():
    assert hidden_at_most(1000, 200, 0, 0.05) == 15
    assert hidden_at_most(1000, 1000, 3, 0.05) == 0
    assert hidden_at_most(1000, 0, 0, 0.05) == 1000


def test_the_shares_of_delta_sum_to_it():
    shares = [delta_share(0.05, r) for r in range(1, 20_001)]
    assert shares[0] == pytest.approx(0.0304, abs=1e-4)
    assert sum(shares) == pytest.approx(0.05, abs=1e-5)
    assert sum(shares) < 0.05


@pytest.mark.parametrize(
    ("alpha", "population", "budget"),
    [(0.05, 20, 1), (0.07, 100, 7), (0.29, 100, 29), (0.05, 19, 0), (0.1, 1243, 124), (1e-05, 100_000, 1)],
)
def test_the_error_budget_takes_alpha_as_written(alpha, population, budget):
    assert error_budget(alpha, population) == budget

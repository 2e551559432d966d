"""The promise `selective`, against enumeration of every population and every draw, scipy and simulation."""

from __future__ import annotations

from functools import cache
from itertools import combinations
from math import comb, floor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, hypergeom

from labeling.certificates import AuditedUnits, Terms, certify
from labeling.certificates.proof import Ranked, prove
from labeling.certificates.selective import (
    allowed_wrong,
    fewest_for_any,
    remaining_p_value,
)
from labeling.certificates.wording import describe

DRAWS = 20_000


@cache
def passes(prefix: int, audited: int, wrong: int, alpha: float, delta: float) -> bool:
    """Tell whether a prefix passes, by counting draws."""
    marked = floor(round(alpha * (prefix - audited), 9)) + 1 + wrong
    if marked - wrong > prefix - audited:
        return True
    ways = sum(comb(marked, x) * comb(prefix - marked, audited - x) for x in range(wrong + 1))
    return ways <= delta * comb(prefix, audited) * (1 + 1e-12)


def violation(units: int, audit: int, alpha: float, delta: float, prefixes: range) -> float:
    """Give the probability, in the worst population, that more than alpha of what is accepted is wrong."""
    draws = np.array([np.isin(range(units), chosen) for chosen in combinations(range(units), audit)])
    patterns = ((np.arange(1, 2**units)[:, None] >> np.arange(units)) & 1).astype(bool)
    accepted = np.zeros((len(patterns), len(draws)), dtype=int)
    going = np.ones_like(accepted, dtype=bool)
    for prefix in prefixes:
        n = draws[:, :prefix].sum(axis=1)
        k = (patterns[:, None, :prefix] & draws[None, :, :prefix]).sum(axis=2)
        table = np.array(
            [
                [passes(prefix, i, j, alpha, delta) for j in range(i + 1)] + [False] * (audit - i)
                for i in range(audit + 1)
            ]
        )
        going &= table[n[None, :], k]
        accepted[going] = prefix
    inside = np.arange(units) < accepted[:, :, None]
    machine = inside & ~draws[None]
    wrong = (machine & patterns[:, None]).sum(axis=2)
    return float((wrong > alpha * machine.sum(axis=2) + 1e-9).mean(axis=1).max())


@pytest.mark.parametrize("delta", [0.05, 0.2, 0.4])
@pytest.mark.parametrize("alpha", [0.1, 0.34, 0.5])
@pytest.mark.parametrize(("units", "audit"), [(7, 3), (8, 5), (9, 4)])
def test_no_population_breaks_the_promise(units, audit, alpha, delta):
    for start in (1, units // 2, units - 1):
        assert violation(units, audit, alpha, delta, range(start, units + 1)) <= delta + 1e-12


def test_neither_do_twelve_units():
    assert violation(12, 5, 0.25, 0.3, range(6, 13, 2)) <= 0.3


def test_a_bound_for_the_region_alone_would_break_it():
    """What holds of a region, audited units included, does not hold of the rest where units are few."""
    units, audit, delta = 9, 5, 0.2
    broken = 0.0
    for wrongs in range(1, units):
        chance = 0.0
        for k in range(min(audit, wrongs) + 1):
            total = floor(0.34 * units + 1e-9) + 1
            region = hypergeom.cdf(k, units, total, audit) <= delta if total <= units else True
            if region and (wrongs - k) > 0.34 * (units - audit):
                chance += hypergeom.pmf(k, units, wrongs, audit)
        broken = max(broken, chance)
    assert broken > delta


@given(st.integers(1, 400), st.data())
def test_the_p_value_is_scipys(prefix, data):
    audited = data.draw(st.integers(0, prefix))
    wrong = data.draw(st.integers(0, audited))
    alpha = data.draw(st.sampled_from([0.02, 0.05, 0.1, 0.5]))
    unaudited = prefix - audited
    marked = floor(round(alpha * unaudited, 9)) + 1
    expected = hypergeom.cdf(wrong, prefix, marked + wrong, audited) if marked <= unaudited else 0.0
    assert remaining_p_value(prefix, audited, wrong, alpha) == pytest.approx(expected, abs=1e-12)


@given(st.integers(20, 300), st.data())
def test_a_prefix_passes_where_no_more_than_allowed_are_wrong(prefix, data):
    audited = data.draw(st.integers(1, prefix - 1))
    allowed = allowed_wrong(prefix, audited, 0.1, 0.1)
    for wrong in range(audited + 1):
        passed = remaining_p_value(prefix, audited, wrong, 0.1) <= 0.1
        assert passed == (allowed is not None and wrong <= allowed)


def test_the_least_audit_is_found():
    fewest = fewest_for_any(1000, 0.05, 0.05)
    assert remaining_p_value(1000, fewest, 0, 0.05) <= 0.05 < remaining_p_value(1000, fewest - 1, 0, 0.05)


def calibrated(n: int, mean: float = 0.08, size: float = 0.8, seed: int = 0) -> np.ndarray:
    return np.sort(np.random.default_rng(seed).beta(mean * size, (1 - mean) * size, n))


POPULATIONS = {
    "just above alpha everywhere": lambda n, alpha, rng: np.full(n, 1.15 * alpha),
    "a blind spot among the safest": lambda n, alpha, rng: np.where(
        np.arange(n) < 0.3 * n, 1.3 * alpha, 0.01
    ),
    "better first, worse later": lambda n, alpha, rng: np.linspace(0.5 * alpha, 3 * alpha, n),
    "over-confident": lambda n, alpha, rng: np.linspace(alpha, 1.5 * alpha, n),
}


@pytest.mark.parametrize("alpha", [0.02, 0.05, 0.1])
@pytest.mark.parametrize("name", POPULATIONS)
def test_the_sequence_keeps_its_promise_over_many_draws(name, alpha):
    n, audit, delta = 2000, 400, 0.05
    rng = np.random.default_rng(0)
    wrong = rng.random(n) < POPULATIONS[name](n, alpha, rng)
    prefixes = np.unique(np.linspace(500, n, 24).astype(int))
    assert sequence_violations(wrong, audit, alpha, delta, prefixes) <= delta + 3 * np.sqrt(
        delta * (1 - delta) / DRAWS
    )


number = cache(allowed_wrong)


def most_wrong(prefixes: np.ndarray, inside: np.ndarray, alpha: float, delta: float) -> np.ndarray:
    """Give what the rule allows to be wrong, -1 for nothing, shape (draws, prefixes)."""
    allowed = np.full((len(prefixes), inside.max() + 1), -1)
    for row, prefix in enumerate(prefixes.tolist()):
        for n in np.unique(inside[:, row]).tolist():
            found = number(prefix, n, alpha, delta)
            allowed[row, n] = -1 if found is None else found
    return allowed[np.arange(len(prefixes)), inside]


def sequence_violations(
    wrong: np.ndarray, audit: int, alpha: float, delta: float, prefixes: np.ndarray, plug_in: bool = False
) -> float:
    rng, n, found = np.random.default_rng(1), len(wrong), 0
    total = np.cumsum(wrong)[prefixes - 1]
    starts = np.concatenate([[0], prefixes[:-1]])
    for _ in range(DRAWS // 500):
        keys = rng.random((500, n), dtype=np.float32)
        audited = keys < np.partition(keys, audit, axis=1)[:, [audit]]
        inside = np.add.reduceat(audited, starts, axis=1, dtype=int).cumsum(axis=1)
        k = np.add.reduceat(audited & wrong, starts, axis=1, dtype=int).cumsum(axis=1)
        budget = np.floor(np.round(alpha * (prefixes - inside), 9)).astype(int)
        passed = k <= (alpha * inside if plug_in else most_wrong(prefixes, inside, alpha, delta))
        last = np.cumprod(passed, axis=1).sum(axis=1)
        at = np.arange(500), np.maximum(last - 1, 0)
        found += int(((last > 0) & ((total - k)[at] > budget[at])).sum())
    return found / DRAWS


def test_plug_in_thresholds_break_it():
    wrong = np.random.default_rng(0).random(2000) < 0.0575
    prefixes = np.unique(np.linspace(500, 2000, 24).astype(int))
    assert sequence_violations(wrong, 400, 0.05, 0.05, prefixes, plug_in=True) > 0.07


def accepted_share(errors: np.ndarray, audit: int, seed: int) -> tuple[float, float]:
    """Give the unaudited share that ours and the plain recipe accept of what hindsight would."""
    rng, n = np.random.default_rng(seed), len(errors)
    wrong = rng.random(n) < errors
    audited = rng.permutation(n) < audit
    hindsight = np.flatnonzero(np.cumsum(wrong) <= 0.05 * np.arange(1, n + 1))[-1] + 1
    ours = prove(Ranked(1 - errors, audited, audited & wrong), "selective", 0.05, 0.05, n).prefix
    plain = 0
    for prefix in np.linspace(0.3 * n, n, 24).astype(int):
        if binom.cdf((audited & wrong)[:prefix].sum(), audited[:prefix].sum(), 0.05) > 0.05:
            break
        plain = prefix
    return ours / hindsight, plain / hindsight


def test_it_accepts_more_than_the_plain_recipe_on_a_sharp_scorer():
    errors = calibrated(10_000)
    shares = np.array([accepted_share(errors, 200, seed) for seed in range(40)])
    ours, plain = shares.mean(axis=0)
    assert ours > 0.82
    assert ours > 1.2 * plain


def test_a_certificate_of_the_selective_promise_says_what_it_accepts():
    rng, n = np.random.default_rng(3), 3000
    errors = calibrated(n)
    audited = rng.permutation(n) < 500
    units = AuditedUnits(
        clusters=[f"text {i}" for i in range(n)],
        scores=1 - errors,
        eligible=np.ones(n, dtype=bool),
        audited=audited,
        answered=audited,
        wrong=rng.random(n) < errors,
    )
    outcome = certify(units, Terms("selective", 0.05, 0.05, n, 1, 1, "scorer", "table", ("anna",)))
    certificate = outcome.certificate
    assert certificate is not None
    assert certificate.promise == "selective"
    assert units.wrong[outcome.accepted].mean() <= 0.05
    passed = [step for step in certificate.steps if step.passed]
    assert certificate.accepted == passed[-1].prefix - passed[-1].audited
    assert certificate.inside_wrong == passed[-1].wrong <= certificate.allowed
    assert describe(certificate).startswith(
        f"At most 5 % of the {certificate.accepted:,} labels that the machine accepts are wrong, with 95 %"
    )


def test_too_small_an_audit_says_how_many_are_missing_and_spends_nothing():
    ranked = np.arange(400) < 20
    units = AuditedUnits(
        [str(i) for i in range(400)],
        np.linspace(1, 0.5, 400),
        np.ones(400, dtype=bool),
        ranked,
        ranked,
        np.zeros(400, dtype=bool),
    )
    outcome = certify(units, Terms("selective", 0.05, 0.05, 400, 1, 1, "scorer", "table", ()))
    assert (outcome.certificate, outcome.delta_spent) == (None, 0.0)
    assert "20 of at least" in outcome.reason


def test_nothing_is_accepted_where_the_safest_are_wrong_and_delta_is_spent():
    n = 1000
    audited = np.arange(n) % 4 == 0
    wrong = np.arange(n) < 300
    units = AuditedUnits(
        [str(i) for i in range(n)], np.linspace(1, 0.9, n), np.ones(n, dtype=bool), audited, audited, wrong
    )
    outcome = certify(units, Terms("selective", 0.05, 0.05, n, 1, 1, "scorer", "table", ()))
    assert outcome.certificate is None
    assert outcome.delta_spent > 0
    assert "nothing can be accepted" in outcome.reason

"""Violation rates over 20,000 draws of the audit: the rule and its guards hold, what they replace does not.

Columns are ranks, safest first. A draw violates when more unaudited wrong labels are accepted than the
budget. The rule is at its worst from ``budget + 1 + k*`` wrong labels on; more of them change nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
import pytest

from labeling.certificates import AuditedUnits, Terms, certify
from labeling.certificates.guarantee import acceptable_wrong, chance_of_few, delta_share, error_budget

DRAWS, CHUNK = 20_000, 500
ALPHA = DELTA = 0.05
WITHIN = DELTA + 3 * np.sqrt(DELTA * (1 - DELTA) / DRAWS)
BROKEN = 0.07

Masks = np.ndarray
Rule = Callable[[np.ndarray, np.random.Generator], np.ndarray]

number = cache(acceptable_wrong)


def violation_rate(rule: Rule, width: int, seed: int = 0) -> float:
    """Give the share of violations; ``rule`` judges uniform keys, shape (draws, width)."""
    rng = np.random.default_rng(seed)
    chunks = (rule(rng.random((CHUNK, width), dtype=np.float32), rng) for _ in range(DRAWS // CHUNK))
    return float(np.mean([chunk.mean() for chunk in chunks]))


def drawn(keys: np.ndarray, size: int) -> Masks:
    """Mask of the ``size`` smallest keys of each draw: a uniform audit; a smaller one is part of a larger."""
    return keys < np.partition(keys, size, axis=1)[:, [size]]


def first(count: int, width: int, start: int = 0) -> Masks:
    """Mask, shape (width,), of ``count`` ranks from ``start``."""
    ranks = np.arange(width)
    return (ranks >= start) & (ranks < start + count)


def accepted_wrong(wrong: Masks, failed: Masks, machine: Masks, allowed: np.ndarray | int) -> np.ndarray:
    """Count, by draw, wrong machine labels ranked before the failed one number ``allowed + 1``."""
    within = np.cumsum(failed, axis=1, dtype=np.int16) <= np.reshape(allowed, (-1, 1))
    return (wrong & machine & within).sum(axis=1)


TOP, AUDIT = 1000, 200
BUDGET = error_budget(ALPHA, TOP)
ALLOWED = number(TOP, AUDIT, BUDGET, DELTA)
LEAST_FAVOURABLE = BUDGET + 1 + ALLOWED


def with_allowed(allowed: int, wrong: Masks) -> Rule:
    def rule(keys: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        audited = drawn(keys, AUDIT)
        return accepted_wrong(wrong, audited & wrong, ~audited, allowed) > BUDGET

    return rule


@pytest.mark.parametrize("wrongs", [LEAST_FAVOURABLE, 2 * LEAST_FAVOURABLE])
@pytest.mark.parametrize("start", [0, 500])
def test_the_rule_keeps_its_promise_on_the_least_favourable_pool(wrongs, start):
    rate = violation_rate(with_allowed(ALLOWED, first(wrongs, TOP, start)), TOP)
    assert rate == pytest.approx(chance_of_few(TOP, LEAST_FAVOURABLE, AUDIT, ALLOWED), abs=WITHIN - DELTA)
    assert rate <= WITHIN


def test_one_more_allowed_breaks_it():
    assert violation_rate(with_allowed(ALLOWED + 1, first(LEAST_FAVOURABLE + 1, TOP)), TOP) > BROKEN


def test_the_plug_in_rule_breaks_it():
    allowed = int(ALPHA * AUDIT)
    assert violation_rate(with_allowed(allowed, first(2 * LEAST_FAVOURABLE, TOP)), TOP) > BROKEN


def skipping(*, drop: bool) -> Rule:
    wrong = first(2 * LEAST_FAVOURABLE, TOP)

    def rule(keys: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        audited = drawn(keys, AUDIT)
        skipped = audited & wrong & (rng.random(keys.shape, dtype=np.float32) < 0.5)
        kept = audited & ~skipped if drop else audited
        allowed = np.array([number(TOP, int(n), BUDGET, DELTA) for n in kept.sum(axis=1)])
        return accepted_wrong(wrong, kept & wrong, ~kept, allowed) > BUDGET

    return rule


def test_dropped_skips_break_it_and_skips_that_count_as_wrong_do_not():
    assert violation_rate(skipping(drop=True), TOP) > BROKEN
    assert violation_rate(skipping(drop=False), TOP) <= WITHIN


def reviewing_the_typical(*, blind: bool) -> Rule:
    """Review 1,200 of 4,000 rows first, all of them right; wrong labels lie among the others."""
    width, typical, audit = 4000, 1200, 400
    budget = error_budget(ALPHA, width)
    wrong = first(2 * budget, width, start=typical)

    def rule(keys: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        audited = drawn(keys, audit)
        picked = first(typical, width) & (blind | ~audited)
        remaining, audited = ~picked, audited & ~picked
        tops, sizes = remaining.sum(axis=1).tolist(), audited.sum(axis=1).tolist()
        allowed = [number(top, n, budget, DELTA) for top, n in zip(tops, sizes, strict=True)]
        return accepted_wrong(wrong, audited & wrong, remaining & ~audited, np.array(allowed)) > budget

    return rule


def test_selection_that_sees_the_audit_breaks_it_and_blind_selection_does_not():
    assert violation_rate(reviewing_the_typical(blind=False), 4000) > BROKEN
    assert violation_rate(reviewing_the_typical(blind=True), 4000) <= WITHIN


def growing_audit(share: Callable[[int], float]) -> Rule:
    """Test four challengers, each wrong elsewhere, on an audit that grows and is used again."""
    width, sizes = 1200, (100, 150, 200, 250)
    budget = error_budget(ALPHA, width)
    allowed = [number(width, n, budget, share(r)) for r, n in enumerate(sizes, start=1)]
    wrongs = [budget + 1 + k for k in allowed]
    patterns = [first(w, width, sum(wrongs[:r])) for r, w in enumerate(wrongs)]

    def rule(keys: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        violated = np.zeros(len(keys), dtype=bool)
        for size, k, wrong in zip(sizes, allowed, patterns, strict=True):
            audited = drawn(keys, size)
            violated |= accepted_wrong(wrong, audited & wrong, ~audited, k) > budget
        return violated

    return rule


def test_delta_spent_over_four_tests_of_one_audit_holds_and_delta_for_each_does_not():
    assert violation_rate(growing_audit(lambda r: delta_share(DELTA, r)), 1200) <= WITHIN
    assert violation_rate(growing_audit(lambda r: DELTA), 1200) > BROKEN


@pytest.mark.parametrize("start", [0, 500, 1000])
def test_units_that_join_later_at_the_same_rate_do_no_harm(start):
    present, size, width = 1000, 100, 2000
    budget = error_budget(ALPHA, width)
    wrong = first(budget + 1 + number(width, 2 * size, budget, DELTA), width, start)

    def rule(keys: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        audited = keys < np.partition(keys[:, :present], size, axis=1)[:, [size]]
        allowed = np.array([number(width, int(n), budget, DELTA) for n in audited.sum(axis=1)])
        return accepted_wrong(wrong, audited & wrong, ~audited, allowed) > budget

    assert violation_rate(rule, width) <= WITHIN


def auditing_the_safest() -> Rule:
    """Audit by score: only the safer half, and count as if the draw were uniform."""
    wrong = first(2 * LEAST_FAVOURABLE, TOP, start=TOP // 2)

    def rule(keys: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        audited = drawn(np.where(first(TOP // 2, TOP), keys, keys + 1), AUDIT)
        return accepted_wrong(wrong, audited & wrong, ~audited, ALLOWED) > BUDGET

    return rule


def training_on_the_audit() -> Rule:
    """The scorer has learnt the auditors' answers: two in five of its errors on audited rows are gone."""
    return failing_less_often(0.4, 2 * LEAST_FAVOURABLE)


def anchored_auditors() -> Rule:
    """Auditors see the suggestion and accept three wrong ones in five."""
    return failing_less_often(0.6, 2 * LEAST_FAVOURABLE)


def failing_less_often(missed: float, wrongs: int) -> Rule:
    wrong = first(wrongs, TOP)

    def rule(keys: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        audited = drawn(keys, AUDIT)
        seen = audited & wrong & (rng.random(keys.shape, dtype=np.float32) >= missed)
        return accepted_wrong(wrong, seen, ~audited, ALLOWED) > BUDGET

    return rule


def extending_until_it_passes(share: Callable[[int], float]) -> Rule:
    """Look at 100, 150, ... 400 answers and take whatever is accepted at any of them."""
    sizes = tuple(range(100, 401, 50))
    allowed = [number(TOP, n, BUDGET, share(look)) for look, n in enumerate(sizes, start=1)]
    wrong = first(4 * LEAST_FAVOURABLE, TOP)

    def rule(keys: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        violated = np.zeros(len(keys), dtype=bool)
        for n, k in zip(sizes, allowed, strict=True):
            if k is not None:
                audited = drawn(keys, n)
                violated |= accepted_wrong(wrong, audited & wrong, ~audited, k) > BUDGET
        return violated

    return rule


@pytest.mark.parametrize(
    "rule",
    [
        auditing_the_safest(),
        training_on_the_audit(),
        anchored_auditors(),
        extending_until_it_passes(lambda _: DELTA),
    ],
)
def test_each_guard_that_is_taken_out_breaks_it(rule: Rule) -> None:
    assert violation_rate(rule, TOP) > BROKEN


def test_looks_that_share_delta_do_no_harm():
    assert violation_rate(extending_until_it_passes(lambda look: delta_share(DELTA, look)), TOP) <= WITHIN


def first_failures(
    wrongs: int, units: int, audited: int, allowed: int, rng: np.random.Generator
) -> np.ndarray:
    """Count accepted wrong labels in 20,000 draws where only the order among the wrong ones matters.

    Of ``wrongs`` wrong units, by rank, a hypergeometric number is audited, each set of them alike; before the
    audited one number ``allowed + 1`` all but ``allowed`` are accepted.
    """
    found = rng.hypergeometric(wrongs, units - wrongs, audited, size=DRAWS)
    counts = np.empty(DRAWS, dtype=int)
    for i, x in enumerate(found):
        if x <= allowed:
            counts[i] = wrongs - x
        else:
            ranks = rng.choice(wrongs, x, replace=False, shuffle=False)
            counts[i] = np.partition(ranks, allowed)[allowed] - allowed
    return counts


@pytest.mark.parametrize("alpha", [0.02, 0.05, 0.10])
@pytest.mark.parametrize(("units", "audit"), [(1_500, 400), (10_000, 600), (100_000, 1_000)])
def test_the_promise_holds_at_every_size(units: int, audit: int, alpha: float) -> None:
    """Whatever the order, ties and confidence: only how many are wrong decides; the worst are tried."""
    budget = error_budget(alpha, units)
    allowed = acceptable_wrong(units, audit, budget, DELTA)
    assert allowed is not None
    rng = np.random.default_rng(0)
    for wrongs in (budget + 1 + allowed, round(1.1 * alpha * units) + allowed):
        rate = float(np.mean(first_failures(wrongs, units, audit, allowed, rng) > budget))
        assert rate <= WITHIN


def test_certify_is_the_rule_that_was_simulated():
    rng = np.random.default_rng(0)
    terms = Terms("dataset", ALPHA, DELTA, TOP, 1, 1, "scorer", "table", ("anna",))
    allowed = number(TOP, AUDIT, BUDGET, terms.delta_spent)
    wrong = first(3 * LEAST_FAVOURABLE, TOP)
    for audited in drawn(rng.random((200, TOP)), AUDIT):
        units = AuditedUnits(
            clusters=[str(i) for i in range(TOP)],
            scores=-np.arange(TOP, dtype=float),
            eligible=np.ones(TOP, dtype=bool),
            audited=audited,
            answered=audited,
            wrong=wrong,
        )
        expected = accepted_wrong(wrong, (audited & wrong)[None], ~audited, allowed)
        assert (certify(units, terms).accepted & wrong).sum() == expected[0]

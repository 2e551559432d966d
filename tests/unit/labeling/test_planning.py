"""Plans that say what an audit will bring and how many answers are missing."""

from __future__ import annotations

import numpy as np
import pytest

from labeling.certificates.guarantee import acceptable_wrong, error_budget, fewest_audited
from labeling.certificates.planning import plan_audit
from labeling.certificates.reach import plan_prefixes
from labeling.certificates.selective import sequence_of_tests


def calibrated_errors(top: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).beta(0.2, 2.3, size=top)


def test_the_needed_answers_bring_nine_tenths_of_hindsight_four_times_in_five():
    errors = np.sort(calibrated_errors(2000))
    population, alpha, delta = 2000, 0.05, 0.05
    plan = plan_audit("dataset", errors, population, 100, alpha, delta)
    budget = error_budget(alpha, population)
    allowed = acceptable_wrong(2000, plan.needed, budget, delta)
    goal = int(0.9 * np.searchsorted(np.cumsum(errors), budget))
    rng = np.random.default_rng(1)
    reached = []
    for _ in range(400):
        wrong = rng.random(2000) < errors
        audited = rng.permutation(2000) < plan.needed
        reached.append((wrong & audited)[:goal].sum() <= allowed)
    assert plan.missing == plan.needed - 100 > 0
    assert 0.7 < np.mean(reached) < 0.9


def test_the_predicted_acceptance_is_what_comes_out():
    errors = np.sort(calibrated_errors(2000))
    plan = plan_audit("dataset", errors, 2000, 400, 0.05, 0.05)
    rng = np.random.default_rng(1)
    accepted = []
    for _ in range(200):
        audited = rng.permutation(2000) < 400
        failed = np.cumsum((rng.random(2000) < errors) & audited)
        accepted.append((~audited & (failed <= plan.allowed)).sum())
    assert plan.accepted == pytest.approx(np.mean(accepted), rel=0.05)
    assert plan.missing == 0


def test_a_hopeless_audit_says_what_would_do():
    plan = plan_audit("dataset", np.full(1000, 0.01), 1000, 10, 0.05, 0.05)
    assert (plan.allowed, plan.accepted, plan.power) == (None, 0, 0.0)
    assert plan.needed >= fewest_audited(1000, 50, 0.05)
    assert plan.describe() == f"10 audit answers prove nothing yet; about {plan.needed} would be enough"


def test_a_region_that_is_wrong_more_often_than_promised_still_has_a_plan():
    plan = plan_audit("dataset", np.full(1000, 0.3), 1000, 200, 0.05, 0.05)
    assert plan.allowed is not None
    assert 0 < plan.accepted < 200
    assert f"{plan.missing} more answers bring it to 80%" in plan.describe()


def test_a_plan_for_an_empty_region_needs_nothing():
    plan = plan_audit("dataset", np.zeros(0), 1000, 0, 0.05, 0.05)
    assert (plan.accepted, plan.needed, plan.missing) == (0, 0, 0)


def test_the_needed_answers_pass_the_goal_of_a_selective_promise_four_times_in_five():
    errors = np.sort(calibrated_errors(4000))
    plan = plan_audit("selective", errors, 4000, 50, 0.05, 0.05)
    rng = np.random.default_rng(1)
    reached = []
    for _ in range(400):
        audited = (rng.permutation(4000) < plan.needed)[: plan.goal]
        failed = audited & (rng.random(plan.goal) < errors[: plan.goal])
        reached.append(sequence_of_tests([plan.goal], audited, failed, 0.05, 0.05)[0].passed)
    assert plan.missing == plan.needed - 50 > 0
    assert 0.7 < np.mean(reached) < 0.9


def test_the_predicted_acceptance_of_a_selective_promise_is_about_what_comes_out():
    errors = np.sort(calibrated_errors(4000))
    plan = plan_audit("selective", errors, 4000, 600, 0.05, 0.05)
    prefixes = plan_prefixes(errors, 600, 0.05, 0.05).tolist()
    rng = np.random.default_rng(1)
    accepted = []
    for _ in range(200):
        audited = rng.permutation(4000) < 600
        steps = sequence_of_tests(prefixes, audited, audited & (rng.random(4000) < errors), 0.05, 0.05)
        accepted.append(max((s.prefix - s.audited for s in steps if s.passed), default=0))
    assert plan.accepted == pytest.approx(np.mean(accepted), rel=0.1)


def test_a_strict_promise_says_how_many_answers_it_needs_before_anybody_starts():
    plan = plan_audit("selective", np.full(20_000, 0.004), 20_000, 150, 0.01, 0.05)
    assert 600 < plan.needed < 3000
    assert plan.describe() == f"150 audit answers prove nothing yet; about {plan.needed:,} would be enough"


def test_where_even_the_safest_are_too_often_wrong_no_audit_is_asked_for():
    plan = plan_audit("selective", np.full(1000, 0.2), 1000, 200, 0.05, 0.05)
    assert (plan.goal, plan.accepted, plan.power) == (0, 0, 0.0)
    assert plan.describe().startswith("no audit would help yet")

"""Membership of the standing sample, and plans that say how many answers are missing."""

from __future__ import annotations

from hashlib import blake2b

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeling.certificates.audit import keyed_hashes, plan_audit, rate_among, rate_for, standing_sample
from labeling.certificates.guarantee import acceptable_wrong, error_budget, fewest_audited

CLUSTERS = [f"text {i}" for i in range(2000)]


@given(st.text(max_size=80), st.sets(st.text(), max_size=50), st.integers(0, 60))
def test_the_rate_draws_exactly_the_size(salt, clusters, size):
    present = sorted(clusters)
    rate = rate_for(salt, present, size)
    assert standing_sample(salt, present, rate).sum() == min(size, len(present))


def test_membership_knows_nothing_but_salt_and_content():
    rate = rate_for("salt", CLUSTERS, 200)
    members = standing_sample("salt", CLUSTERS, rate)
    shuffled = np.random.default_rng(0).permutation(len(CLUSTERS))
    np.testing.assert_array_equal(
        standing_sample("salt", [CLUSTERS[i] for i in shuffled], rate), members[shuffled]
    )
    assert (standing_sample("pepper", CLUSTERS, rate) & members).sum() == pytest.approx(20, abs=15)


def test_duplicates_belong_together_and_count_once():
    twice = [*CLUSTERS, *CLUSTERS]
    assert rate_for("salt", twice, 200) == rate_for("salt", CLUSTERS, 200)
    members = standing_sample("salt", twice, rate_for("salt", twice, 200))
    np.testing.assert_array_equal(members[: len(CLUSTERS)], members[len(CLUSTERS) :])


def test_a_higher_rate_keeps_all_members():
    low, high = (standing_sample("salt", CLUSTERS, rate) for rate in (0.1, 0.3))
    assert not (low & ~high).any()
    assert standing_sample("salt", CLUSTERS, 1.0).all()
    assert not standing_sample("salt", CLUSTERS, 0.0).any()


def test_the_hash_is_uniform():
    hashes = keyed_hashes("salt", [str(i) for i in range(20_000)])
    counts, _ = np.histogram(hashes, bins=20, range=(0, 1))
    assert ((counts - 1000) ** 2 / 1000).sum() < 50


def test_the_hash_is_keyed_blake2b():
    key = blake2b(b"salt").digest()
    words = [int.from_bytes(blake2b(c.encode(), key=key, digest_size=8).digest(), "big") for c in CLUSTERS]
    np.testing.assert_array_equal(keyed_hashes("salt", CLUSTERS), [(word >> 11) / 2**53 for word in words])
    assert keyed_hashes("salt", []).shape == (0,)


def test_hashes_are_kept_and_cannot_be_spoilt():
    hashes = keyed_hashes("salt", CLUSTERS)
    assert keyed_hashes("salt", list(CLUSTERS)) is hashes
    with pytest.raises(ValueError, match="read-only"):
        hashes[0] = 0


def test_the_rate_among_hashes_is_the_next_smallest():
    hashes = np.array([0.5, 0.1, 0.9, 0.3])
    assert [rate_among(hashes, size) for size in (0, 1, 3, 4, 9)] == [0.1, 0.3, 0.9, 1.0, 1.0]


def calibrated_errors(top: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).beta(0.2, 2.3, size=top)


def test_the_needed_answers_bring_nine_tenths_of_hindsight_four_times_in_five():
    errors = np.sort(calibrated_errors(2000))
    population, alpha, delta = 2000, 0.05, 0.05
    plan = plan_audit(errors, population, 100, alpha, delta)
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
    plan = plan_audit(errors, 2000, 400, 0.05, 0.05)
    rng = np.random.default_rng(1)
    accepted = []
    for _ in range(200):
        audited = rng.permutation(2000) < 400
        failed = np.cumsum((rng.random(2000) < errors) & audited)
        accepted.append((~audited & (failed <= plan.allowed)).sum())
    assert plan.accepted == pytest.approx(np.mean(accepted), rel=0.05)
    assert plan.missing == 0


def test_a_hopeless_audit_says_what_would_do():
    plan = plan_audit(np.full(1000, 0.01), 1000, 10, 0.05, 0.05)
    assert (plan.allowed, plan.accepted, plan.power) == (None, 0, 0.0)
    assert plan.needed >= fewest_audited(1000, 50, 0.05)
    assert plan.describe() == f"10 audit answers prove nothing yet; {plan.needed} would be enough"


def test_a_region_that_is_wrong_more_often_than_promised_still_has_a_plan():
    plan = plan_audit(np.full(1000, 0.3), 1000, 200, 0.05, 0.05)
    assert plan.allowed is not None
    assert 0 < plan.accepted < 200
    assert f"{plan.missing} more answers bring it to 80%" in plan.describe()


def test_a_plan_for_an_empty_region_needs_nothing():
    plan = plan_audit(np.zeros(0), 1000, 0, 0.05, 0.05)
    assert (plan.accepted, plan.needed, plan.missing) == (0, 0, 0)

"""Where a sequence of tests starts, and the region that an audit of its own is drawn from."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labeling.certificates.reach import (
    acceptable_prefix,
    best_start,
    candidate_prefixes,
    plan_prefixes,
    predicted_reach,
)
from labeling.certificates.region import plan_region
from labeling.certificates.selective import sequence_of_tests


def calibrated(n: int, mean: float = 0.08, size: float = 0.8, seed: int = 0) -> np.ndarray:
    return np.sort(np.random.default_rng(seed).beta(mean * size, (1 - mean) * size, n))


def test_the_acceptable_prefix_is_the_last_that_keeps_alpha():
    errors = np.array([0.0, 0.02, 0.1, 0.2, 0.9])
    assert [acceptable_prefix(errors, alpha) for alpha in (0.01, 0.045, 0.085, 0.5)] == [2, 3, 4, 5]


def test_where_nothing_is_acceptable_a_tenth_is():
    assert acceptable_prefix(np.full(25, 0.5), 0.05) == 3
    assert acceptable_prefix(np.zeros(0), 0.05) == 0


@settings(deadline=None, max_examples=40)
@given(st.integers(1, 400), st.floats(0, 0.6), st.floats(0.01, 0.3))
def test_candidates_rise_to_all_units(top, worst, alpha):
    prefixes = candidate_prefixes(np.linspace(0, worst, top), alpha)
    assert (np.diff(prefixes) > 0).all()
    assert prefixes[0] > 0
    assert prefixes[-1] == top
    assert acceptable_prefix(np.linspace(0, worst, top), alpha) in prefixes
    assert len(prefixes) <= 24


def test_of_equal_starts_the_last_one_is_taken():
    assert best_start(np.array([1.0, 3.0, 3.0, 2.0])) == 2


def test_the_start_is_where_the_sequence_comes_farthest():
    errors = calibrated(4000, mean=0.15, size=2)
    candidates = candidate_prefixes(errors, 0.05)
    reach = predicted_reach(errors, candidates, 400, 0.05, 0.05)
    start = plan_prefixes(errors, 400, 0.05, 0.05)[0]
    assert reach[candidates.tolist().index(start)] == reach.max()


def test_the_predicted_reach_lies_between_those_with_errors_as_predicted_and_half_as_many_more():
    errors, size = calibrated(3000, mean=0.12, size=2), 500
    rng, accepted = np.random.default_rng(0), {1.0: [], 1.5: []}
    candidates = candidate_prefixes(errors, 0.05)
    reach = predicted_reach(errors, candidates, size, 0.05, 0.05)
    begin = best_start(reach)
    for inflation, came in accepted.items():
        for _ in range(60):
            audited = rng.permutation(3000) < size
            failed = audited & (rng.random(3000) < inflation * errors)
            steps = sequence_of_tests(candidates[begin:].tolist(), audited, failed, 0.05, 0.05)
            came.append(max((s.prefix - s.audited for s in steps if s.passed), default=0))
    means = [np.mean(came) for came in accepted.values()]
    assert reach[begin] == pytest.approx(np.mean(means), rel=0.1)
    assert means[1] < reach[begin] < means[0]


def test_few_units_have_few_prefixes():
    assert plan_prefixes(np.zeros(0), 0, 0.05, 0.05).tolist() == []
    assert plan_prefixes(np.zeros(3), 1, 0.05, 0.05)[-1] == 3


def test_the_prefixes_are_the_same_each_time():
    errors = calibrated(2000)
    assert plan_prefixes(errors, 300, 0.05, 0.05).tolist() == plan_prefixes(errors, 300, 0.05, 0.05).tolist()


def test_the_region_of_dataset_holds_a_quarter_more_errors_than_there_is_room_for():
    errors = calibrated(5000, mean=0.2, size=3)
    region = plan_region("dataset", errors, 5000, 200, 0.05, 0.05)
    assert errors[:region].sum() == pytest.approx(1.25 * 250, abs=1)


def test_the_region_of_selective_is_part_of_what_is_acceptable():
    errors = calibrated(5000, mean=0.2, size=3)
    region = plan_region("selective", errors, 5000, 200, 0.05, 0.05)
    assert 0.3 * acceptable_prefix(errors, 0.05) <= region <= acceptable_prefix(errors, 0.05)


def test_more_answers_are_drawn_from_a_larger_region():
    errors = calibrated(5000, mean=0.2, size=3)
    few, many = (plan_region("selective", errors, 5000, n, 0.05, 0.05) for n in (150, 1200))
    assert few < many


@settings(deadline=None, max_examples=25)
@given(st.sampled_from(["dataset", "selective"]), st.integers(0, 120), st.integers(0, 150), st.floats(0, 0.5))
def test_a_region_leaves_something_unaudited_where_it_can(promise, top, audited, worst):
    region = plan_region(promise, np.linspace(0, worst, top), top, audited, 0.05, 0.05)
    assert min(audited + 1, top) <= region <= top

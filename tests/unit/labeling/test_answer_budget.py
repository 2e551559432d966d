"""How answers are shared between review and audit."""

from __future__ import annotations

import numpy as np
import pytest

from labeling.certificates.budget import Need, need_of, split_answers
from labeling.certificates.guarantee import acceptable_wrong, error_budget
from labeling.certificates.planning import enough_for_share

LEAST, MOST, BATCH = 60, 400, 50


def split(now: Need, *past: Need):
    return split_answers(now, past, 0.9, LEAST, MOST, BATCH)


def calibrated(n: int, mean: float = 0.06, size: float = 1.5, seed: int = 0) -> np.ndarray:
    return np.sort(np.random.default_rng(seed).beta(mean * size, (1 - mean) * size, n))


def test_a_scorer_that_has_learnt_little_is_not_believed():
    found = split(Need(20, 80), Need(0, 400))
    assert not found.audit_first
    assert found.reason == "review: the scorer has learnt from 20 answers only"


def test_review_goes_on_while_it_saves_more_than_it_takes():
    found = split(Need(150, 200), Need(50, 500), Need(100, 300))
    assert (found.audit_first, found.size) == (False, LEAST)
    assert found.reason.endswith("the last 50 review answers saved 100 audit answers")


def test_the_audit_comes_first_where_review_saves_less_than_it_takes():
    found = split(Need(150, 180), Need(100, 220))
    assert (found.audit_first, found.size, found.need) == (True, 180, 180)
    assert found.reason == (
        "audit: 180 audit answers are predicted to be enough to accept 90 % of the texts that could be; "
        "the last 50 review answers saved 40 audit answers, fewer than they cost"
    )


def test_review_that_saves_as_many_as_it_takes_does_not_pay():
    assert split(Need(150, 180), Need(100, 230)).audit_first
    assert not split(Need(150, 180), Need(100, 231)).audit_first


def test_a_need_that_grew_saved_nothing():
    assert "saved 0 audit answers" in split(Need(150, 180), Need(100, 150)).reason


def test_rounds_of_fewer_answers_than_a_batch_are_compared_with_earlier_ones():
    found = split(Need(160, 180), Need(100, 300), Need(150, 181))
    assert "the last 60 review answers saved 120" in found.reason


def test_no_fewer_than_the_least_are_asked():
    found = split(Need(150, 10))
    assert (found.audit_first, found.size) == (True, LEAST)
    assert found.reason.startswith("audit: 60 audit answers are predicted")


def test_no_more_than_people_are_ready_for_are_asked():
    found = split(Need(150, 900), Need(100, 910))
    assert (found.audit_first, found.size) == (False, MOST)
    assert "more than routing.audit, 400" in found.reason


@pytest.mark.parametrize("past", [(), (Need(100, None),)])
def test_one_figure_alone_does_not_end_review(past):
    assert not split(Need(150, 200), *past).audit_first


def test_where_no_audit_would_do_review_goes_on():
    found = split(Need(150, None), Need(100, None))
    assert not found.audit_first
    assert "no audit is predicted to be enough" in found.reason


@pytest.mark.parametrize("promise", ["dataset", "selective"])
def test_what_is_said_to_be_enough_is_enough_four_times_in_five(promise):
    errors, share, delta = calibrated(2000), 0.8, 0.05
    enough = enough_for_share(promise, errors, 2000, share, 0.05, delta)
    goal, rng, reached = int(share * 2000), np.random.default_rng(1), []
    for _ in range(300):
        audited = rng.permutation(2000) < enough
        wrong = rng.random(2000) < errors
        inside = int(audited[:goal].sum())
        top, n = (2000, enough) if promise == "dataset" else (goal, inside)
        budget = error_budget(0.05, 2000 if promise == "dataset" else goal - inside)
        allowed = acceptable_wrong(top, n, budget, delta)
        reached.append(allowed is not None and (wrong & audited)[:goal].sum() <= allowed)
    assert 0.68 < np.mean(reached) < 0.93


def test_a_share_that_is_wrong_too_often_needs_more_than_an_audit():
    assert enough_for_share("dataset", np.full(1000, 0.2), 1000, 0.9, 0.05, 0.05) is None
    assert enough_for_share("selective", calibrated(1000, 0.2), 1000, 0.95, 0.05, 0.05) is None
    assert enough_for_share("dataset", np.zeros(0), 1000, 0.9, 0.05, 0.05) is None


def test_an_audit_of_the_population_is_larger_than_of_what_could_be_accepted():
    errors = calibrated(1000)
    all_of_it = enough_for_share("dataset", errors, 1000, 0.9, 0.05, 0.05)
    half = enough_for_share("dataset", errors, 2000, 0.9, 0.05, 0.05)
    budget = error_budget(0.05, 2000)
    assert budget == 100
    assert half < 2 * all_of_it


def test_needs_are_planned_with_a_quarter_more_errors_than_predicted():
    errors = calibrated(2000)
    now = need_of("dataset", errors, 2000, 150, 0.8, 0.05, 0.05)
    assert now == Need(150, enough_for_share("dataset", 1.25 * errors, 2000, 0.8, 0.05, 0.05))
    assert now.audit > enough_for_share("dataset", errors, 2000, 0.8, 0.05, 0.05)

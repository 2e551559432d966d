"""Certificates on small pools: what is accepted, what is refused, what is said."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labeling.certificates import AuditedUnits, Certificate, Terms, certify
from labeling.certificates.guarantee import acceptable_wrong, hidden_at_most
from labeling.certificates.looks import look_share
from labeling.certificates.wording import describe, describe_critical

TERMS = Terms("dataset", 0.05, 0.05, 1000, 1, 1, "scorer", "table", ("anna", "ben"))


def pool(n: int = 1000, audit: int = 200, errors: float = 0.02, seed: int = 0) -> AuditedUnits:
    rng = np.random.default_rng(seed)
    audited = rng.permutation(n) < audit
    scores = np.round(rng.beta(5, 1, size=n), 2)
    return AuditedUnits(
        clusters=[f"text {i}" for i in range(n)],
        scores=scores,
        eligible=rng.random(n) < 0.95,
        audited=audited,
        answered=audited.copy(),
        wrong=rng.random(n) < 2 * errors * (1 - scores) / (1 - scores).mean(),
    )


def rows(units: AuditedUnits, order: np.ndarray) -> AuditedUnits:
    fields = ("scores", "eligible", "audited", "answered", "wrong")
    return AuditedUnits(
        clusters=[units.clusters[i] for i in order], **{f: getattr(units, f)[order] for f in fields}
    )


def test_a_clean_audit_certifies_the_whole_region():
    units = replace(pool(), wrong=np.zeros(1000, dtype=bool))
    outcome = certify(units, TERMS)
    np.testing.assert_array_equal(outcome.accepted, units.eligible & ~units.audited)
    certificate = outcome.certificate
    assert (certificate.errors, certificate.unanswered, certificate.population) == (0, 0, 1000)
    assert certificate.top == units.eligible.sum()
    assert certificate.audited == (units.eligible & units.audited).sum()
    assert certificate.accepted == outcome.accepted.sum()
    assert certificate.delta_spent == outcome.delta_spent == look_share(0.05, 1, 10)


def test_the_prefix_ends_before_the_first_audited_wrong_unit_too_many():
    n, audit = 1000, 300
    ranks = np.arange(n)
    audited = ranks % 10 < 3
    allowed = acceptable_wrong(n, audit, 50, look_share(0.05, 1, 10))
    bad = np.flatnonzero(audited)[100 : 100 + allowed + 1]
    units = AuditedUnits(
        clusters=[str(i) for i in ranks],
        scores=1 - ranks / n,
        eligible=np.ones(n, dtype=bool),
        audited=audited,
        answered=audited,
        wrong=np.isin(ranks, bad),
    )
    outcome = certify(units, TERMS)
    np.testing.assert_array_equal(outcome.accepted, ~audited & (ranks < bad[-1]))
    assert outcome.certificate.threshold == units.scores[outcome.accepted].min()
    assert outcome.certificate.errors == allowed + 1


def test_audited_and_ineligible_units_are_never_accepted_by_machine():
    units = pool()
    accepted = certify(units, TERMS).accepted
    assert accepted.any()
    assert not (accepted & (units.audited | ~units.eligible)).any()


def test_no_test_takes_place_while_more_than_a_fiftieth_is_open():
    units = pool()
    members = np.flatnonzero(units.audited & units.eligible)
    for still_open, tested in ((int(0.02 * len(members)), True), (int(0.02 * len(members)) + 1, False)):
        answered = units.answered.copy()
        answered[members[:still_open]] = False
        outcome = certify(replace(units, answered=answered), TERMS)
        assert (outcome.delta_spent > 0) is tested
        assert (outcome.certificate is not None) is tested
    assert f"{still_open} of {len(members)} audit answers are open" in outcome.reason
    assert not outcome.accepted.any()


def test_open_answers_outside_the_region_hold_nothing_up():
    units = pool()
    outcome = certify(replace(units, answered=units.answered & units.eligible), TERMS)
    assert outcome.certificate.unanswered == 0


def test_unanswered_units_count_as_wrong():
    units = replace(pool(), wrong=np.zeros(1000, dtype=bool))
    members = np.flatnonzero(units.audited & units.eligible)[:3]
    answered = units.answered.copy()
    answered[members] = False
    certificate = certify(replace(units, answered=answered), TERMS).certificate
    assert (certificate.errors, certificate.unanswered) == (3, 3)
    assert "3 count as wrong (3 of them left unanswered)" in describe(certificate)


def test_too_small_an_audit_spends_nothing_and_says_how_many_are_missing():
    outcome = certify(pool(audit=20), TERMS)
    assert (outcome.certificate, outcome.delta_spent) == (None, 0.0)
    assert "18 of at least 62 audit answers" in outcome.reason


def test_safest_units_that_are_wrong_are_a_refusal_that_spends():
    units = pool(audit=150)
    scores = np.where(units.audited, 2 + units.scores, units.scores)
    outcome = certify(replace(units, scores=scores, wrong=units.audited), TERMS)
    assert outcome.certificate is None
    assert outcome.delta_spent == TERMS.delta_spent
    assert "nothing can be accepted" in outcome.reason


def test_nothing_to_accept_is_no_test():
    outcome = certify(replace(pool(), eligible=np.zeros(1000, dtype=bool)), TERMS)
    assert (outcome.certificate, outcome.delta_spent) == (None, 0.0)
    assert "no unaudited text could be accepted" in outcome.reason


def test_a_region_within_the_budget_needs_no_audit():
    units = pool(audit=0)
    units = replace(units, eligible=np.arange(1000) < 50)
    assert certify(units, TERMS).certificate.accepted == 50


def test_ties_are_broken_by_content_not_by_row_or_audit():
    units = replace(pool(), scores=np.ones(1000), wrong=np.arange(1000) % 12 == 0)
    order = np.random.default_rng(5).permutation(1000)
    outcome, shuffled = certify(units, TERMS), certify(rows(units, order), TERMS)
    assert 0 < outcome.accepted.sum() < units.eligible.sum() - units.audited.sum()
    np.testing.assert_array_equal(outcome.accepted[order], shuffled.accepted)
    audit_ranks = np.flatnonzero(units.audited[units.safest_first()]) / units.eligible.sum()
    assert audit_ranks.mean() == pytest.approx(0.5, abs=0.07)


@settings(max_examples=50)
@given(st.integers(0, 1000), st.floats(0, 0.2), st.integers(60, 250), st.randoms(use_true_random=False))
def test_row_order_does_not_matter(seed, errors, audit, random):
    units = pool(400, audit, errors, seed)
    order = np.array(random.sample(range(400), 400))
    outcome, shuffled = certify(units, TERMS), certify(rows(units, order), TERMS)
    np.testing.assert_array_equal(outcome.accepted[order], shuffled.accepted)
    assert outcome.certificate == shuffled.certificate
    assert outcome.reason == shuffled.reason


@settings(max_examples=50)
@given(
    st.integers(0, 1000),
    st.floats(0, 0.2),
    st.tuples(st.floats(0.01, 0.3), st.floats(0.01, 0.3)),
    st.tuples(st.floats(0.001, 0.5), st.floats(0.001, 0.5)),
)
def test_a_looser_promise_accepts_all_that_a_stricter_one_does(seed, errors, alphas, deltas):
    units = pool(400, 150, errors, seed)
    (strict, loose), (sure, unsure) = sorted(alphas), sorted(deltas)
    terms = replace(TERMS, population=400, alpha=strict, delta=sure)
    accepted = certify(units, terms).accepted
    for looser in (replace(terms, alpha=loose), replace(terms, delta=unsure)):
        assert not (accepted & ~certify(units, looser).accepted).any()
    assert not (certify(units, replace(terms, test=2)).accepted & ~accepted).any()


def test_the_certificate_says_what_it_promises():
    certificate = certify(pool(), TERMS).certificate
    said = describe(certificate)
    assert said.startswith(
        "At most 5 % of these 1,000 distinct texts carry a wrong machine-accepted label, with 95 % confidence"
    )
    for part in (
        f"where {certificate.accepted:,} labels are accepted, at scores down to {certificate.threshold:.3f}",
        f"{certificate.audited} were audited at random, {certificate.errors} count as wrong. ",
        "anna, ben",
    ):
        assert part in said
    assert "unanswered" not in said


def test_the_certificate_is_json_and_back():
    certificate = certify(pool(), TERMS).certificate
    stored = json.loads(json.dumps(certificate.to_dict()))
    keys = {"promise", "alpha", "delta", "threshold", "audited", "errors", "accepted", "scorer", "covers"}
    assert keys <= stored.keys()
    assert stored["promise"] == "dataset"
    assert Certificate.from_dict(stored) == certificate


def test_critical_units_get_a_bound_of_their_own():
    units = replace(pool(), wrong=np.zeros(1000, dtype=bool))
    inside, outside = units.audited & units.eligible, units.audited & ~units.eligible
    critical = outside.copy()
    critical[np.flatnonzero(inside)[:2]] = True
    certificate = certify(replace(units, critical=critical), TERMS).certificate
    expected = hidden_at_most(certificate.top, certificate.audited, 2, TERMS.delta_spent)
    assert (certificate.critical_found, certificate.critical_at_most) == (2, expected)
    assert describe_critical(certificate).startswith(
        f"At most {expected} of the {certificate.accepted} accepted labels ("
    )


def test_a_critical_answer_that_is_open_counts_and_a_schema_without_has_no_bound():
    units = replace(pool(), wrong=np.zeros(1000, dtype=bool))
    answered = units.answered.copy()
    answered[np.flatnonzero(units.audited & units.eligible)[0]] = False
    with_critical = replace(units, answered=answered, critical=np.zeros(1000, dtype=bool))
    assert certify(with_critical, TERMS).certificate.critical_found == 1
    without = certify(units, TERMS).certificate
    assert (without.critical_found, without.critical_at_most) == (None, None)
    assert describe_critical(without) is None


def test_bad_units_are_refused():
    units = pool(10, 2)
    with pytest.raises(ValueError, match="counts once"):
        replace(units, clusters=["same"] * 10)
    with pytest.raises(ValueError, match="expected arrays of shape"):
        replace(units, wrong=np.zeros(9, dtype=bool))
    with pytest.raises(ValueError, match="NaN"):
        replace(units, scores=np.full(10, np.nan))
    with pytest.raises(ValueError, match="in a population of 5"):
        certify(units, replace(TERMS, population=5))

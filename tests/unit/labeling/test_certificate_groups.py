"""Promises for groups: who is chosen, what is accepted, what is said and shown."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import hypergeom

from labeling.certificates import AuditedUnits, Certificate, Terms, certify
from labeling.certificates.arithmetic import steps_of
from labeling.certificates.grouping import APART, Grouping, choose_groups, describe_plans, group_doubt
from labeling.certificates.groups import certify_groups
from labeling.certificates.page import certificate_page
from labeling.certificates.wording import describe, describe_critical, promise_of

NAMES = ("HAM", "SPAM", "NEWS")
TERMS = Terms("dataset", 0.05, 0.05, 3000, 1, 1, "sco", "cov", ("anna",))


def grouping_of(unit: np.ndarray, by: str = "class") -> Grouping:
    return Grouping.of(by, NAMES, unit, np.ones(len(unit), dtype=bool))


def pool(
    shares: tuple[float, ...] = (0.5, 0.3, 0.15),
    errors: tuple[float, ...] = (0.01, 0.01, 0.7),
    n: int = 3000,
    audit: int = 1000,
    seed: int = 0,
) -> tuple[AuditedUnits, Grouping]:
    """Units in three groups and in none; the scorer knows how often it is wrong."""
    rng = np.random.default_rng(seed)
    unit = rng.choice([0, 1, 2, APART], size=n, p=[*shares, 1 - sum(shares)])
    chance = np.minimum(np.array([*errors, 0.01])[unit] * rng.uniform(0, 2, n), 1)
    audited = rng.permutation(n) < audit
    units = AuditedUnits(
        clusters=[f"text {i}" for i in range(n)],
        scores=1 - chance,
        eligible=rng.random(n) < 0.97,
        audited=audited,
        answered=audited.copy(),
        wrong=rng.random(n) < chance,
        critical=np.zeros(n, dtype=bool),
    )
    return units, grouping_of(unit)


def chosen_names(
    units: AuditedUnits, grouping: Grouping, most: int = 3, delta: float = 0.03
) -> tuple[str, ...]:
    planned = choose_groups("dataset", 1 - units.scores, units.eligible, grouping, 1 / 3, 0.05, delta, most)
    return tuple(p.title for p in planned)


def test_groups_are_chosen_by_what_they_will_probably_accept() -> None:
    units, grouping = pool()
    assert chosen_names(units, grouping, most=1) == ("class HAM",)
    assert chosen_names(units, grouping, most=2) == ("class HAM", "class SPAM")
    assert chosen_names(units, grouping, most=9) == ("class HAM", "class SPAM", "class NEWS")


def test_the_choice_knows_neither_answers_nor_where_the_audit_falls() -> None:
    units, grouping = pool()
    terms = replace(TERMS, population=len(units.clusters))
    rng = np.random.default_rng(1)
    told = set()
    for _ in range(6):
        audited = np.zeros(len(units.clusters), dtype=bool)
        audited[rng.choice(np.flatnonzero(units.eligible), 400, replace=False)] = True
        wrong = rng.random(len(audited)) < rng.random()
        outcome = certify_groups(
            replace(units, audited=audited, answered=audited, wrong=wrong), terms, grouping, 3
        )
        found = outcome.certificate
        told.add(
            tuple(sorted([*found.refused, *(str(p.group) for p in found.groups)]))
            if found
            else tuple(sorted(re.findall(r"class \w+", outcome.reason)))
        )
    assert told == {("class HAM", "class SPAM")}


def test_a_group_too_small_for_the_audit_is_left_to_people() -> None:
    units, grouping = pool(shares=(0.9, 0.02, 0.02), errors=(0.01, 0.01, 0.01))
    assert chosen_names(units, grouping) == ("class HAM",)


def test_a_group_without_a_text_that_could_be_accepted_is_never_chosen() -> None:
    units, grouping = pool(shares=(0.5, 0.3, 0.0))
    assert "class NEWS" not in chosen_names(units, grouping, most=10)
    nobody = replace(units, eligible=np.zeros(len(units.clusters), dtype=bool))
    assert chosen_names(nobody, grouping) == ()
    outcome = certify_groups(nobody, TERMS, grouping, 3)
    assert (outcome.certificate, outcome.delta_spent) == (None, 0.0)
    assert outcome.reason == "no class has a text that could be accepted"


def test_the_plan_says_what_each_group_will_bring() -> None:
    units, grouping = pool()
    planned = choose_groups("dataset", 1 - units.scores, units.eligible, grouping, 1 / 3, 0.05, 0.03, 2)
    told = describe_plans(planned, "class", 3000)
    assert told.startswith("a promise for each of 2 by class, each with 1/2 of delta, the rest to people. ")
    for p in planned:
        assert f"{p.title}: {p.plan.describe()}" in told
        assert p.top == int((units.eligible & (grouping.unit == p.group)).sum())
        assert p.plan.audited == round(p.top / 3)
    assert describe_plans((), "slice", 3000) == "no slice has a text that could be accepted yet"


@pytest.mark.parametrize("promise", ["dataset", "selective"])
def test_only_chosen_groups_are_accepted_and_each_has_figures_of_its_own(promise: str) -> None:
    units, grouping = pool()
    outcome = certify_groups(units, replace(TERMS, promise=promise), grouping, 2)
    found = outcome.certificate
    assert found is not None
    assert [part.group for part in found.groups] == ["class HAM", "class SPAM"]
    assert not outcome.accepted[np.isin(grouping.unit, [2, APART])].any()
    assert not (outcome.accepted & (units.audited | ~units.eligible)).any()
    for g, part in enumerate(found.groups):
        inside = grouping.unit == g
        assert part.population == inside.sum()
        assert part.top == (inside & units.eligible).sum()
        assert part.audited == (inside & units.eligible & units.audited).sum()
        assert part.accepted == outcome.accepted[inside].sum() > 0
        assert part.delta_spent == pytest.approx(TERMS.delta_spent / 2)
        assert part.sharing == 2
        assert part.curve
    assert found.accepted == outcome.accepted.sum()
    assert found.delta_spent == outcome.delta_spent == pytest.approx(TERMS.delta_spent)
    assert found.population == 3000


@given(st.integers(0, 10_000), st.sampled_from(["dataset", "selective"]))
@settings(max_examples=6, deadline=None)
def test_each_group_is_accepted_as_it_would_be_alone(seed: int, promise: str) -> None:
    units, grouping = pool(seed=seed, n=600, audit=200)
    terms = replace(TERMS, promise=promise, alpha=0.1, population=600)
    outcome = certify_groups(units, terms, grouping, 2)
    found = outcome.certificate
    if found is None:
        assert not outcome.accepted.any()
        return
    together = np.zeros(600, dtype=bool)
    for part in found.groups:
        g = NAMES.index(str(part.group).removeprefix("class "))
        inside = np.flatnonzero(grouping.unit == g)
        fields = ("scores", "eligible", "audited", "answered", "wrong")
        alone = AuditedUnits(
            [units.clusters[i] for i in inside], **{f: getattr(units, f)[inside] for f in fields}
        )
        own = certify(alone, replace(terms, population=len(inside), sharing=part.sharing))
        together[inside] = own.accepted
    np.testing.assert_array_equal(outcome.accepted, together)


def test_a_group_in_vain_does_not_take_the_others_with_it() -> None:
    units, grouping = pool()
    units = replace(units, wrong=units.wrong | (grouping.unit == 1))
    outcome = certify_groups(units, replace(TERMS, promise="selective"), grouping, 2)
    found = outcome.certificate
    assert found is not None
    assert [part.group for part in found.groups] == ["class HAM"]
    assert found.groups[0].sharing == 2
    assert "nothing can be accepted" in found.refused["class SPAM"]
    assert "class SPAM has none: " in outcome.reason
    assert not outcome.accepted[grouping.unit == 1].any()


def test_all_groups_in_vain_are_told_and_spend() -> None:
    units, grouping = pool()
    units = replace(units, wrong=np.ones(len(units.clusters), dtype=bool))
    outcome = certify_groups(units, replace(TERMS, promise="selective"), grouping, 2)
    assert outcome.certificate is None
    assert outcome.delta_spent == pytest.approx(TERMS.delta_spent)
    assert outcome.reason.count("nothing can be accepted") == 2
    assert not outcome.accepted.any()


def test_open_answers_in_the_groups_are_no_test() -> None:
    units, grouping = pool()
    audited = np.flatnonzero(units.audited & units.eligible & (grouping.unit == 0))
    answered = units.answered.copy()
    answered[audited[:30]] = False
    outcome = certify_groups(replace(units, answered=answered), TERMS, grouping, 2)
    assert (outcome.certificate, outcome.delta_spent) == (None, 0.0)
    assert re.match(r"30 of \d+ audit answers in the groups are open", outcome.reason)


def test_too_small_an_audit_of_every_group_spends_nothing() -> None:
    units, grouping = pool(audit=6)
    outcome = certify_groups(units, TERMS, grouping, 2)
    assert (outcome.certificate, outcome.delta_spent) == (None, 0.0)
    assert "Raise the audit" in outcome.reason


def test_critical_texts_are_bounded_over_all_groups_together() -> None:
    units, grouping = pool()
    critical = np.zeros(len(units.clusters), dtype=bool)
    critical[np.flatnonzero(units.audited & units.eligible & (grouping.unit == 0))[:2]] = True
    found = certify_groups(replace(units, critical=critical), TERMS, grouping, 2).certificate
    assert found is not None
    parts = [part.critical_at_most for part in found.groups]
    assert found.critical_at_most == sum(p for p in parts if p is not None)
    assert found.critical_found == 2
    assert "hide a critical class" in (describe_critical(found) or "")
    without = certify_groups(replace(units, critical=None), TERMS, grouping, 2).certificate
    assert without is not None
    assert without.critical_at_most is None


@pytest.mark.parametrize("promise", ["dataset", "selective"])
def test_the_words_name_each_group_and_the_confidence_of_all(promise: str) -> None:
    units, grouping = pool()
    found = certify_groups(units, replace(TERMS, promise=promise), grouping, 2).certificate
    assert found is not None
    said = describe(found)
    assert promise_of(found).endswith("with 95 % confidence for all of this together")
    for part in found.groups:
        if promise == "dataset":
            bound = f"t most 5 % of these {part.population:,} distinct texts of {part.group} (by machine)"
        else:
            bound = (
                f"t most 5 % of the {part.accepted:,} labels of {part.group} (by machine) that the machine"
            )
        assert bound in said
    slices = certify_groups(units, TERMS, replace(grouping, by="slice"), 1).certificate
    assert slices is not None
    assert "distinct texts of slice HAM carry" in describe(slices)


@pytest.mark.parametrize("promise", ["dataset", "selective"])
def test_the_page_has_figures_curve_and_arithmetic_of_each_group(promise: str) -> None:
    units, grouping = pool()
    found = certify_groups(units, replace(TERMS, promise=promise), grouping, 2).certificate
    assert found is not None
    page = certificate_page(found, "mail", 3)
    for part in found.groups:
        for section in ("Figures", "More labels, more errors", "The arithmetic"):
            assert f"<h2>{section} of {part.group}</h2>" in page
        assert f"{part.accepted:,}" in page
    assert page.count("<svg") == 2
    ids = re.findall(r'id="([^"]+)"', page)
    drawn = [name for name in ids if re.fullmatch(r"[mp][0-9a-f]{10}", name)]
    assert len(drawn) == len(set(drawn)), "the two pictures share ids"


@pytest.mark.parametrize("promise", ["dataset", "selective"])
def test_the_arithmetic_of_a_group_can_be_repeated(promise: str) -> None:
    units, grouping = pool()
    found = certify_groups(units, replace(TERMS, promise=promise), grouping, 2).certificate
    assert found is not None
    for part in found.groups:
        steps = steps_of(part)
        whole = TERMS.delta_spent
        assert f"= {whole:.5f}; over all tests" in steps[0]
        assert steps[1] == (
            f"2 groups were tested at once and share this: {whole:.5f} / 2 = {whole / 2:.5f} for this one."
        )
        formulas = re.findall(
            r"(\d\.\d{5}) \(=HYPGEOM\.DIST\((\d+),(\d+),(\d+),(\d+),TRUE\)\)", " ".join(steps)
        )
        assert formulas
        for chance, k, n, marked, top in formulas:
            assert float(chance) == pytest.approx(
                hypergeom.cdf(int(k), int(top), int(marked), int(n)), abs=6e-6
            )


def test_a_stored_certificate_of_groups_is_read_back() -> None:
    units, grouping = pool()
    units = replace(units, wrong=units.wrong | (grouping.unit == 1))
    found = certify_groups(units, replace(TERMS, promise="selective"), grouping, 2).certificate
    assert found is not None
    assert found.refused
    assert Certificate.from_dict(json.loads(json.dumps(found.to_dict()))) == found


def test_doubt_is_what_answers_found_over_what_was_predicted() -> None:
    group = np.array([0] * 100 + [1] * 100 + [APART] * 50)
    predicted = np.full(250, 0.1)
    wrong = np.zeros(250, dtype=bool)
    wrong[:40] = True
    wrong[200:] = True
    np.testing.assert_allclose(group_doubt(group, predicted, wrong, 3), [43 / 13, 3 / 13, 1])
    nothing = group_doubt(group[:0], predicted[:0], wrong[:0], 3)
    assert nothing.tolist() == [1, 1, 1]


def test_a_group_that_review_found_wrong_more_often_than_predicted_is_passed_over() -> None:
    units, grouping = pool()
    assert chosen_names(units, grouping, most=1) == ("class HAM",)
    doubted = replace(grouping, doubt=np.array([40.0, 1.0, 1.0]))
    assert chosen_names(units, doubted, most=1) == ("class SPAM",)


def test_where_nothing_will_probably_be_accepted_the_most_promising_group_is_tested() -> None:
    units, grouping = pool(audit=30)
    planned = choose_groups("selective", 1 - units.scores, units.eligible, grouping, 1 / 100, 0.05, 0.03, 1)
    assert [p.title for p in planned] == ["class HAM"]
    assert planned[0].plan.accepted == 0


def test_what_a_group_lacks_is_told_as_the_size_of_the_whole_audit() -> None:
    units, grouping = pool()
    [planned] = choose_groups("dataset", 1 - units.scores, units.eligible, grouping, 1 / 50, 0.05, 0.03, 1)
    assert planned.plan.missing > 0
    told = describe_plans((planned,), "class", 3000)
    size = int(re.findall(r" \(routing.audit: ([\d,]+)\)$", told)[0].replace(",", ""))
    assert size * planned.top / 3000 == pytest.approx(planned.plan.needed, abs=1)
    assert size > planned.plan.needed

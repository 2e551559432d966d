"""The page of a certificate: its arithmetic can be repeated, its words are escaped, its picture is there."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import hypergeom

from labeling.certificates import AuditedUnits, Certificate, Terms, certify
from labeling.certificates.arithmetic import steps_of
from labeling.certificates.curve import acceptance_curve
from labeling.certificates.page import certificate_page

FORMULA = re.compile(r"(\d\.\d{5}) \(=HYPGEOM\.DIST\((\d+),(\d+),(\d+),(\d+),TRUE\)\)")


def certificate(promise: str, errors: float = 0.08, test: int = 1) -> Certificate:
    rng, n = np.random.default_rng(3), 2000
    wrong = np.sort(rng.beta(errors, 1 - errors, n))
    audited = rng.permutation(n) < 400
    units = AuditedUnits(
        clusters=[f"text {i}" for i in range(n)],
        scores=1 - wrong,
        eligible=np.ones(n, dtype=bool),
        audited=audited,
        answered=audited,
        wrong=rng.random(n) < wrong,
        critical=np.zeros(n, dtype=bool),
    )
    found = certify(units, Terms(promise, 0.05, 0.05, n, test, 1, "sco", "cov", ("anna",))).certificate
    assert found is not None
    return found


@pytest.mark.parametrize("test", [1, 3])
@pytest.mark.parametrize("promise", ["dataset", "selective"])
def test_a_spreadsheet_gives_the_same_chances(promise: str, test: int) -> None:
    found = certificate(promise, test=test)
    formulas = FORMULA.findall(" ".join(steps_of(found)))
    assert len(formulas) == (1 if promise == "dataset" else len(found.steps))
    for chance, k, n, marked, units in formulas:
        said = hypergeom.cdf(int(k), int(units), int(marked), int(n))
        assert float(chance) == pytest.approx(said, abs=6e-6)


def test_the_steps_lead_from_the_counts_to_what_is_accepted() -> None:
    found = certificate("dataset")
    steps = steps_of(found)
    assert f"{found.delta_spent:.5f}" in steps[0]
    assert "0.05 × 2,000 = 100" in steps[1]
    assert f"may hold {found.allowed:,} audited wrong texts" in steps[2]
    assert steps[-1].startswith(f"The accepted part has {found.accepted + found.inside:,} texts.")


def test_where_few_are_left_unaudited_nothing_has_to_be_counted() -> None:
    units = AuditedUnits(
        [str(i) for i in range(20)],
        np.linspace(1, 0.5, 20),
        np.ones(20, dtype=bool),
        np.arange(20) < 19,
        np.arange(20) < 19,
        np.zeros(20, dtype=bool),
    )
    found = certify(units, Terms("dataset", 0.2, 0.05, 20, 1, 1, "s", "c", ())).certificate
    assert found is not None
    assert "whatever they are, the promise holds" in " ".join(steps_of(found))


def test_the_curve_counts_prefixes() -> None:
    audited, failed = np.arange(100) % 2 == 0, np.arange(100) >= 90
    points = acceptance_curve(np.linspace(1, 0, 100), audited, failed & audited)
    assert [p.prefix for p in points] == list(range(4, 101, 4))
    assert [(p.audited, p.wrong) for p in points[-3:]] == [(46, 1), (48, 3), (50, 5)]
    assert all(p.low <= p.wrong / p.audited <= p.high for p in points)
    assert acceptance_curve(np.empty(0), np.empty(0, bool), np.empty(0, bool)) == ()


@pytest.mark.parametrize("promise", ["dataset", "selective"])
def test_the_page_says_it_all(promise: str) -> None:
    found = certificate(promise)
    page = certificate_page(found, "tickets", 7)
    for part in ("Certificate 7 of tickets", "with 95 % confidence.", "anna", "<svg", "sco", "cov"):
        assert part in page
    assert f"{found.accepted:,}" in page
    assert "hide a critical class" in page
    assert page == certificate_page(found, "tickets", 7)
    assert not re.search(r"(src|href)=.https?:", page)


def test_hostile_names_are_text() -> None:
    found = replace(certificate("dataset"), auditors=("<script>alert(1)</script>",))
    page = certificate_page(found, "<img src=x>", 1, void="an answer was edited & more")
    assert "<script" not in page
    assert "<img" not in page
    assert "an answer was edited &amp; more" in page


def test_a_stored_certificate_is_read_back() -> None:
    found = certificate("selective")
    assert Certificate.from_dict(json.loads(json.dumps({**found.to_dict(), "answers": {}}))) == found

"""What a certificate says of the truth: bounds that a spreadsheet repeats, and why there is none."""

from __future__ import annotations

import re
from dataclasses import replace
from html import escape

import numpy as np
import pytest
from scipy.stats import binom

from labeling.certificates import AuditedUnits, Certificate, Terms, certify
from labeling.certificates.auditors import SLIP, SecondAnswers
from labeling.certificates.page import certificate_page
from labeling.certificates.truth import describe_truth, truth_steps

FORMULA = re.compile(r"(1-)?BINOM\.DIST\((\d+),(\d+),([\d.]+),TRUE\)")


def certificate(
    promise: str = "dataset", *, apart: int = 3, unpaired: int = 0, doubled: int = 120
) -> Certificate:
    rng, n = np.random.default_rng(3), 2000
    wrong = np.sort(rng.beta(0.05, 0.95, n))
    order = rng.permutation(n)
    audited, ranks = order < 400, order
    units = AuditedUnits(
        clusters=[f"text {i}" for i in range(n)],
        scores=1 - wrong,
        eligible=np.ones(n, dtype=bool),
        audited=audited,
        answered=audited,
        wrong=rng.random(n) < wrong,
        second=SecondAnswers(ranks < doubled, ranks >= unpaired, ranks >= unpaired + apart),
    )
    found = certify(units, Terms(promise, 0.05, 0.05, n, 1, 1, "sco", "cov", ("ann", "bob"))).certificate
    assert found is not None
    return found


@pytest.mark.parametrize("promise", ["dataset", "selective"])
def test_a_spreadsheet_gives_the_same_bound(promise: str) -> None:
    found = certificate(promise)
    error = found.auditors_error
    assert error is not None
    [(_, k, n, share), (_, most, accepted, each)] = FORMULA.findall(" ".join(truth_steps(found)))
    assert binom.cdf(int(k), int(n), float(share)) == pytest.approx(error.level, abs=1e-5)
    assert binom.sf(int(most), int(accepted), float(each)) <= SLIP
    assert (int(k), int(n), int(most), int(accepted)) == (3, 120, error.mistaken, found.accepted)


def test_the_statement_names_the_assumption_the_figures_and_the_confidence() -> None:
    found = certificate()
    error, said = found.auditors_error, describe_truth(found)
    assert error is not None
    assert "120 of the audited texts were drawn at random for a second person's blind answer." in said
    assert " On 3 of them two people differ." in said
    assert "more often right than wrong, and people err independently" in said
    share = float(re.findall(r"at most ([\d.]+) % of these 2,000 distinct texts", said)[0])
    assert error.wrong / 2000 <= share / 100 < error.wrong / 2000 + 1e-4
    assert said.endswith("with 90 % confidence.")


def test_the_inflated_bound_leaves_the_promise_as_it_is() -> None:
    with_second, found = certificate(), certificate(apart=60)
    assert replace(found, auditors_error=None) == replace(with_second, auditors_error=None)
    assert with_second.auditors_error is not None
    assert found.auditors_error is not None
    assert found.auditors_error.wrong > with_second.auditors_error.wrong > 0.05 * 2000


def test_missing_second_answers_are_told_and_count() -> None:
    said = describe_truth(certificate(unpaired=7))
    assert "On 3 of them two people differ, and 7 without two people's answers count as if they did" in said


def test_hopeless_answers_bound_nothing() -> None:
    said = describe_truth(certificate("selective", apart=110))
    assert said.endswith("too few answers to bound how many labels are not the truth.")


@pytest.mark.parametrize(
    ("auditors", "said"),
    [
        (("ann",), "ann audited alone, so it is not known"),
        (("ann", "bob"), "No audited text has two people's answers, so it is not known"),
    ],
)
def test_without_second_answers_it_says_so(auditors: tuple[str, ...], said: str) -> None:
    found = replace(certificate(), auditors_error=None, auditors=auditors)
    assert describe_truth(found).startswith(said)
    assert truth_steps(found) == []
    assert escape(said) in certificate_page(found, "tickets", 1)


def test_the_page_shows_it() -> None:
    found = certificate()
    page = certificate_page(found, "tickets", 1)
    assert "Are the auditors right?" in page
    assert "BINOM.DIST" in page
    assert escape(describe_truth(found)) in page


def test_it_is_stored_and_read_back() -> None:
    found = certificate()
    assert Certificate.from_dict(found.to_dict()) == found

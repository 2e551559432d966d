"""Certificates: which machine labels a test accepts, with the promise it gives for them."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np

from labeling.certificates.audited import AuditedUnits
from labeling.certificates.auditors import AuditorsError, auditors_error
from labeling.certificates.certificate import Certificate, Outcome, Terms
from labeling.certificates.curve import acceptance_curve
from labeling.certificates.guarantee import error_budget, hidden_at_most
from labeling.certificates.proof import Proof, Ranked, fewest_answers, prove
from labeling.certificates.wording import describe
from labeling.types import Ints

__all__ = ["OPEN_SHARE", "AuditedUnits", "Certificate", "Outcome", "Terms", "certify"]

OPEN_SHARE = 0.02


def certify(units: AuditedUnits, terms: Terms) -> Outcome:
    """Test a promise: accept the longest prefix, safest first, that the audit proves.

    Skips that nobody settled count as wrong; while more than 2 % of the audit are open no test takes place.

    Raises
    ------
    ValueError
        More units could be accepted than the population has.
    """
    order = units.safest_first()
    if len(order) > terms.population:
        raise ValueError(f"{len(order)} units could be accepted in a population of {terms.population}")
    audited, unsettled = units.audited[order], (units.audited & ~units.answered)[order]
    ranked = Ranked(units.scores[order], audited, unsettled | (audited & units.wrong[order]))
    obstacle = _obstacle(ranked, int(unsettled.sum()), terms)
    if obstacle:
        return Outcome(None, np.zeros(len(units.clusters), dtype=bool), obstacle, 0.0)
    proof = prove(ranked, terms.promise, terms.alpha, terms.delta_spent, terms.population)
    return _conclude(units, terms, order, ranked, proof, int(unsettled.sum()))


def _obstacle(ranked: Ranked, unsettled: int, terms: Terms) -> str:
    top, n = len(ranked.audited), int(ranked.audited.sum())
    if top == n:
        return "no unaudited text could be accepted: each is critical, without a vote or in front of people"
    if unsettled > OPEN_SHARE * n:
        return (
            f"{unsettled:,} of {n:,} audit answers are open, a test needs all but {OPEN_SHARE:.0%}. "
            "Answer them; a second person takes what the first skips."
        )
    fewest = fewest_answers(terms.promise, top, terms.population, terms.alpha, terms.delta_spent)
    if n < fewest:
        return f"{n:,} of at least {fewest:,} audit answers are there. Raise the audit and answer it."
    return ""


def _conclude(
    units: AuditedUnits, terms: Terms, order: Ints, ranked: Ranked, proof: Proof, unsettled: int
) -> Outcome:
    prefix = order[: proof.prefix]
    accepted = np.zeros(len(units.clusters), dtype=bool)
    accepted[prefix] = ~units.audited[prefix]
    if not accepted.any():
        return Outcome(None, accepted, _nothing(ranked, proof), terms.delta_spent)
    found = _critical_found(units, prefix)
    certificate = Certificate(
        delta_spent=terms.delta_spent,
        threshold=float(units.scores[accepted].min()),
        accepted=int(accepted.sum()),
        critical_found=found,
        critical_at_most=_critical_at_most(ranked, found, int(accepted.sum()), terms),
        steps=proof.steps,
        curve=acceptance_curve(ranked.scores, ranked.audited, ranked.failed),
        auditors_error=_auditors_error(units, terms, int(accepted.sum())),
        **_counts(ranked, proof, unsettled),
        **asdict(terms),
    )
    return Outcome(certificate, accepted, describe(certificate), terms.delta_spent)


def _counts(ranked: Ranked, proof: Proof, unsettled: int) -> dict[str, Any]:
    return {
        "top": len(ranked.audited),
        "audited": int(ranked.audited.sum()),
        "errors": int(ranked.failed.sum()),
        "unanswered": unsettled,
        "allowed": proof.allowed,
        "inside": int(ranked.audited[: proof.prefix].sum()),
        "inside_wrong": int(ranked.failed[: proof.prefix].sum()),
    }


def _auditors_error(units: AuditedUnits, terms: Terms, accepted: int) -> AuditorsError | None:
    if units.second is None:
        return None
    among = terms.population if terms.promise == "dataset" else accepted
    budget = error_budget(terms.alpha, among)
    return auditors_error(units.second, units.eligible, accepted, budget, terms.delta_spent)


def _nothing(ranked: Ranked, proof: Proof) -> str:
    wrong = f"{int(ranked.failed.sum()):,} of {int(ranked.audited.sum()):,} audited labels are wrong"
    if proof.steps:
        step = proof.steps[-1]
        where = f"{step.wrong:,} of the {step.audited:,} among the {step.prefix:,} safest texts"
    else:
        where = f"{(proof.allowed or 0) + 1:,} of them among the safest"
    return f"{wrong}, {where}: nothing can be accepted. More review answers or better functions come first."


def _critical_found(units: AuditedUnits, prefix: Ints) -> int | None:
    if units.critical is None:
        return None
    return int((units.audited & (units.critical | ~units.answered))[prefix].sum())


def _critical_at_most(ranked: Ranked, found: int | None, accepted: int, terms: Terms) -> int | None:
    if found is None:
        return None
    hidden = hidden_at_most(len(ranked.audited), int(ranked.audited.sum()), found, terms.delta_spent)
    return min(hidden, accepted)

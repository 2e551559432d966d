"""What a certificate says of the truth: auditors err, and a second person's answers tell how often."""

from __future__ import annotations

from math import ceil

from labeling.certificates.auditors import SLIP, AuditorsError
from labeling.certificates.certificate import Certificate
from labeling.certificates.guarantee import error_budget
from labeling.certificates.wording import percent

ASSUMED = "if each answer is, on each text, more often right than wrong, and people err independently"


def describe_truth(said: Certificate) -> str:
    """Say how often labels are not the truth, or why nothing is known of that."""
    found = said.auditors_error
    if found is None:
        return _unmeasured(said)
    told = f"{_measured(found)} {ASSUMED[0].upper()}{ASSUMED[1:]}, "
    if found.wrong >= said.accepted:
        return f"{told}these are too few answers to bound how many labels are not the truth."
    return (
        f"{told}an auditor's answer is wrong with a probability of at most {rounded_up(found.rate)}, on "
        f"average over the texts that could be accepted, and {_bound(said, found)}, with "
        f"{percent(round(1 - 2 * said.delta, 9))} confidence."
    )


def truth_steps(said: Certificate) -> list[str]:
    """Give the arithmetic of that bound, each step with its figures and a formula for a spreadsheet."""
    found = said.auditors_error
    return [] if found is None else [_rate(found), _mistaken(said, found), _sum(said, found)]


def rounded_up(share: float) -> str:
    """Write a bound as a percentage that is not below it.

    Examples
    --------
    >>> rounded_up(0.05), rounded_up(0.200049)
    ('5 %', '20.01 %')
    """
    return percent(ceil(round(share * 1e4, 6)) / 1e4)


def _unmeasured(said: Certificate) -> str:
    people = " and ".join(said.auditors) or "Nobody"
    alone = (
        f"{people} audited alone" if len(said.auditors) < 2 else "No audited text has two people's answers"
    )
    return (
        f"{alone}, so it is not known how often auditors are wrong themselves: the promise is "
        "about their answers."
    )


def _measured(found: AuditorsError) -> str:
    missing = (
        f", and {found.unpaired:,} without two people's answers count as if they did"
        if found.unpaired
        else ""
    )
    return (
        f"{found.doubled:,} of the audited texts were drawn at random for a second person's blind answer. "
        f"On {found.apart - found.unpaired:,} of them two people differ{missing}."
    )


def _bound(said: Certificate, found: AuditorsError) -> str:
    if said.promise == "dataset":
        return (
            f"at most {rounded_up(found.wrong / said.population)} of these {said.population:,} distinct "
            "texts carry a machine-accepted label that is not the truth"
        )
    return (
        f"at most {rounded_up(found.wrong / said.accepted)} of the {said.accepted:,} labels that the machine "
        "accepts are not the truth"
    )


def _rate(found: AuditorsError) -> str:
    return (
        f"This statement may fail with a probability of its own, {found.delta:.5f}; {found.level:.5f} of it "
        "is for this step, the rest for the next. Were two people to differ on a share of "
        f"{found.rate:.6f} of the texts, at most {found.apart:,} of {found.doubled:,} would differ "
        f"with probability {found.level:.5f} "
        f"(=BINOM.DIST({found.apart},{found.doubled},{found.rate:.6f},TRUE)). One of two people who err "
        f"independently, and less than every second time, is wrong no more often than they differ."
    )


def _mistaken(said: Certificate, found: AuditorsError) -> str:
    if found.mistaken >= said.accepted:
        return f"All {said.accepted:,} accepted texts may be among those that the auditors would be wrong on."
    mean = found.rate * said.top
    share = min(1.0, mean / said.accepted)
    return (
        f"All of their errors may be on accepted texts: {found.rate:.6f} × {said.top:,} = {mean:.2f} on "
        f"average. More than {found.mistaken:,} have a probability of at most {SLIP:g} "
        f"(=1-BINOM.DIST({found.mistaken},{said.accepted},{share:.6f},TRUE))."
    )


def _sum(said: Certificate, found: AuditorsError) -> str:
    among = said.population if said.promise == "dataset" else said.accepted
    budget = error_budget(said.alpha, among)
    return (
        f"{budget:,} accepted labels may be other than the auditors' answer, and on {found.mistaken:,} the "
        f"answer may be wrong: at most {found.wrong:,} of {among:,} are not the truth, which is "
        f"{rounded_up(found.wrong / among)} or less."
    )

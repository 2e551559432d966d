"""What a certificate says, in words that are true to the letter."""

from __future__ import annotations

from labeling.certificates.certificate import Certificate


def describe(certificate: Certificate) -> str:
    """Say the promise and what it rests on."""
    said = certificate
    people = ", ".join(said.auditors) or "nobody"
    open_ones = f" ({said.unanswered:,} of them left unanswered)" if said.unanswered else ""
    return (
        f"{promise_of(said)}, {_accepted(said)}. Of {said.top:,} "
        f"texts that could be accepted {said.audited:,} were audited at random, {said.errors:,} count as "
        f"wrong{open_ones}. The accepted part holds {said.inside:,} audited texts, {said.inside_wrong:,} of "
        f"them wrong, and may hold {said.allowed:,} wrong ones. Wrong means other than the answer of the "
        f"auditors: {people}. Test {said.test} of audit frame {said.frame}; the confidence is for all its "
        f"tests together."
    )


def promise_of(said: Certificate) -> str:
    """Say the promise alone, without jargon."""
    return f"{_bound(said)}, with {percent(1 - said.delta)} confidence"


def _bound(said: Certificate) -> str:
    if said.promise == "dataset":
        return (
            f"At most {percent(said.alpha)} of these {said.population:,} distinct texts carry a wrong "
            "machine-accepted label"
        )
    return f"At most {percent(said.alpha)} of the {said.accepted:,} labels that the machine accepts are wrong"


def _accepted(said: Certificate) -> str:
    scores = f"at scores down to {said.threshold:.3f}"
    if said.promise == "dataset":
        return f"where {said.accepted:,} labels are accepted, {scores}"
    return f"which are those {scores}, of {said.population:,} distinct texts"


def describe_critical(certificate: Certificate) -> str | None:
    """Say how many accepted labels hide a critical class; None where no class is critical."""
    said = certificate
    if said.critical_at_most is None:
        return None
    return (
        f"At most {said.critical_at_most:,} of the {said.accepted:,} accepted labels "
        f"({percent(said.critical_at_most / said.accepted)}) hide a critical class, with "
        f"{percent(1 - said.delta)} confidence, apart from that of the certificate: "
        f"{said.critical_found:,} such texts were found among the audited ones of the accepted part."
    )


def percent(share: float) -> str:
    """Write a share as a percentage, to four digits."""
    return f"{100 * share:.4g} %"

"""What a certificate says, in words that are true to the letter."""

from __future__ import annotations

from labeling.certificates.certificate import Certificate


def describe(certificate: Certificate) -> str:
    """Say the promise and what it rests on."""
    if certificate.groups:
        return _of_groups(certificate)
    said = certificate
    people = ", ".join(said.auditors) or "nobody"
    open_ones = f" ({said.unanswered:,} of them left unanswered)" if said.unanswered else ""
    return (
        f"{promise_of(said)}, {_accepted(said)}. Of {'the ' if said.draw else ''}{said.top:,} {_kind(said)} "
        f"{said.audited:,} were audited at random, {said.errors:,} count as "
        f"wrong{open_ones}. The accepted part holds {said.inside:,} audited texts, {said.inside_wrong:,} of "
        f"them wrong, and may hold {said.allowed:,} wrong ones. Wrong means other than the answer of the "
        f"auditors: {people}. Test {said.test} of audit frame {said.frame}; the confidence is for all its "
        f"tests together."
    )


def promise_of(said: Certificate) -> str:
    """Say the promise alone, without jargon."""
    together = " for all of this together" if len(said.groups) > 1 else ""
    bounds = "; at most".join(_bound(part).removeprefix("At most") for part in said.groups or (said,))
    return f"At most{bounds}, with {percent(1 - said.delta)} confidence{together}"


def _bound(said: Certificate) -> str:
    within = f" {within_group(said.group)}" if said.group else ""
    if said.promise == "dataset":
        return (
            f"At most {percent(said.alpha)} of these {said.population:,} distinct texts{within} carry a "
            "wrong machine-accepted label"
        )
    return (
        f"At most {percent(said.alpha)} of the {said.accepted:,} labels{within} that the machine accepts "
        "are wrong"
    )


def within_group(group: str) -> str:
    """Say where a group's texts are; a class is the one that the machine gives.

    Examples
    --------
    >>> within_group("class HAM"), within_group("slice german")
    ('of class HAM (by machine)', 'of slice german')
    """
    return f"of {group} (by machine)" if group.startswith("class ") else f"of {group}"


def _of_groups(said: Certificate) -> str:
    parts = " ".join(f"{part.group}: {_rests_on(part)}" for part in said.groups)
    rest = " ".join(f"{group} has none: {reason}" for group, reason in said.refused.items())
    people = ", ".join(said.auditors) or "nobody"
    return (
        f"{promise_of(said)}. {said.accepted:,} labels are accepted. {parts} {rest + ' ' if rest else ''}"
        f"All other texts are for people. Wrong means other than the answer of the auditors: {people}. "
        f"Test {said.test} of audit frame {said.frame}; the confidence is for all its tests together."
    )


def _rests_on(part: Certificate) -> str:
    open_ones = f" ({part.unanswered:,} left unanswered)" if part.unanswered else ""
    return (
        f"{part.accepted:,} labels accepted at scores down to {part.threshold:.3f}; of {part.top:,} texts "
        f"that could be accepted {part.audited:,} were audited at random, {part.errors:,} count as "
        f"wrong{open_ones}; the accepted part holds {part.inside:,} audited ones, {part.inside_wrong:,} of "
        f"them wrong, and may hold {part.allowed:,} wrong ones."
    )


def _kind(said: Certificate) -> str:
    return "safest texts" if said.draw else "texts that could be accepted"


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

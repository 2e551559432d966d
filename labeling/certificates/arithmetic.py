"""The arithmetic of a certificate, step by step, so that a reader can repeat it."""

from __future__ import annotations

from labeling.certificates.certificate import Certificate
from labeling.certificates.guarantee import chance_of_few, error_budget
from labeling.certificates.looks import FIRST_SHARE


def steps_of(said: Certificate) -> list[str]:
    """Give the steps in words, each with its figures; chances also as a formula for a spreadsheet."""
    rule = _dataset(said) if said.promise == "dataset" else _selective(said)
    return [_delta(said), *_sharing(said), *rule, _accepted(said)]


def spreadsheet(found: int, audited: int, marked: int, units: int) -> str:
    """Write P(X <= found) as a formula of spreadsheets.

    Examples
    --------
    >>> spreadsheet(7, 150, 70, 1240)
    '=HYPGEOM.DIST(7,150,70,1240,TRUE)'
    """
    return f"=HYPGEOM.DIST({found},{audited},{marked},{units},TRUE)"


def _delta(said: Certificate) -> str:
    whole = said.delta_spent * said.sharing
    if said.looks == 1:
        return f"The audit is looked at once: this test may fail with probability {whole:.5f}."
    later = f"(1 − {FIRST_SHARE:g}) × {said.delta:g} / ({said.looks} − 1)"
    part = f"{FIRST_SHARE:g} × {said.delta:g}" if said.test == 1 else later
    return (
        f"The audit is used again by later tests, {said.looks} at most as was fixed before the first. Test "
        f"number {said.test} may fail with probability {part} = {whole:.5f}; over all tests these add up to "
        f"{said.delta:g}."
    )


def _sharing(said: Certificate) -> list[str]:
    if said.sharing == 1:
        return []
    whole = said.delta_spent * said.sharing
    return [
        f"{said.sharing} groups were tested at once and share this: {whole:.5f} / {said.sharing} = "
        f"{said.delta_spent:.5f} for this one."
    ]


def _dataset(said: Certificate) -> list[str]:
    budget = error_budget(said.alpha, said.population)
    room = (
        f"The promise leaves room for {said.alpha:g} × {said.population:,} = {budget:,} wrong accepted texts "
        "(rounded down)."
    )
    if said.top - said.audited <= budget:
        return [
            room,
            f"No more than {budget:,} texts were not audited: whatever they are, the promise holds.",
        ]
    return [room, _largest(said, budget), _prefix(said)]


def _largest(said: Certificate, budget: int) -> str:
    k = said.allowed
    chances = {i: chance_of_few(said.top, budget + 1 + i, said.audited, i) for i in (k, k + 1)}
    return (
        f"Were {budget:,} + 1 + {k:,} = {budget + 1 + k:,} of the {said.top:,} texts wrong, at most {k:,} of "
        f"{said.audited:,} drawn at random would be so with probability {chances[k]:.5f} "
        f"({spreadsheet(k, said.audited, budget + 1 + k, said.top)}), which is within "
        f"{said.delta_spent:.5f}; for {k + 1:,} it is {chances[k + 1]:.5f}. So the accepted part "
        f"may hold {k:,} audited wrong texts."
    )


def _prefix(said: Certificate) -> str:
    if said.errors <= said.allowed:
        return (
            f"Only {said.errors:,} audited texts are wrong: all {said.top:,} that could be accepted are in "
            "the accepted part."
        )
    return (
        f"Safest first, everything before the audited wrong text number {said.allowed + 1:,} is the accepted "
        "part."
    )


def _selective(said: Certificate) -> list[str]:
    lines = [
        "Prefixes of the texts, safest first, are tested in an order fixed before, until one does not pass. "
        "One of M texts, n of them audited and k of these wrong, passes where so few wrong ones would be at "
        f"most {said.delta_spent:.5f} probable, were more than {said.alpha:g} of its other texts wrong:"
    ]
    for step in said.steps:
        marked = error_budget(said.alpha, step.prefix - step.audited) + 1 + step.wrong
        formula = spreadsheet(step.wrong, step.audited, marked, step.prefix)
        verdict = "passes" if step.passed else "does not pass"
        lines.append(
            f"M = {step.prefix:,}, n = {step.audited:,}, k = {step.wrong:,}: {step.p_value:.5f} ({formula}) "
            f"{verdict}."
        )
    return lines


def _accepted(said: Certificate) -> str:
    return (
        f"The accepted part has {said.accepted + said.inside:,} texts. {said.inside:,} of them were audited "
        f"and carry the auditors' answer; the machine's label is accepted for the other {said.accepted:,}."
    )

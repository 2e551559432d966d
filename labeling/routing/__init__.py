"""Routing: what happens to each item without a human label, with the reason in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache

import numpy as np

from labeling.routing.critical import CriticalReasons, critical_mask, critical_reasons
from labeling.routing.opinions import Opinions, decimal, describe
from labeling.types import ABSTAIN, Bools, Decision

__all__ = ["CriticalReasons", "Route", "Standing", "critical_mask", "critical_reasons", "route"]


@dataclass(frozen=True, slots=True)
class Route:
    """What happens to an item, and why."""

    decision: Decision
    reason: str


@dataclass(frozen=True)
class Standing:
    """Where n items stand when they are routed.

    Parameters
    ----------
    opinions : Opinions
        What voters and scorer say, with the label that would be given out.
    covers : mask, shape (n,)
        Somebody votes, hard or soft.
    critical : CriticalReasons
    queued : mask, shape (n,)
        Chosen for people: in front of them now, or selected by this round.
    dev : mask, shape (n,)
        In the dev split: the audit says nothing of them, so their labels are not accepted by machine.
    champion : int or None
        Number of the certificate in force.
    covered : mask, shape (n,)
        The item's present content is in the score table that this certificate covers.
    accepted : mask, shape (n,)
        The certificate accepts the item's label.
    promised : mask, shape (n,)
        The certificate promises something of items of this class and slice.
    """

    opinions: Opinions = field(repr=False)
    covers: Bools
    critical: CriticalReasons = field(repr=False)
    queued: Bools
    dev: Bools
    champion: int | None
    covered: Bools
    accepted: Bools
    promised: Bools


@dataclass(frozen=True, slots=True)
class _Case:
    """What decides about one item."""

    votes: bool
    queued: bool
    dev: bool
    covered: bool
    accepted: bool
    promised: bool


def route(standing: Standing, names: Sequence[str]) -> list[Route]:
    """Route every item: accepted by certificate, to people, or held.

    Only a label that the certificate in force accepts, of an item that it covers and that is not critical,
    is accepted. Critical items go to people, the others as the votes and the certificate have it.

    Parameters
    ----------
    standing : Standing
        Of n items.
    names : sequence of str, length k
        Class names.
    """
    s, critical = standing, standing.critical
    opinions = s.opinions.columns()
    chance = np.floor(np.round(100 * critical.chance, 6)).astype(np.int64)
    reasons = (critical.in_slice, critical.voted, critical.probable, np.where(critical.mask, chance, 0))
    flags = (s.covers, s.queued, s.dev, s.covered, s.accepted, s.promised)
    columns = (*opinions, *reasons, *flags)

    # Items that stand alike share one route: many thousands of items have a few hundred of them.
    @cache
    def of_alike(*facts: int) -> Route:
        said = describe(names, facts[: len(opinions)])
        if why := _critical_reason(names, *facts[len(opinions) : -len(flags)]):
            return Route(Decision.REVIEW, f"{said}; people decide: {why}")
        case = _Case(*(bool(flag) for flag in facts[-len(flags) :]))
        decision, because = _uncritical(case, s.champion)
        return Route(decision, f"{said}; {because}" if case.votes or case.queued else because)

    return [of_alike(*facts) for facts in zip(*(c.tolist() for c in columns), strict=True)]


def _uncritical(case: _Case, champion: int | None) -> tuple[Decision, str]:
    if champion is not None and case.covered and case.accepted and not case.dev:
        return Decision.ACCEPT, f"covered by certificate {champion}"
    if case.queued:
        return Decision.REVIEW, "chosen for people"
    if case.dev:
        return Decision.HOLD, "in the dev split, which no audit covers: not accepted by machine"
    if not case.votes:
        return Decision.HOLD, "nobody votes on it, and it is not chosen for people"
    if champion is None:
        return Decision.REVIEW, "no certificate is in force, people come to it"
    return _beyond(case, champion)


def _beyond(case: _Case, champion: int) -> tuple[Decision, str]:
    if not case.covered:
        return Decision.HOLD, f"not yet covered by certificate {champion}"
    if not case.promised:
        return Decision.REVIEW, f"certificate {champion} promises nothing of its group, people come to it"
    return Decision.REVIEW, f"certificate {champion} does not reach it, people come to it"


def _critical_reason(names: Sequence[str], in_slice: int, voted: int, probable: int, chance: int) -> str:
    reasons = ["it is in a critical slice"] if in_slice else []
    likely = f"is critical and has a chance of {decimal(chance)}"
    if voted != ABSTAIN:
        same = probable == voted
        reasons.append(f"a voter says {names[voted]}, which {likely if same else 'is critical'}")
    if probable not in (ABSTAIN, voted):
        reasons.append(f"{names[probable]} {likely}")
    return ", and ".join(reasons)

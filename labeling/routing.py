"""Routing: what happens to each item without a human label, with the reason in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache

import numpy as np

from labeling.types import ABSTAIN, Bools, Decision, Floats, Ints, VoteMatrix


@dataclass(frozen=True, slots=True)
class Route:
    """What happens to an item, and why."""

    decision: Decision
    reason: str


@dataclass(frozen=True)
class CriticalReasons:
    """Why items are critical; one may be so for several reasons.

    Attributes
    ----------
    in_slice : mask, shape (n,)
        A critical slice matches.
    voted : mask, shape (n,)
        Some voter votes for a critical class.
    probable : mask, shape (n,)
        A critical class is the most probable, or its probability exceeds the floor.
    """

    in_slice: Bools
    voted: Bools
    probable: Bools

    @property
    def mask(self) -> Bools:
        """Mask, shape (n,): items that are critical for any reason."""
        return np.asarray(self.in_slice | self.voted | self.probable)


def critical_reasons(
    votes: VoteMatrix, proba: Floats, critical: Bools, slices: Bools, floor: float
) -> CriticalReasons:
    """Give the reasons why items are critical.

    Parameters
    ----------
    votes : VoteMatrix
        Of n items on k classes.
    proba : array, shape (n, k)
    critical : mask, shape (k,)
        Critical classes of the schema.
    slices : mask, shape (n,)
        Items in a critical slice.
    floor : float
        In [0, 1].
    """
    by_vote = np.append(critical, False)  # index -1: abstains
    voted = np.asarray(by_vote[votes.hard].any(axis=1))
    probable = np.asarray((proba[:, critical] > floor).any(axis=1) | critical[proba.argmax(axis=1)])
    return CriticalReasons(slices, voted, probable)


def critical_mask(votes: VoteMatrix, proba: Floats, critical: Bools, slices: Bools, floor: float) -> Bools:
    """Mask, shape (n,): items that are never accepted by machine; parameters as in ``critical_reasons``."""
    return critical_reasons(votes, proba, critical, slices, floor).mask


@dataclass(frozen=True)
class Standing:
    """Where n items stand when they are routed.

    Parameters
    ----------
    votes : VoteMatrix
    labels : array of int, shape (n,)
        The label that would be given out.
    confidence : array, shape (n,)
        Its probability, in [0, 1].
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
    """

    votes: VoteMatrix = field(repr=False)
    labels: Ints
    confidence: Floats
    critical: CriticalReasons = field(repr=False)
    queued: Bools
    dev: Bools
    champion: int | None
    covered: Bools
    accepted: Bools


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
    s = standing
    hundredths = np.floor(np.round(100 * s.confidence, 6)).astype(int)
    columns = (
        s.labels,
        hundredths,
        (s.votes.hard == s.labels[:, None]).sum(axis=1),
        (s.votes.hard != ABSTAIN).sum(axis=1),
        s.critical.in_slice,
        s.critical.voted,
        s.critical.probable,
        s.queued,
        s.dev,
        s.covered,
        s.accepted,
    )

    # Items that stand alike share one route: many thousands of items have a few hundred of them.
    @cache
    def of_alike(*facts: int) -> Route:
        label, hundredth, agree, voted, *flags = facts
        in_slice, by_vote, probable, queued, dev, covered, accepted = (bool(f) for f in flags)
        said = _opinion(names[label], hundredth, agree, voted)
        if why := _critical_reason(in_slice, by_vote, probable):
            return Route(Decision.REVIEW, f"{said}; critical, so people decide: {why}")
        if dev and not queued:
            return Route(
                Decision.HOLD, f"{said}; in the dev split, which no audit covers: not accepted by machine"
            )
        return _uncritical(said, s.champion, bool(voted), queued, covered, accepted and not dev)

    return [of_alike(*facts) for facts in zip(*(c.tolist() for c in columns), strict=True)]


def _uncritical(
    said: str, champion: int | None, voted: bool, queued: bool, covered: bool, accepted: bool
) -> Route:
    if champion is not None and covered and accepted:
        return Route(Decision.ACCEPT, f"{said}; covered by certificate {champion}")
    if queued:
        return Route(Decision.REVIEW, f"{said}; chosen for people")
    if not voted:
        return Route(Decision.HOLD, "no vote, and not chosen for people")
    if champion is None:
        return Route(Decision.REVIEW, f"{said}; no certificate yet, people come to it")
    if not covered:
        return Route(Decision.HOLD, f"{said}; not yet covered by certificate {champion}")
    return Route(Decision.REVIEW, f"{said}; certificate {champion} does not reach it, people come to it")


def _critical_reason(in_slice: bool, voted: bool, probable: bool) -> str:
    reasons = {
        "it is in a critical slice": in_slice,
        "a voter votes for a critical class": voted,
        "a critical class is too probable": probable,
    }
    return ", ".join(reason for reason, holds in reasons.items() if holds)


def _opinion(name: str, hundredths: int, agree: int, voted: int) -> str:
    dissent = f", {_count(voted - agree)} otherwise" if voted > agree else ""
    given = f"{name}, {_decimal(hundredths)}{dissent}"
    return f"{_count(agree)} and the text model agree on {given}" if agree else f"the text model says {given}"


def _count(voters: int) -> str:
    return f"{voters} voter" if voters == 1 else f"{voters} voters"


def _decimal(hundredths: int) -> str:
    return "1.00" if hundredths >= 100 else f".{hundredths:02d}"

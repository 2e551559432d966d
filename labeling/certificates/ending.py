"""How a certificate ends: by what its promise leaves room for, by age, by what would void it."""

from __future__ import annotations

from labeling.certificates.certificate import Certificate
from labeling.certificates.guarantee import error_budget

VOIDS = (
    "an audit answer that it rests on is edited or deleted",
    "`quorum certify` passes again: the later certificate takes its place",
    "a text that is new, or whose content changed, is not covered: it is held until a later certificate",
)


def wrong_allowed(said: Certificate) -> int:
    """Give how many of the accepted labels may be wrong, over all groups."""
    parts = said.groups or (said,)
    return sum(error_budget(part.alpha, _base(part)) for part in parts)


def _base(said: Certificate) -> int:
    return said.population if said.promise == "dataset" else said.accepted


def endings(said: Certificate) -> list[str]:
    """Say what would void a certificate, and when it ends by itself."""
    age = [f"{said.expires:,} days after it was given"] if said.expires else []
    watch = (
        "accepted texts that people answer later, without knowing, have other labels more often than its "
        f"promise leaves room for: an alarm that a true promise meets with probability {said.delta:g} at most"
    )
    return [*VOIDS, watch, *age]

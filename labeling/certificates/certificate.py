"""What a test is about, what it promises on a pass, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from labeling.certificates.curve import CurvePoint
from labeling.certificates.guarantee import delta_share
from labeling.certificates.selective import Step
from labeling.types import Bools


@dataclass(frozen=True)
class Terms:
    """What a test is about, fixed before it looks at any answer.

    Parameters
    ----------
    promise : str
        ``dataset`` or ``selective``: what ``alpha`` is a share of.
    alpha, delta : float
        In (0, 1); ``delta`` is shared by all tests of the audit frame.
    population : int
        Audit units of the data set that the promise is about.
    test : int
        Number of this test within its audit frame, from 1.
    frame : int
    scorer, covers : str
        Scorer id and digest of the score table.
    auditors : tuple of str
        Who answered.
    """

    promise: str
    alpha: float
    delta: float
    population: int
    test: int
    frame: int
    scorer: str
    covers: str
    auditors: tuple[str, ...]

    @property
    def delta_spent(self) -> float:
        """This test's share of ``delta``."""
        return delta_share(self.delta, self.test)


@dataclass(frozen=True)
class Certificate:
    """A promise about accepted machine labels, with all that it rests on; counts are audit units.

    Attributes
    ----------
    promise : str
        ``dataset``: wrong accepted labels / ``population`` <= ``alpha``. ``selective``: wrong accepted labels
        / ``accepted`` <= ``alpha``.
    alpha, delta, delta_spent : float
        Bound, probability shared by all tests of the frame, this test's share of it.
    threshold : float
        Lowest accepted score; of the units at that score only some may be accepted.
    population, top, audited : int
        Units of the data set, those that could be accepted, those of them that were audited.
    errors, unanswered, allowed : int
        Audited units that count as wrong, those of them that nobody settled, and how many the accepted
        prefix may hold.
    inside, inside_wrong : int
        Audited units in the accepted prefix, and those of them that count as wrong.
    accepted : int
        Unaudited units that are accepted by machine.
    critical_found, critical_at_most : int or None
        Audited units in the accepted prefix that count as truly critical (unsettled ones do), and the bound
        on such units among ``accepted``; None where no class is critical.
    steps : tuple of Step
        Of ``selective``: the prefixes that were tested, the last one possibly in vain.
    curve : tuple of CurvePoint
        What the audit found in prefixes of all sizes: for readers, not for the promise.
    """

    promise: str
    alpha: float
    delta: float
    delta_spent: float
    threshold: float
    population: int
    top: int
    audited: int
    errors: int
    unanswered: int
    allowed: int
    inside: int
    inside_wrong: int
    accepted: int
    critical_found: int | None
    critical_at_most: int | None
    auditors: tuple[str, ...]
    scorer: str
    covers: str
    test: int
    frame: int
    steps: tuple[Step, ...] = ()
    curve: tuple[CurvePoint, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Give JSON-ready values."""
        told = asdict(self)
        return told | {name: list(told[name]) for name in ("auditors", "steps", "curve")}

    @classmethod
    def from_dict(cls, told: Mapping[str, Any]) -> Certificate:
        """Read what ``to_dict`` gave, from storage; values of other names are left alone."""
        known = {f.name: told[f.name] for f in fields(cls) if f.name in told}
        steps = tuple(Step(**step) for step in known.get("steps", ()))
        curve = tuple(CurvePoint(**point) for point in known.get("curve", ()))
        return cls(**{**known, "auditors": tuple(known["auditors"]), "steps": steps, "curve": curve})


@dataclass(frozen=True)
class Outcome:
    """What an attempt to certify came to.

    Attributes
    ----------
    certificate : Certificate or None
    accepted : mask, shape (n,)
        Units whose machine label is accepted; audited ones carry a person's.
    reason : str
        The certificate in words, or why there is none.
    delta_spent : float
        0.0 where no test took place because the audit was not ready.
    """

    certificate: Certificate | None
    accepted: Bools = field(repr=False)
    reason: str
    delta_spent: float

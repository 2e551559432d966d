"""What a test is about, what it promises on a pass, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from labeling.certificates.auditors import AuditorsError
from labeling.certificates.curve import CurvePoint
from labeling.certificates.draw import Draw
from labeling.certificates.looks import look_share
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
    group : str or None
        What the promise is about, such as ``class HAM``; None where it is about the whole data set.
    sharing : int
        Promises that are tested at once and share what the test may spend, this one included.
    looks : int
        Tests that the audit frame is planned for, in all.
    expires : int or None
        Days after which a certificate holds no more.
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
    group: str | None = None
    sharing: int = 1
    looks: int = 10
    expires: int | None = None

    @property
    def delta_spent(self) -> float:
        """This test's share of ``delta``."""
        return look_share(self.delta, self.test, self.looks) / self.sharing


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
    group, sharing, looks, expires : str or None, int, int, int or None
        As in ``Terms``.
    groups : tuple of Certificate
        Where groups have promises of their own, theirs; counts of this certificate are then their sums.
    refused : mapping of str to str
        Why other groups that were tested have none.
    auditors_error : AuditorsError or None
        How often the auditors may be wrong themselves; None where it was not measured.
    draw : Draw or None
        How the audit was drawn, where it was planned for this test; None for a standing audit.
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
    group: str | None = None
    sharing: int = 1
    looks: int = 10
    expires: int | None = None
    groups: tuple[Certificate, ...] = ()
    refused: Mapping[str, str] = field(default_factory=dict)
    auditors_error: AuditorsError | None = None
    draw: Draw | None = None

    def to_dict(self) -> dict[str, Any]:
        """Give JSON-ready values."""
        told = asdict(self)
        lists = {name: list(told[name]) for name in ("auditors", "steps", "curve")}
        return told | lists | {"groups": [part.to_dict() for part in self.groups]}

    @classmethod
    def from_dict(cls, told: Mapping[str, Any]) -> Certificate:
        """Read what ``to_dict`` gave, from storage; values of other names are left alone."""
        known = {f.name: told[f.name] for f in fields(cls) if f.name in told}
        steps = tuple(Step(**step) for step in known.get("steps", ()))
        curve = tuple(CurvePoint(**point) for point in known.get("curve", ()))
        groups = tuple(cls.from_dict(part) for part in known.get("groups", ()))
        if known.get("auditors_error"):
            known["auditors_error"] = AuditorsError(**known["auditors_error"])
        if known.get("draw"):
            known["draw"] = Draw(**{**known["draw"], "left": tuple(known["draw"]["left"])})
        read = {"auditors": tuple(known["auditors"]), "steps": steps, "curve": curve, "groups": groups}
        return cls(**{**known, **read})


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

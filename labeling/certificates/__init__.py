"""Certificates: which machine labels a test accepts, with the promise it gives for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from hashlib import blake2b
from typing import Any

import numpy as np
import numpy.typing as npt

from labeling.certificates.guarantee import (
    acceptable_wrong,
    delta_share,
    error_budget,
    fewest_audited,
    hidden_at_most,
    safe_prefix,
)
from labeling.types import Bools, Floats, Ints

OPEN_SHARE = 0.02


@dataclass(frozen=True)
class AuditedUnits:
    """The n audit units (contents with equal text count once) of a score table, with the audit's answers.

    Parameters
    ----------
    clusters : sequence of str, length n
        Content clusters, each once.
    scores : array, shape (n,)
        Larger is safer; a function of anything but audit answers.
    eligible : mask, shape (n,)
        Units whose label may be accepted: somebody voted, not critical, not answered in review.
    audited : mask, shape (n,)
        Members of the standing sample.
    answered : mask, shape (n,)
        Audit units on which the auditors settled; read where ``audited``.
    wrong : mask, shape (n,)
        The settled answer is another label than the machine gives to some item of the unit; read where
        ``answered``.
    critical : mask, shape (n,), or None
        The settled answer is a critical class; None where the schema has none.

    Raises
    ------
    ValueError
        A cluster occurs twice, an array has another length, or a score is NaN.
    """

    clusters: Sequence[str]
    scores: Floats
    eligible: Bools
    audited: Bools
    answered: Bools
    wrong: Bools
    critical: Bools | None = None

    def __post_init__(self) -> None:
        n = len(self.clusters)
        if len(set(self.clusters)) < n:
            raise ValueError("a content cluster occurs twice: an audit unit counts once")
        arrays = (self.scores, self.eligible, self.audited, self.answered, self.wrong, self.critical)
        shapes = [a.shape for a in arrays if a is not None]
        if any(shape != (n,) for shape in shapes):
            raise ValueError(f"expected arrays of shape ({n},), got {shapes}")
        if np.isnan(self.scores).any():
            raise ValueError("a score is NaN: it has no rank")

    def safest_first(self) -> Ints:
        """Give the eligible units, shape (top,), by falling score; ties by a hash of their content."""
        rows = np.flatnonzero(self.eligible)
        return np.asarray(
            rows[np.lexsort((_tie_breaks([self.clusters[i] for i in rows]), -self.scores[rows]))]
        )


@dataclass(frozen=True)
class Terms:
    """What a test is about, fixed before it looks at any answer.

    Parameters
    ----------
    alpha, delta : float
        The promise, in (0, 1); ``delta`` is shared by all tests of the audit frame.
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
        ``dataset``: wrong accepted labels / ``population`` <= ``alpha``.
    alpha, delta, delta_spent : float
        Bound, probability shared by all tests of the frame, this test's share of it.
    threshold : float
        Lowest accepted score; of the units at that score only some may be accepted.
    population, top, audited : int
        Units of the data set, those that could be accepted, those of them that were audited.
    errors, unanswered, allowed : int
        Audited units that count as wrong, those of them that nobody settled, and how many the accepted
        prefix may hold.
    accepted : int
        Unaudited units that are accepted by machine.
    critical_found, critical_at_most : int or None
        Audited units in the accepted prefix that count as truly critical (unsettled ones do), and the bound
        on such units among ``accepted``; None where no class is critical.
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
    accepted: int
    critical_found: int | None
    critical_at_most: int | None
    auditors: tuple[str, ...]
    scorer: str
    covers: str
    test: int
    frame: int

    def to_dict(self) -> dict[str, Any]:
        """Give JSON-ready values."""
        return asdict(self) | {"auditors": list(self.auditors)}

    def describe(self) -> str:
        """Say the promise in words, true to the letter."""
        people = ", ".join(self.auditors) or "nobody"
        open_ones = f" ({self.unanswered:,} of them left unanswered)" if self.unanswered else ""
        return (
            f"At most {_percent(self.alpha)} of these {self.population:,} distinct texts carry a wrong "
            f"machine-accepted label, with {_percent(1 - self.delta)} confidence: {self.accepted:,} labels "
            f"are accepted, at scores down to {self.threshold:.3f}. Of {self.top:,} texts that could be "
            f"accepted {self.audited:,} were audited at random, {self.errors:,} count as wrong{open_ones}, "
            f"the accepted part may hold {self.allowed:,} of these. Wrong means other than the answer of the "
            f"auditors: {people}. Test {self.test} of audit frame {self.frame}; the confidence is for all "
            f"its tests together."
        )

    def describe_critical(self) -> str | None:
        """Say in words how many accepted labels hide a critical class; None where no class is critical."""
        if self.critical_at_most is None:
            return None
        return (
            f"At most {self.critical_at_most:,} of the {self.accepted:,} accepted labels "
            f"({_percent(self.critical_at_most / self.accepted)}) hide a critical class, with "
            f"{_percent(1 - self.delta)} confidence, apart from that of the certificate: "
            f"{self.critical_found:,} such texts were found among the audited ones of the accepted part."
        )


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


def certify(units: AuditedUnits, terms: Terms) -> Outcome:
    """Test the promise ``dataset``: accept the longest prefix, safest first, that the audit proves.

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
    top, n, budget = len(order), int(audited.sum()), error_budget(terms.alpha, terms.population)
    allowed = acceptable_wrong(top, n, budget, terms.delta_spent)
    obstacle = _obstacle(top, n, int(unsettled.sum()), budget, terms.delta_spent)
    if obstacle or allowed is None:
        return Outcome(None, np.zeros(len(units.clusters), dtype=bool), obstacle, 0.0)
    failed = unsettled | (audited & units.wrong[order])
    prefix = order[: safe_prefix(failed, allowed)]
    counts = {"top": top, "audited": n, "errors": int(failed.sum()), "unanswered": int(unsettled.sum())}
    return _conclude(units, terms, prefix, {**counts, "allowed": allowed})


def _obstacle(top: int, n: int, unsettled: int, budget: int, delta: float) -> str:
    if top == n:
        return "no unaudited text could be accepted: each is critical, without a vote or in front of people"
    if unsettled > OPEN_SHARE * n:
        return (
            f"{unsettled:,} of {n:,} audit answers are open, a test needs all but {OPEN_SHARE:.0%}. "
            "Answer them; a second person takes what the first skips."
        )
    fewest = fewest_audited(top, budget, delta)
    if n < fewest:
        return f"{n:,} of at least {fewest:,} audit answers are there. Raise the audit and answer it."
    return ""


def _conclude(units: AuditedUnits, terms: Terms, prefix: Ints, counts: dict[str, Any]) -> Outcome:
    accepted = np.zeros(len(units.clusters), dtype=bool)
    accepted[prefix] = ~units.audited[prefix]
    if not accepted.any():
        reason = (
            f"{counts['errors']:,} of {counts['audited']:,} audited labels are wrong, "
            f"{counts['allowed'] + 1:,} of them among the safest: nothing can be accepted. "
            "More review answers or better functions come first."
        )
        return Outcome(None, accepted, reason, terms.delta_spent)
    found = _critical_found(units, prefix)
    hidden = None
    if found is not None:
        hidden = hidden_at_most(counts["top"], counts["audited"], found, terms.delta_spent)
        hidden = min(hidden, int(accepted.sum()))
    certificate = Certificate(
        promise="dataset",
        delta_spent=terms.delta_spent,
        threshold=float(units.scores[accepted].min()),
        accepted=int(accepted.sum()),
        critical_found=found,
        critical_at_most=hidden,
        **counts,
        **asdict(terms),
    )
    return Outcome(certificate, accepted, certificate.describe(), terms.delta_spent)


def _critical_found(units: AuditedUnits, prefix: Ints) -> int | None:
    if units.critical is None:
        return None
    return int((units.audited & (units.critical | ~units.answered))[prefix].sum())


def _tie_breaks(clusters: Sequence[str]) -> npt.NDArray[np.uint64]:
    # No key: the order at equal scores must know nothing of the salt that draws the audit.
    hashed = (blake2b(c.encode("utf-8", "surrogatepass"), digest_size=8).digest() for c in clusters)
    return np.frombuffer(b"".join(hashed), dtype=np.uint64)


def _percent(share: float) -> str:
    return f"{100 * share:.4g} %"

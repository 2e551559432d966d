"""What is told of the loop itself: whether labels still change, what more answers would bring."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from labeling.types.arrays import Floats, Ints


@dataclass(frozen=True)
class Stability:
    """How far successive models agree on items that were drawn uniformly and stay the same.

    Attributes
    ----------
    stable : bool
        Whether labels no longer change.
    kappas : tuple of float
        Cohen's kappa of each model with the one before, the newest last; at most 1.
    changed, size : int
        Items whose label the last model changed, of how many.
    needed : int
        Agreements that a statement takes.
    threshold : float
        What their mean has to reach.
    """

    stable: bool
    kappas: tuple[float, ...]
    changed: int
    size: int
    needed: int
    threshold: float

    @property
    def said(self) -> str:
        """The same in words."""
        if len(self.kappas) < self.needed:
            there = f"{len(self.kappas)} of {self.needed} comparisons"
            return f"too early to tell whether labels still change ({there})"
        shown = ", ".join(f"{kappa:.3f}" for kappa in self.kappas)
        verdict = "labels no longer change" if self.stable else "labels still change"
        return f"{verdict}: {self.changed} of {self.size:,} with the last batch, kappa {shown}"

    def to_dict(self) -> dict[str, Any]:
        """Give a JSON-ready mapping."""
        return asdict(self) | {"kappas": [round(kappa, 4) for kappa in self.kappas], "said": self.said}


@dataclass(frozen=True)
class UniformAnswers:
    """People's answers on items that were drawn uniformly, beside what a model said that had not seen them.

    Parameters
    ----------
    right : array of float, shape (u,)
        1 where model and people agree, 0 where not; between them where the model preferred no class.
    confidence : array of float, shape (u,)
        What the model believed of its label.
    """

    right: Floats = field(repr=False)
    confidence: Floats = field(repr=False)

    def __len__(self) -> int:
        return len(self.right)


@dataclass(frozen=True)
class ModelSteps:
    """What the models of successive rounds believed of the items that nobody had labelled.

    Parameters
    ----------
    labels : array of int, shape (r,)
        Answers that each had learnt from, ascending.
    confidence : array of float, shape (r,)
        Mean probability of its labels over the unlabelled items.
    items : int
        Items of the pool.
    """

    labels: Ints
    confidence: Floats
    items: int

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True)
class CurvePoint:
    """Share of items with the right label after some answers, with its 95 % interval; all in [0, 1]."""

    labels: int
    accuracy: float
    low: float
    high: float

    def to_dict(self) -> dict[str, Any]:
        """Give a JSON-ready mapping."""
        return {name: round(value, 4) for name, value in asdict(self).items()}

    def __str__(self) -> str:
        return f"{self.accuracy:.3f} ({self.low:.3f} to {self.high:.3f})"


@dataclass(frozen=True)
class MoreAnswers:
    """How many more answers a target takes, with the 95 % interval; None where none in sight suffice."""

    likely: int | None
    low: int | None
    high: int | None


@dataclass(frozen=True)
class Gain:
    """What the next answers bring in accuracy, with 95 % confidence, and whether that may be worth it."""

    answers: int
    low: float
    high: float
    pays: bool

    def to_dict(self) -> dict[str, Any]:
        """Give a JSON-ready mapping."""
        return asdict(self) | {"low": round(self.low, 4), "high": round(self.high, 4)}


@dataclass(frozen=True)
class Forecast:
    """How accurate labels are and what more answers would bring.

    Attributes
    ----------
    uniform, needed : int
        Uniform answers that there are, and that a statement takes.
    target : float
        Accuracy that is aimed at.
    now : CurvePoint or None
        None with too few uniform answers.
    ahead : tuple of CurvePoint
        Expected after more answers.
    more : MoreAnswers or None
        What the target takes; None, as is ``gain``, where there are too few rounds to tell.
    gain : Gain or None
    """

    uniform: int
    needed: int
    target: float
    now: CurvePoint | None = None
    ahead: tuple[CurvePoint, ...] = ()
    more: MoreAnswers | None = None
    gain: Gain | None = None

    @property
    def said(self) -> str:
        """The same in words, never a figure without its interval."""
        if self.now is None:
            return f"too few uniform answers yet to tell the accuracy ({self.uniform} of {self.needed})"
        return f"accuracy {self.now}; {self._said_ahead()}"

    def _said_ahead(self) -> str:
        if self.now is not None and self.now.low >= self.target:
            return f"{self.target:g} is reached"
        if self.more is None or self.gain is None:
            return "too few rounds yet for a forecast"
        if not self.gain.pays:
            bring = f"the next {self.gain.answers} bring {self.gain.low:.3f} to {self.gain.high:.3f}"
            return f"more answers do not pay: {bring}"
        return said_of_more(self.more, self.target)

    def to_dict(self) -> dict[str, Any]:
        """Give a JSON-ready mapping."""
        return {
            "said": self.said,
            "uniform": self.uniform,
            "needed": self.needed,
            "target": self.target,
            "now": self.now.to_dict() if self.now else None,
            "more": asdict(self.more) if self.more else None,
            "gain": self.gain.to_dict() if self.gain else None,
        }


def said_of_more(more: MoreAnswers, target: float) -> str:
    """Say how many more answers a target takes.

    Examples
    --------
    >>> said_of_more(MoreAnswers(120, 40, 310), 0.95)
    'about 120 more answers until 0.95 (40 to 310)'
    >>> said_of_more(MoreAnswers(None, 700, None), 0.95)
    '0.95 takes at least 700 more answers, if it can be reached'
    """
    if more.likely == 0:
        return f"{target:g} is probably reached" + (
            f", else by {more.high:,} more answers" if more.high else ""
        )
    if more.low is None:
        return f"{target:g} is out of sight"
    if more.likely is None:
        return f"{target:g} takes at least {more.low:,} more answers, if it can be reached"
    if more.high is None:
        return f"about {more.likely:,} more answers until {target:g} ({more.low:,} or more)"
    return f"about {more.likely:,} more answers until {target:g} ({more.low:,} to {more.high:,})"


@dataclass(frozen=True)
class Doubts:
    """Human labels that are probably wrong, the most doubtful first.

    Attributes
    ----------
    rows : array of int, shape (s,)
        Positions among the labels that were examined.
    instead : array of int, shape (s,)
        The class that a model says with confidence.
    thresholds : array of float, shape (k,)
        Probability from which it does, by class.
    """

    rows: Ints
    instead: Ints
    thresholds: Floats

    def __len__(self) -> int:
        return len(self.rows)


@dataclass(frozen=True)
class Answers:
    """Who answered what: item, person and class of each of a answers, by index.

    Parameters
    ----------
    items : array of int, shape (a,)
        In [0, m).
    people : array of int, shape (a,)
        In [0, p).
    labels : array of int, shape (a,)
        In [0, k).
    n_people : int
    """

    items: Ints
    people: Ints
    labels: Ints
    n_people: int

    def __len__(self) -> int:
        return len(self.items)


@dataclass(frozen=True)
class OpinionWeights:
    """How much the opinion of each person, shape (p,), and of the model counts.

    ``agreement`` is the probability with which a person names what most people name.
    """

    people: Floats
    model: float
    agreement: float


@dataclass(frozen=True)
class OpinionScores:
    """How sure labels are, on one scale: the lower, the more an answer brings.

    Attributes
    ----------
    answered : array of float, shape (m,), in [0, 1]
        Of items that somebody answered.
    new : array of float, shape (b,), in [0, 1]
        Of items that nobody answered.
    trust : array of float, shape (p,), in [0, 1]
        How far each person's answers agree with others'.
    """

    answered: Floats
    new: Floats
    trust: Floats

"""The nouns of the field as the engine uses them, with the ports that adapters implement."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any, NoReturn, Protocol

import numpy as np
import numpy.typing as npt

from labeling.html import table
from labeling.readonly import ReadOnlyDict, read_only

Floats = npt.NDArray[np.floating[Any]]
Ints = npt.NDArray[np.integer[Any]]
Bools = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.int8]

ABSTAIN = -1
FAULT = -2
"""The voter failed on the item."""
LOST = -3
"""The voter did not come back from the item, by time or by a crash: the next run tries again."""
UNKNOWN = -128
"""The voter was not asked."""
MAX_CLASSES = 127
SHOWN_ROWS = 10
"""Items of a vote matrix that a notebook shows."""


def digest_of(*parts: object) -> str:
    """Give the hex SHA-256 (first 32 characters) of the canonical JSON of ``parts``.

    Examples
    --------
    >>> digest_of({"b": 1, "a": 2}) == digest_of({"a": 2, "b": 1})
    True
    """
    canonical = json.dumps(parts, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)
    return hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()[:32]


class Lane(StrEnum):
    """Why an item is in front of people."""

    REVIEW = "review"
    AUDIT = "audit"


class Decision(StrEnum):
    """What happens to an item without a human label."""

    ACCEPT = "accept"
    REVIEW = "review"
    HOLD = "hold"


@dataclass(frozen=True, slots=True)
class LabelClass:
    """One class of a schema: its name and what people are told about it."""

    name: str
    definition: str = ""
    examples: tuple[str, ...] = ()
    critical: bool = False


@dataclass(frozen=True)
class LabelSchema:
    """The classes of a project with the guideline that people work by."""

    classes: tuple[LabelClass, ...]
    guideline: str = ""

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Class names, in the order of the config; array index i is class ``names[i]``."""
        return tuple(c.name for c in self.classes)

    @cached_property
    def index(self) -> Mapping[str, int]:
        """Array index by class name."""
        return {name: i for i, name in enumerate(self.names)}

    @cached_property
    def critical(self) -> Bools:
        """Mask, shape (k,): classes that are never accepted by machine."""
        return np.array([c.critical for c in self.classes], dtype=bool)

    @cached_property
    def version(self) -> str:
        """Digest of all that a person is told: names, definitions, examples, guideline."""
        told = [(c.name, c.definition, c.examples, c.critical) for c in self.classes]
        return digest_of(told, self.guideline)[:12]

    def __len__(self) -> int:
        return len(self.classes)


class Item:
    """One unique content, as a labelling function sees it: ``item.text``, ``item["channel"]``.

    All functions share the object, so nothing of it can be changed.

    Attributes
    ----------
    digest : str
    fields : mapping of str to JSON value
    text : str
        The column named by ``items.text``.
    text_field : str
        The name of that column.
    """

    __slots__ = ("digest", "fields", "text", "text_field")

    digest: str
    fields: Mapping[str, Any]
    text: str
    text_field: str

    def __init__(self, digest: str, fields: Mapping[str, Any], text_field: str = "text") -> None:
        put = object.__setattr__
        put(self, "digest", digest)
        put(self, "fields", fields if type(fields) is ReadOnlyDict else read_only(dict(fields)))
        put(self, "text_field", text_field)
        if text_field in fields:
            text = fields[text_field]
            put(self, "text", text if type(text) is str else str(text))

    def __getitem__(self, name: str) -> Any:
        return self.fields[name]

    def __getattr__(self, name: str) -> Any:
        try:
            return self.fields[name]
        except KeyError:
            raise AttributeError(f"item has no field {name!r}; it has {', '.join(self.fields)}") from None

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(
            f"items are read-only, for other functions see them too: {name!r} cannot be set. "
            "Use a variable of your own."
        )

    def __delattr__(self, name: str) -> NoReturn:
        self.__setattr__(name, None)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Item):
            return NotImplemented
        return (self.digest, self.fields, self.text_field) == (other.digest, other.fields, other.text_field)

    def __hash__(self) -> int:
        return hash(self.digest)

    def __reduce__(self) -> tuple[Any, ...]:
        return Item, (self.digest, dict(self.fields), self.text_field)

    def __repr__(self) -> str:
        return f"Item({self.digest!r}, {dict(self.fields)!r}, {self.text_field!r})"


@dataclass(frozen=True)
class VoteMatrix:
    """Votes of m voters on n items.

    Parameters
    ----------
    hard : array of int8, shape (n, m)
        Class indices below ``n_classes``; -1 abstains.
    voters : tuple of str, length m
    n_classes : int
    classes : tuple of str, length n_classes
        Names of the classes; empty where the indices are all that is known.
    soft : mapping of str to array of float32, shape (n, k)
        Of soft voters, by name: how probable their answer is under each class, up to a factor per row;
        finite and not negative. Training sees ``hard``; prediction takes these in place of the column, a
        row of zeros abstains.

    Raises
    ------
    ValueError
        Shapes do not fit, or a vote or likelihood is out of range.
    TypeError
        Votes are not int8.
    """

    hard: npt.NDArray[np.int8]
    voters: tuple[str, ...]
    n_classes: int
    classes: tuple[str, ...] = ()
    soft: Mapping[str, npt.NDArray[np.float32]] = field(default_factory=dict, kw_only=True)

    def __post_init__(self) -> None:
        if self.classes and len(self.classes) != self.n_classes:
            raise ValueError(f"votes have {len(self.classes)} class names, expected {self.n_classes}")
        hard = self.hard
        if hard.ndim != 2 or hard.shape[1] != len(self.voters):
            raise ValueError(f"votes have shape {hard.shape}, expected (n, {len(self.voters)})")
        if hard.dtype != np.int8:
            strange = ~np.isin(hard, np.arange(ABSTAIN, self.n_classes))
            raise TypeError(f"votes are {hard.dtype}{self._first(strange)}, expected int8")
        if hard.size and not (hard.min() >= ABSTAIN and hard.max() < self.n_classes):
            wrong = self._first((hard < ABSTAIN) | (hard >= self.n_classes))
            raise ValueError(
                f"votes lie in [{hard.min()}, {hard.max()}]{wrong}, expected [-1, {self.n_classes - 1}]"
            )
        for name, likelihood in self.soft.items():
            self._check_soft(name, likelihood)

    def _first(self, wrong: Bools) -> str:
        if not wrong.any():
            return ""
        row, voter = np.unravel_index(int(wrong.argmax()), wrong.shape)
        return f", {self.voters[voter]!r} says {self.hard[row, voter]} on row {row}"

    def _check_soft(self, name: str, likelihood: npt.NDArray[np.float32]) -> None:
        expected = (len(self.hard), self.n_classes)
        if name not in self.voters:
            raise ValueError(f"soft votes of {name!r}, who is none of {', '.join(self.voters)}")
        if likelihood.shape != expected:
            raise ValueError(f"soft votes of {name!r} have shape {likelihood.shape}, expected {expected}")
        if not np.isfinite(likelihood).all() or (likelihood < 0).any():
            raise ValueError(f"soft votes of {name!r} hold values that are negative or not finite")

    @cached_property
    def covered(self) -> Bools:
        """Mask, shape (n,): items with at least one vote, hard or soft."""
        covered = np.asarray((self.hard != ABSTAIN).any(axis=1))
        for likelihood in self.soft.values():
            covered |= likelihood.any(axis=1)
        return covered

    def take(self, rows: Ints | Bools) -> VoteMatrix:
        """Give the votes on some of the items, in the order of ``rows``."""
        soft = {name: likelihood[rows] for name, likelihood in self.soft.items()}
        return VoteMatrix(self.hard[rows], self.voters, self.n_classes, self.classes, soft=soft)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the classes, length k; their indices as text where there are none."""
        return self.classes or tuple(str(i) for i in range(self.n_classes))

    def __len__(self) -> int:
        return len(self.hard)

    def _repr_html_(self) -> str:
        names = (*self.names, None)
        voted = np.flatnonzero(self.covered)
        rows = [(i, *(names[code] for code in self.hard[i].tolist())) for i in voted[:SHOWN_ROWS].tolist()]
        note = f"{len(self):,} items × {len(self.voters):,} voters; {len(voted):,} items have a vote"
        first = "; the first of them:" if len(voted) > len(rows) else ""
        return table(("item", *self.voters), rows, left=1 + len(self.voters), note=note + first)


@dataclass(frozen=True)
class GoldVotes:
    """The votes on items whose class people told, which a label model may learn from: never audit answers.

    Parameters
    ----------
    votes : VoteMatrix
        Of g items.
    labels : array of int, shape (g,)
        Their classes.
    weights : array of float, shape (g,), optional
        How many items of the pool each stands for, with mean 1: what was chosen as uncertain is not the
        pool in small. Ones if left out.

    Raises
    ------
    ValueError
        Shapes do not fit, a label is no class, or a weight is not positive and finite.
    """

    votes: VoteMatrix
    labels: Ints
    weights: Floats | None = None

    def __post_init__(self) -> None:
        if self.weights is None:
            object.__setattr__(self, "weights", np.ones(len(self.votes)))
        k = self.votes.n_classes
        if not self.labels.shape == self.weight.shape == (len(self.votes),):
            raise ValueError(f"gold has {self.labels.shape} labels for {len(self.votes)} rows of votes")
        if len(self) and not (self.labels.min() >= 0 and self.labels.max() < k):
            raise ValueError(
                f"gold labels lie in [{self.labels.min()}, {self.labels.max()}], expected [0, {k - 1}]"
            )
        if not (np.isfinite(self.weight) & (self.weight > 0)).all():
            raise ValueError("weights of gold have to be positive and finite")

    @property
    def weight(self) -> Floats:
        """Weights, shape (g,), whether they were given or not."""
        assert self.weights is not None
        return self.weights

    def __len__(self) -> int:
        return len(self.votes)


@dataclass(frozen=True)
class PoolGold:
    """Human labels of a pool's n items that models may learn from: never audit answers.

    Parameters
    ----------
    labels : array of int8, shape (n,)
        Class indices; -1 without.
    drawn : mask, shape (n,)
        Items that were drawn uniformly; the other labelled ones were chosen by what was thought of them.
    """

    labels: npt.NDArray[np.int8]
    drawn: Bools

    @classmethod
    def all_drawn(cls, labels: npt.NDArray[np.int8]) -> PoolGold:
        """Take labels of items that nobody chose."""
        return cls(labels, labels != ABSTAIN)

    @cached_property
    def rows(self) -> Ints:
        """The labelled items, shape (g,)."""
        return np.flatnonzero(self.labels != ABSTAIN)

    @cached_property
    def told(self) -> Ints:
        """Their classes, shape (g,)."""
        return self.labels[self.rows].astype(np.int64)

    def without(self, rows: Ints) -> PoolGold:
        """Forget the labels of some items."""
        labels = self.labels.copy()
        labels[rows] = ABSTAIN
        return PoolGold(labels, self.drawn)


@dataclass(frozen=True, slots=True)
class ReviewTask:
    """An item that is sent to people.

    ``priority`` lies in [0, 1], lowest first. ``inclusion`` is the probability with which the item was
    drawn, None where it was chosen by score. ``suggestion`` is the class shown in advance, if any.
    """

    task_id: str
    digest: str
    row_id: str
    fields: Mapping[str, str]
    lane: Lane
    round: int
    priority: float
    inclusion: float | None = None
    suggestion: str | None = None
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Annotation:
    """One person's answer in its present state; ``annotation_id`` is unique within its queue.

    ``label`` is None where the person skipped; ``suggestion`` is what was shown; ``updated_at`` is ISO 8601
    in UTC.
    """

    annotation_id: str
    task_id: str
    annotator: str
    label: str | None
    skipped: bool
    seconds: float | None
    suggestion: str | None
    guideline: str
    updated_at: str

    @property
    def kept(self) -> bool | None:
        """Whether the suggestion was kept; None where there was none or the person skipped."""
        return None if self.suggestion is None or self.skipped else self.label == self.suggestion


@dataclass(frozen=True, slots=True)
class Receipt:
    """The queue's own id for a task that it took."""

    task_id: str
    external_id: str


@dataclass(frozen=True, slots=True)
class Pull:
    """What a queue has to tell since a cursor.

    ``present`` holds the ids of *all* annotations that exist now, so that deletions show as absences.
    """

    annotations: tuple[Annotation, ...]
    present: frozenset[str]
    cursor: str


@dataclass(frozen=True)
class Selection:
    """Items chosen for people.

    Parameters
    ----------
    indices : array of int, shape (b,)
        Rows of the pool, most informative first.
    utilities : array of float, shape (b,)
        Larger is more informative; comparable within one selection only.
    uniform : mask, shape (b,)
        Which were drawn uniformly.
    inclusion : float
        Probability with which any candidate was drawn uniformly.
    """

    indices: Ints
    utilities: Floats
    uniform: Bools = field(repr=False)
    inclusion: float

    def __len__(self) -> int:
        return len(self.indices)


class LabelModel(Protocol):
    """Weighs the votes of each item into class probabilities.

    Attributes
    ----------
    weights_ : array, shape (m,)
        Accuracy that the fitted model believes each voter to have; NaN where it has no such number.
    class_balance_ : array, shape (k,)
    remarks_ : tuple of str
        What the user should know of this fit.
    """

    weights_: Floats
    class_balance_: Floats
    remarks_: tuple[str, ...]

    def statistics(self, votes: VoteMatrix) -> Any:
        """Give what training needs; results of several shards add up with ``+``."""

    def fit(
        self, statistics: Any, *, gold: GoldVotes | None = None, class_balance: Floats | None = None
    ) -> LabelModel:
        """Fit to statistics of all items, those with gold included.

        Parameters
        ----------
        gold : GoldVotes, optional
            Human labels with the votes on their items.
        class_balance : array, shape (k,), optional
            Sums to one; left out, classes are uniform or estimated, as the paper of the model has it.
        """

    def predict_proba(self, votes: VoteMatrix) -> Floats:
        """Give class probabilities, shape (n, k); rows without a vote give the class balance."""

    def explain(
        self, row: npt.NDArray[np.int8], soft: Mapping[int, npt.NDArray[np.float32]] | None = None
    ) -> Floats:
        """Give each voter's contribution, shape (m, k), in natural-log units, to one row, shape (m,).

        ``log(class_balance_)`` plus the sum over voters is the log posterior up to a constant. ``soft``
        holds likelihoods, shape (k,), by column, which stand in place of those votes.
        """


class Learner(Protocol):
    """Votes, content and human answers in one model over a fixed pool."""

    @property
    def feature_space_id(self) -> str:
        """Digest of all that ``features`` depends on but the texts."""

    def features(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Extract features, shape (n, d): the slow part, which callers cache."""

    def start(self, features: npt.NDArray[np.float32], votes: VoteMatrix) -> None:
        """Take a pool of n items; what votes alone say is fitted here, once."""

    def fit(self, labelled: Ints, labels: Ints) -> None:
        """Learn from human labels: pool rows, shape (l,), and their class indices, shape (l,)."""

    def predict_proba(self, partition: Ints | None = None) -> Floats:
        """Give class probabilities of pool rows (all if None), shape (p, k)."""

    def query(self, n_instances: int, candidates: Ints) -> Selection:
        """Choose at most ``n_instances`` of the pool rows ``candidates``, most informative first."""


class Strategy(Protocol):
    """A query strategy on modAL's contract: rows of ``X`` to ask for next and their utilities."""

    def __call__(self, learner: Any, X: Any, n_instances: int = 1, **kwargs: Any) -> tuple[Ints, Floats]:
        """Give (indices, utilities), both of shape (n_instances,)."""


class ReviewQueue(Protocol):
    """Where people answer."""

    def push(self, tasks: Sequence[ReviewTask]) -> Sequence[Receipt]:
        """Send tasks; one whose ``task_id`` is there already is not sent again but gets its receipt."""

    def withdraw(self, task_ids: Collection[str]) -> None:
        """Take unanswered tasks back; unknown and answered ones are left alone."""

    def reprioritise(self, version: str, tasks: Sequence[ReviewTask]) -> None:
        """Give tasks without a label new priorities and suggestions, all at once, under a new version."""

    def pull(self, cursor: str) -> Pull:
        """Give answers that are new or changed since ``cursor`` ("" is the beginning)."""

    def open_ids(self) -> frozenset[str]:
        """Give the task ids that nobody answered or skipped yet."""

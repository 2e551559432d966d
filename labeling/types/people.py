"""What goes to people and what comes back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from labeling.types.arrays import Bools, Floats, Ints


class Lane(StrEnum):
    """Why an item is in front of people."""

    REVIEW = "review"
    AUDIT = "audit"
    OVERLAP = "overlap"
    """Somebody answered it; another person is asked, too."""
    DOUBLE = "double"
    """It is in the audit; another person is asked, too, to learn how often auditors err."""
    WATCH = "watch"
    """Its label was accepted by machine; a person is asked whether that still holds."""


BLIND = frozenset({Lane.AUDIT, Lane.WATCH})
"""Lanes that show no suggestion, and whose answers nothing is trained or tuned on."""

AGAIN = frozenset({Lane.OVERLAP, Lane.DOUBLE})
"""Lanes that put an item before another person, which is in front of somebody by a task of another lane."""


class Decision(StrEnum):
    """What happens to an item without a human label."""

    ACCEPT = "accept"
    REVIEW = "review"
    HOLD = "hold"


@dataclass(frozen=True, slots=True)
class ReviewTask:
    """An item that is sent to people.

    ``priority`` lies in [0, 1], lowest first. ``inclusion`` is the probability with which the item was
    drawn, None where it was chosen by score. ``suggestion`` is the class shown in advance, ``why`` says
    in plain text what speaks for it; ``critical`` names the critical slices that hold the item.
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
    why: str | None = None
    critical: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Annotation:
    """One person's answer in its present state; ``annotation_id`` is unique within its queue.

    ``label`` is None where the person skipped, and the schema's ``unclear``, which is no gold, where no class
    was said to fit; ``suggestion`` is what was shown; ``updated_at`` is ISO 8601
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
    inclusion : array of float, shape (b,)
        Probability with which each uniform row was drawn; NaN for the others.
    """

    indices: Ints
    utilities: Floats
    uniform: Bools = field(repr=False)
    inclusion: Floats = field(repr=False)

    def __len__(self) -> int:
        return len(self.indices)

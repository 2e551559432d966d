"""The contents of a release as what they teach, and what a model that has not seen them is measured on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cached_property

import numpy as np
import numpy.typing as npt

from labeling.export import HUMAN, KNOWN
from labeling.types import ABSTAIN, BLIND, Bools, Floats, Ints, Lane


class Stratum(IntEnum):
    """How a content comes before a person, if it does."""

    DRAWN = 0
    """By the audit's draw."""
    CHOSEN = 1
    """Selection picked it for review."""
    KNOWN = 2
    """Not at all: its label came with the data."""


@dataclass(frozen=True, slots=True)
class Answers:
    """What people said of a content: how many named each class, skips left out, and in which lanes."""

    said: Counter[str] = field(default_factory=Counter)
    lanes: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Lesson:
    """One content of a release.

    Attributes
    ----------
    text : str
    cluster : str
        Contents of one cluster have the same text but for case and spacing.
    label : int
        Index of the released class, -1 without.
    source : str or None
        Of the label.
    target : array, shape (k,)
        Class probabilities; zeros without a label.
    answers : Answers
    """

    text: str
    cluster: str
    label: int
    source: str | None
    target: Floats
    answers: Answers

    @property
    def teaches(self) -> bool:
        """Whether a model may learn from it: labelled, and not by answers that nothing is trained on."""
        blind = bool(self.answers.lanes) and self.answers.lanes <= BLIND
        return self.label != ABSTAIN and not blind

    @property
    def stratum(self) -> Stratum:
        """How it comes before a person."""
        if self.source == KNOWN:
            return Stratum.KNOWN
        return Stratum.CHOSEN if self.answers.lanes - BLIND else Stratum.DRAWN

    @property
    def sampled(self) -> bool:
        """Whether its label is gold that tells of its stratum; the watch looks at accepted labels alone."""
        drawn = self.stratum == Stratum.DRAWN
        by_person = self.source == HUMAN and (not drawn or Lane.AUDIT in self.answers.lanes)
        return self.label != ABSTAIN and (by_person or self.source == KNOWN)


@dataclass(frozen=True)
class Lessons:
    """The n contents of a release that are still among the data.

    Parameters
    ----------
    of : sequence of Lesson, length n
    gone : int
        Contents of the release that are no longer among the data.
    """

    of: Sequence[Lesson] = field(repr=False)
    gone: int = 0

    def __len__(self) -> int:
        return len(self.of)

    @cached_property
    def labels(self) -> Ints:
        """Released classes, shape (n,), -1 without."""
        return np.array([lesson.label for lesson in self.of], dtype=np.int64)

    @cached_property
    def clusters(self) -> npt.NDArray[np.str_]:
        """Clusters, shape (n,)."""
        return np.array([lesson.cluster for lesson in self.of], dtype=np.str_)

    @cached_property
    def teaches(self) -> Bools:
        """Mask, shape (n,): what a model may learn from."""
        return np.array([lesson.teaches for lesson in self.of], dtype=bool)

    @cached_property
    def sampled(self) -> Bools:
        """Mask, shape (n,): gold to measure on."""
        return np.array([lesson.sampled for lesson in self.of], dtype=bool)

    @cached_property
    def strata(self) -> Ints:
        """Values of ``Stratum``, shape (n,)."""
        return np.array([lesson.stratum for lesson in self.of], dtype=np.int64)

    @property
    def sources(self) -> dict[str, int]:
        """Contents that teach, by where their label comes from."""
        counted = Counter(str(lesson.source) for lesson in self.of if lesson.teaches)
        return dict(sorted(counted.items()))

    @property
    def kept_apart(self) -> int:
        """Labelled contents that nothing is trained on."""
        return int(((self.labels != ABSTAIN) & ~self.teaches).sum())

    def texts(self, chosen: Bools) -> list[str]:
        """Give the texts in a mask, shape (n,)."""
        return [self.of[i].text for i in np.flatnonzero(chosen)]

    def targets(self, chosen: Bools) -> Floats:
        """Give the class probabilities in a mask, shape (n,): shape (c, k)."""
        targets = [self.of[i].target for i in np.flatnonzero(chosen)]
        return np.array(targets).reshape(len(targets), len(self.of[0].target))

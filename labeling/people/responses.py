"""Answers with the circumstances that they were given in."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from labeling.people.effort import without_breaks
from labeling.types import ABSTAIN, Answers, Bools, Floats, Ints


@dataclass(frozen=True)
class Responses:
    """The last answer of each person to each item, in order of time, with how it came about.

    Parameters
    ----------
    answers : Answers
        a answers on m items.
    seconds : array of float, shape (a,)
        What each took, as the page tells it, breaks included; NaN where it does not.
    suggested : array of int, shape (a,)
        The class that was shown in advance; -1 where none was.
    withheld : array of int, shape (a,)
        The class that would have been shown, had chance not held it back; -1 where nothing was held back.
    """

    answers: Answers
    seconds: Floats = field(repr=False)
    suggested: Ints = field(repr=False)
    withheld: Ints = field(repr=False)

    def __len__(self) -> int:
        return len(self.answers)

    @property
    def shown(self) -> Bools:
        """Mask, shape (a,): answers with a suggestion on the page."""
        return np.asarray(self.suggested != ABSTAIN)

    @property
    def blind(self) -> Bools:
        """Mask, shape (a,): answers that no suggestion can have led."""
        return ~self.shown

    @cached_property
    def unbroken(self) -> Floats:
        """The seconds of each answer, shape (a,); NaN where none are told or the person had a break."""
        return without_breaks(self.seconds, self.answers.people)

    def of(self, person: int) -> Bools:
        """Mask, shape (a,): the answers of a person, by index."""
        return np.asarray(self.answers.people == person)


def among(answers: Answers, mask: Bools) -> Answers:
    """Keep some of the answers; items and people keep their indices."""
    return Answers(answers.items[mask], answers.people[mask], answers.labels[mask], answers.n_people)

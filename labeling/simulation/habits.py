"""How simulated people answer: errors, what suggestions do to them, what they skip, how long it takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from labeling.pool.audit import SECONDS_PER_ANSWER
from labeling.types import Floats, digest_of

SPREAD = 0.6
"""Standard deviation of the log of the seconds of an answer: one in twenty takes 2.7 times the median."""


@dataclass(frozen=True)
class Habits:
    """What simulated people do with a task; left out, they are perfect.

    Parameters
    ----------
    error_rate : float, in [0, 1)
        Share of answers that name a wrong class, each of them alike.
    confusion : mapping of class name to mapping of class name to float
        How often a class is taken for which others; for the classes in it, this stands in place of the rate.
    anchored : float, in [0, 1]
        How often a wrong suggestion is accepted where one is shown.
    skipping : float, in [0, 1)
        How often a person skips a task, which then goes to a second person.
    seconds, spread : float
        Median of the seconds of an answer, and the standard deviation of their logarithm.
    """

    error_rate: float = 0.0
    confusion: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    anchored: float = 0.0
    skipping: float = 0.0
    seconds: float = SECONDS_PER_ANSWER
    spread: float = SPREAD

    def describe(self) -> str:
        """Say in a few words what sets these people apart.

        Examples
        --------
        >>> Habits().describe(), Habits(error_rate=0.05, skipping=0.1).describe()
        ('perfect people', 'people with 5% errors, 10% skipped')
        """
        shares = {"errors": self.error_rate, "anchored": self.anchored, "skipped": self.skipping}
        said = [f"{share:.0%} {what}" for what, share in shares.items() if share]
        said += ["their own confusions"] if self.confusion else []
        return f"people with {', '.join(said)}" if said else "perfect people"


PERFECT = Habits()


@dataclass(frozen=True)
class Chances:
    """What chance brings to one person and one item: uniform numbers in [0, 1), and a standard normal one."""

    skip: float
    error: float
    anchor: float
    haste: float


def draw_chances(seed: int, digest: str, person: int) -> Chances:
    """Draw by a hash of person and item: the same in every arm, whatever was asked before."""
    rng = np.random.default_rng(int(digest_of("person", seed, digest, person), 16))
    skip, error, anchor = rng.random(3).tolist()
    return Chances(skip, error, anchor, float(rng.standard_normal()))


def confusion_matrix(habits: Habits, names: tuple[str, ...]) -> Floats:
    """Give how often people answer what, shape (k, k): rows are true classes and sum to 1."""
    k = len(names)
    wrong = np.full((k, k), habits.error_rate / max(k - 1, 1))
    for true, mistaken in habits.confusion.items():
        wrong[names.index(true)] = [mistaken.get(name, 0.0) for name in names]
    np.fill_diagonal(wrong, 0.0)
    return np.asarray(wrong + np.diag(1 - wrong.sum(axis=1)))


@dataclass(frozen=True)
class Person:
    """One of the simulated people.

    Parameters
    ----------
    habits : Habits
    names : tuple of str, length k
        The classes.
    seed : int
    number : int
        From 1; whom a task reaches first is 1.
    """

    habits: Habits
    names: tuple[str, ...]
    seed: int
    number: int
    confusion: Floats = field(repr=False)

    @classmethod
    def of(cls, habits: Habits, names: tuple[str, ...], seed: int, number: int) -> Person:
        """Make a person."""
        return cls(habits, names, seed, number, confusion_matrix(habits, names))

    def answer(self, digest: str, truth: str | None, suggestion: str | None) -> tuple[str | None, float]:
        """Give the class that the person names, None where skipped, and the seconds that it took."""
        chances = draw_chances(self.seed, digest, self.number)
        seconds = self.habits.seconds * float(np.exp(self.habits.spread * chances.haste))
        if truth is None or chances.skip < self.habits.skipping:
            return None, seconds
        if suggestion not in (None, truth) and chances.anchor < self.habits.anchored:
            return suggestion, seconds
        upto = np.cumsum(self.confusion[self.names.index(truth)])
        said = min(int(np.searchsorted(upto, chances.error, side="right")), len(self.names) - 1)
        return self.names[said], seconds

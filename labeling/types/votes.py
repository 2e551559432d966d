"""The vote matrix."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt

from labeling.html import table
from labeling.types.arrays import ABSTAIN, MAX_CLASSES, Bools, Ints

SHOWN_ROWS = 10
"""Items of a vote matrix that a notebook shows."""


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

    @cached_property
    def disputed(self) -> Bools:
        """Mask, shape (n,): items on which two voters name different classes."""
        lowest = np.where(self.hard != ABSTAIN, self.hard, MAX_CLASSES).min(axis=1, initial=MAX_CLASSES)
        highest = self.hard.max(axis=1, initial=ABSTAIN)
        return np.asarray((lowest < highest) & (highest != ABSTAIN))

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

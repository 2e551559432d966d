"""Human labels as models take them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from labeling.types.arrays import ABSTAIN, Bools, Floats, Ints
from labeling.types.votes import VoteMatrix


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
    confidence : array of float, shape (n,), optional
        Share of people's answers that gave the label, in (0, 1]; ones if left out.
    """

    labels: npt.NDArray[np.int8]
    drawn: Bools
    confidence: Floats | None = None

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
        return PoolGold(labels, self.drawn, self.confidence)

    @property
    def weights(self) -> Floats:
        """How sure each label is, shape (g,), in (0, 1]."""
        return np.ones(len(self.rows)) if self.confidence is None else self.confidence[self.rows]

"""Views of the same rows: what votes say is where a regression starts, is learnt anew, or is left out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from active.regression import NOBODY, Trust
from labeling.types import Floats

EXPERT_TRUST = Trust(means=np.array([0.7, 1.0]), precisions=np.array([10.0, 1.0]))
"""Of the vote expert and of the weak-text expert. The first is held fast: people answer about rows on which
votes are in doubt, which says little against votes elsewhere."""

RELEARNT_SCALE = 0.5


@dataclass(frozen=True)
class Layout:
    """What the columns of a row hold, in this order.

    Parameters
    ----------
    n_features, n_votes : int
        Columns of features and of one-hot votes.
    n_experts, n_classes : int
        After them, ``n_classes`` log-probabilities of each expert, centred; 0 or 2 experts.
    """

    n_features: int
    n_votes: int
    n_experts: int
    n_classes: int

    @property
    def n_described(self) -> int:
        """Columns of features and votes."""
        return self.n_features + self.n_votes

    def features(self, X: Floats) -> Floats:
        """Give the features, shape (n, d), without a copy."""
        return X[:, : self.n_features]

    def without_votes(self, X: Floats) -> Floats:
        """Give the rows as if their votes spoke for no class, shape (n, d + c + 2 k), a copy."""
        silent = X.copy()
        silent[:, self.n_features : self.n_described] = 0.0
        if self.n_experts:
            silent[:, self.n_described : self.n_described + self.n_classes] = 0.0
        return silent

    def experts(self, X: Floats) -> Floats:
        """Give what the experts say, shape (n, e, k)."""
        return X[:, self.n_described :].reshape(len(X), self.n_experts, self.n_classes)


@dataclass(frozen=True)
class Starting:
    """Start from the experts; labels correct them by features and votes."""

    name = "votes"
    trust: Trust = EXPERT_TRUST

    def parts(self, X: Floats, layout: Layout) -> tuple[Floats, Floats]:
        """Give features, shape (n, d'), and offsets, shape (n, e, k)."""
        return X[:, : layout.n_described], layout.experts(X)

    def n_described(self, layout: Layout) -> int:
        """Leading columns in which rows of this view lie near or apart."""
        return layout.n_described


@dataclass(frozen=True)
class Relearning:
    """Take what the experts say as features: labels tell what it means, be it the contrary."""

    name = "votes relearnt"
    trust: Trust = NOBODY

    def parts(self, X: Floats, layout: Layout) -> tuple[Floats, Floats]:
        """Give features, shape (n, d'), and no offsets, shape (n, 0, k)."""
        said = RELEARNT_SCALE * X[:, layout.n_described :]
        return np.hstack([X[:, : layout.n_described], said]), no_offsets(X, layout)

    def n_described(self, layout: Layout) -> int:
        """Leading columns in which rows of this view lie near or apart."""
        return layout.n_described


@dataclass(frozen=True)
class Ignoring:
    """Leave votes out: text alone."""

    name = "text alone"
    trust: Trust = NOBODY

    def parts(self, X: Floats, layout: Layout) -> tuple[Floats, Floats]:
        """Give features, shape (n, d'), and no offsets, shape (n, 0, k)."""
        return layout.features(X), no_offsets(X, layout)

    def n_described(self, layout: Layout) -> int:
        """Leading columns in which rows of this view lie near or apart."""
        return layout.n_features


View = Starting | Relearning | Ignoring

VIEWS: tuple[View, ...] = (Starting(), Relearning(), Ignoring())


def no_offsets(X: Floats, layout: Layout) -> Floats:
    """Give the offsets of nobody, shape (n, 0, k)."""
    return np.empty((len(X), 0, layout.n_classes))

"""The majority of the votes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Self

import numpy as np
import numpy.typing as npt

from labeling.label_models.co_votes import CoVotes, one_hot
from labeling.label_models.tables import uniform_or
from labeling.types import Floats, GoldVotes, VoteMatrix

LEAST_VOTES = 1e-12
"""What a class without a vote counts as where logarithms are taken."""


def class_votes(votes: VoteMatrix) -> Floats:
    """Count votes per class, shape (n, k); a soft voter splits its one vote in proportion to likelihood."""
    soft = [votes.voters.index(name) for name in votes.soft]
    hard = np.delete(votes.hard, soft, axis=1)
    counts = np.stack([(hard == c).sum(axis=1) for c in range(votes.n_classes)], axis=1).astype(float)
    for likelihood in votes.soft.values():
        counts += split_vote(likelihood)
    return counts


def split_vote(likelihood: npt.NDArray[np.float32]) -> Floats:
    """Scale likelihoods, shape (..., k), to one vote; zeros stay an abstention."""
    total = likelihood.sum(axis=-1, keepdims=True, dtype=float)
    return np.asarray(likelihood / np.where(total > 0, total, 1))


def vote_shares(votes: VoteMatrix) -> Floats:
    """Give each class's share of the votes, shape (n, k); rows without a vote are uniform."""
    counts = class_votes(votes)
    counts[~votes.covered] = 1.0
    return np.asarray(counts / counts.sum(axis=1, keepdims=True))


class MajorityModel:
    """Vote shares as probabilities: every vote weighs the same, and human labels change nothing."""

    def statistics(self, votes: VoteMatrix) -> CoVotes:
        """Count votes; the majority needs none of it beyond the shape."""
        return CoVotes(np.zeros((0, 0), dtype=np.int64), len(votes), len(votes.voters), votes.n_classes)

    def fit(
        self, statistics: CoVotes, *, gold: GoldVotes | None = None, class_balance: Floats | None = None
    ) -> Self:
        """Remember the class balance that rows without a vote get; uniform where it is not given."""
        self.class_balance_ = uniform_or(class_balance, statistics.n_classes)
        self.weights_: Floats = np.full(statistics.n_voters, np.nan)
        self.remarks_: tuple[str, ...] = ()
        return self

    def predict_proba(self, votes: VoteMatrix) -> Floats:
        """Give vote shares, shape (n, k)."""
        proba = vote_shares(votes)
        proba[~votes.covered] = self.class_balance_
        return proba

    def explain(
        self, row: npt.NDArray[np.int8], soft: Mapping[int, npt.NDArray[np.float32]] | None = None
    ) -> Floats:
        """Give each voter's contribution, shape (m, k): its part of the log votes of the class it names.

        Shares do not add up in log space by themselves: the logarithm of a class's votes, in units of 1e-12,
        is split among those who cast them, and the class balance, which plays no part, is taken off again.
        """
        cast = one_hot(row[None], len(self.class_balance_)).reshape(len(row), -1).astype(float)
        for voter, likelihood in (soft or {}).items():
            cast[voter] = split_vote(likelihood)
        per_class, all_votes = np.maximum(cast.sum(axis=0), LEAST_VOTES), max(cast.sum(), LEAST_VOTES)
        balance = np.outer(cast.sum(axis=1) / all_votes, np.log(self.class_balance_))
        return np.asarray(cast / per_class * np.log(per_class / LEAST_VOTES) - balance)

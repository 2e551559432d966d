"""A label model over groups of voters: those that make the same errors weigh as one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from labeling.label_models.correlation import Groups, merge_votes
from labeling.label_models.posterior import log_likelihood
from labeling.types import ABSTAIN, Floats, GoldVotes, LabelModel, VoteMatrix


class GroupedModel:
    """A label model that sees each group of voters as one.

    Parameters
    ----------
    model : LabelModel
        For as many voters as there are groups.
    groups : tuple of tuple of int
        From ``find_groups``.

    Attributes
    ----------
    weights_ : array, shape (m,)
        A voter's is its group's.
    """

    def __init__(self, model: LabelModel, groups: Groups) -> None:
        self.model = model
        self.groups = groups

    def statistics(self, votes: VoteMatrix) -> Any:
        """Give what the model needs of the merged votes."""
        return self.model.statistics(merge_votes(votes, self.groups))

    def fit(
        self, statistics: Any, *, gold: GoldVotes | None = None, class_balance: Floats | None = None
    ) -> Self:
        """Fit the model to merged votes, those on gold items included."""
        if gold is not None:
            gold = replace(gold, votes=merge_votes(gold.votes, self.groups))
        self.model.fit(statistics, gold=gold, class_balance=class_balance)
        self.class_balance_ = self.model.class_balance_
        self.remarks_ = self.model.remarks_
        self.weights_: Floats = np.empty(sum(map(len, self.groups)))
        for weight, group in zip(self.model.weights_, self.groups, strict=True):
            self.weights_[list(group)] = weight
        return self

    def predict_proba(self, votes: VoteMatrix) -> Floats:
        """Give class probabilities, shape (n, k)."""
        return self.model.predict_proba(merge_votes(votes, self.groups))

    def explain(
        self, row: npt.NDArray[np.int8], soft: Mapping[int, npt.NDArray[np.float32]] | None = None
    ) -> Floats:
        """Give each voter's contribution, shape (m, k).

        Those of a group that voted with it share its contribution evenly; the others added nothing. In a
        group of soft voters each that votes adds its part of their mean.
        """
        k, names = len(self.class_balance_), tuple(map(str, range(len(row))))
        given = {str(column): likelihood[None] for column, likelihood in (soft or {}).items()}
        votes = VoteMatrix(row[None], names, k, soft=given)
        merged = merge_votes(votes, self.groups)
        moved = {merged.voters.index(name): likelihood[0] for name, likelihood in merged.soft.items()}
        by_group = self.model.explain(merged.hard[0], moved)
        contributions = np.zeros((len(row), k))
        for position, group in enumerate(self.groups):
            members = list(group)
            if position in moved:
                parts = _parts([votes.soft[str(j)][0] for j in members], by_group[position])
            else:
                parts = np.outer(_shares(row[members], merged.hard[0, position]), by_group[position])
            contributions[members] = parts
        return contributions


def _shares(said: npt.NDArray[np.int8], merged: np.int8) -> Floats:
    """Give each member's part of what its group says, shape (s,)."""
    spoke = (said == merged) & (merged != ABSTAIN)
    return np.asarray(spoke / max(spoke.sum(), 1))


def _parts(soft: Sequence[npt.NDArray[np.float32]], of_group: Floats) -> Floats:
    """Split the contribution of soft voters, shape (k,), into each one's, shape (s, k)."""
    spoke = np.array([likelihood.any() for likelihood in soft])
    own = np.vstack([log_likelihood(likelihood[None]) for likelihood in soft]) / max(spoke.sum(), 1)
    # What the mean lost as float32 is split evenly: parts add up to the last digit.
    return np.asarray(own + np.outer(spoke / max(spoke.sum(), 1), of_group - own.sum(axis=0)))

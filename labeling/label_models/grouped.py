"""A label model over groups of voters: those that make the same errors weigh as one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from labeling.label_models.correlation import Groups, merge_votes
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

        Those of a group that voted with it share its contribution evenly; the others added nothing.
        """
        k = len(self.class_balance_)
        votes = VoteMatrix(row[None], tuple(map(str, range(len(row)))), k)
        merged = merge_votes(votes, self.groups).hard[0]
        single = {group[0]: position for position, group in enumerate(self.groups) if len(group) == 1}
        moved = {single[column]: likelihood for column, likelihood in (soft or {}).items()}
        by_group = self.model.explain(merged, moved)
        contributions = np.zeros((len(row), k))
        for position, group in enumerate(self.groups):
            members = list(group)
            agree = row[members] == merged[position]
            spoke = agree if merged[position] != ABSTAIN or len(members) == 1 else np.zeros(len(agree))
            contributions[members] = np.outer(spoke / max(spoke.sum(), 1), by_group[position])
        return contributions

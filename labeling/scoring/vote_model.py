"""The label model inside the scorer: guarded against its voters, and taught by people's labels."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from labeling.calibration.class_balance import ClassBalance, estimate_class_balance
from labeling.calibration.selection import balancing_weights
from labeling.label_models import make_label_model
from labeling.label_models.correlation import Groups, find_groups
from labeling.label_models.grouped import GroupedModel
from labeling.label_models.guards import (
    balance_remarks,
    grouped_remarks,
    muted,
    one_sided,
    worse_remarks,
    worse_than_random,
)
from labeling.types import Bools, Floats, GoldVotes, Ints, LabelModel, PoolGold, VoteMatrix

EQUAL_SAY = ("majority", "weighted_majority")
"""Kinds that cannot count a vote against the class that it names: who is worse than random has no say."""

NO_VOTES = "no voter votes on any item: there is nothing for a label model to weigh"


@dataclass(frozen=True)
class VoteModel:
    """A fitted label model with the votes as it sees them.

    Attributes
    ----------
    model : LabelModel
    votes : VoteMatrix
        Without the votes of voters that have no say.
    statistics : object
        What the model was trained on.
    untaught : array, shape (n, k)
        The posterior before people's labels came in.
    silenced : mask, shape (m,)
    balance : ClassBalance or None
        By people's labels, where there are any.
    remarks : tuple of str
    """

    model: LabelModel
    votes: VoteMatrix = field(repr=False)
    statistics: Any = field(repr=False)
    untaught: Floats = field(repr=False)
    silenced: Bools
    balance: ClassBalance | None
    remarks: tuple[str, ...]

    @property
    def weights(self) -> Floats:
        """Accuracies of the voters, shape (m,), NaN where the model has none; 0 for who has no say."""
        return np.where(self.silenced, 0.0, self.model.weights_)

    def posterior(self) -> Floats:
        """Give class probabilities of all items, shape (n, k)."""
        return self.model.predict_proba(self.votes)

    def posterior_of(self, votes: VoteMatrix) -> Floats:
        """Give class probabilities of other votes of the same voters, shape (n, k)."""
        return self.model.predict_proba(muted(votes, self.silenced))

    def contributions(self, i: int) -> Floats:
        """Give what each voter adds to the log posterior of item i, shape (m, k), in natural-log units."""
        soft = {self.votes.voters.index(name): values[i] for name, values in self.votes.soft.items()}
        return self.model.explain(self.votes.hard[i], soft)


def fit_vote_model(
    kind: str, seed: int, votes: VoteMatrix, gold: PoolGold, names: Sequence[str]
) -> VoteModel | None:
    """Fit the label model of a config to votes and people's labels; None where nobody votes at all.

    Voters that make the same errors count as one. Labels set the class balance and anchor what the model
    believes of the voters, each weighed by what it stands for.

    Parameters
    ----------
    kind : str
        A label model of the registry.
    votes : VoteMatrix
        Of n items by m voters.
    gold : PoolGold
    names : sequence of str, length k
        The classes'.
    """
    if not votes.covered.any():
        return None
    rows = gold.rows
    told = GoldVotes(votes.take(rows), gold.told) if len(rows) else None
    worse = worse_than_random(votes, told)
    silenced = worse & (kind in EQUAL_SAY)
    heard = muted(votes, silenced) if silenced.any() else votes
    groups = find_groups(heard, replace(told, votes=heard.take(rows)) if told else None)
    model, word = _make(kind, seed, groups)
    statistics = model.statistics(heard)
    untaught = model.fit(statistics).predict_proba(heard)
    balance = _teach(model, statistics, heard, untaught, gold)
    remarks = (
        *([word] if word else []),
        *model.remarks_,
        *one_sided(votes, names),
        *grouped_remarks(groups, votes.voters),
        *worse_remarks(worse, votes.voters, bool(silenced.any())),
        *_balance_remarks(untaught, balance, names),
    )
    return VoteModel(model, heard, statistics, untaught, silenced, balance, remarks)


def held_out_posterior(fitted: VoteModel, gold: PoolGold, rows: Ints, folds: Ints) -> Floats:
    """Give the posterior of labelled items by models that have not seen their labels, shape (g, k).

    Parameters
    ----------
    fitted : VoteModel
    gold : PoolGold
    rows, folds : array of int, shape (g,)
        Labelled items, and the fold of each; a fold is held out together.
    """
    model = deepcopy(fitted.model)
    proba = np.empty((len(rows), fitted.votes.n_classes))
    for fold in np.unique(folds):
        held = folds == fold
        _teach(model, fitted.statistics, fitted.votes, fitted.untaught, gold.without(rows[held]))
        proba[held] = model.predict_proba(fitted.votes.take(rows[held]))
    return proba


def _make(kind: str, seed: int, groups: Groups) -> tuple[LabelModel, str | None]:
    model, word = make_label_model(kind, len(groups), seed)
    return (GroupedModel(model, groups) if any(len(g) > 1 for g in groups) else model), word


def _teach(
    model: LabelModel, statistics: Any, votes: VoteMatrix, untaught: Floats, gold: PoolGold
) -> ClassBalance | None:
    """Fit once more with people's labels, where there are any; give the class balance by them."""
    if not len(gold.rows):
        model.fit(statistics)
        return None
    balance = estimate_class_balance(untaught, gold, votes.covered)
    weights = balancing_weights(votes, untaught, gold.rows)
    told = GoldVotes(votes.take(gold.rows), gold.told, weights)
    model.fit(statistics, gold=told, class_balance=balance.shares)
    return balance


def _balance_remarks(untaught: Floats, balance: ClassBalance | None, names: Sequence[str]) -> list[str]:
    if balance is None:
        return []
    return balance_remarks(untaught.mean(axis=0), balance.low, balance.high, balance.shares, names)

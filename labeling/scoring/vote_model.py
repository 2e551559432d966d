"""The label model inside the scorer: guarded against its voters, and taught by people's labels."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from labeling.calibration.class_balance import ClassBalance, estimate_class_balance
from labeling.calibration.selection import balancing_weights, design_count, label_worth
from labeling.label_models import AutoModel, MajorityModel, make_label_model
from labeling.label_models.correlation import Groups, find_groups
from labeling.label_models.grouped import GroupedModel
from labeling.label_models.guards import (
    balance_remarks,
    believed_alone,
    grouped_remarks,
    muted,
    one_sided,
    taken_as_witnesses,
    worse_remarks,
    worse_than_random,
)
from labeling.scoring.soft_votes import (
    Confidence,
    SoftVoters,
    expected_accuracies,
    fit_soft_voters,
    of_rows,
)
from labeling.types import Bools, Floats, GoldVotes, Ints, LabelModel, PoolGold, VoteMatrix

NO_VOTES = "no voter votes on any item: there is nothing for a label model to weigh"


@dataclass(frozen=True)
class VoteModel:
    """A fitted label model with the votes as it sees them.

    Attributes
    ----------
    model : LabelModel
    votes : VoteMatrix
        Without the votes of voters that have no say, and with the soft votes of language models.
    confidence : mapping of str to array, shape (n,)
        How sure each language model called itself.
    groups : tuple of tuple of int
        Voters that count as one.
    statistics : object
        What the model was trained on.
    untaught : array, shape (n, k)
        The posterior before people's labels came in.
    worse, silenced : mask, shape (m,)
        Voters that do worse than random, and those of them that have no say.
    balance : ClassBalance or None
        By people's labels, where there are any.
    remarks : tuple of str
    """

    model: LabelModel
    votes: VoteMatrix = field(repr=False)
    confidence: Confidence = field(repr=False)
    groups: Groups
    statistics: Any = field(repr=False)
    untaught: Floats = field(repr=False)
    worse: Bools
    silenced: Bools
    balance: ClassBalance | None
    remarks: tuple[str, ...]

    @property
    def weights(self) -> Floats:
        """Accuracies of the voters, shape (m,), NaN where the model has none; 0 for who has no say.

        Of who does worse than random, it is what the votes are worth alone: less than the class balance.
        """
        weights = np.where(self.silenced, 0.0, self.model.weights_)
        for voter in np.flatnonzero(self.worse & ~self.silenced):
            named, times = believed_alone(self.model, self.votes, voter)
            weights[voter] = named @ times / times.sum()
        return weights

    @property
    def given(self) -> Confidence:
        """Soft votes that came as such."""
        return {name: soft for name, soft in self.votes.soft.items() if name not in self.confidence}

    @property
    def made_soft(self) -> Confidence:
        """Soft votes that people's labels made of language models'."""
        return {name: soft for name, soft in self.votes.soft.items() if name in self.confidence}

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
    kind: str,
    seed: int,
    votes: VoteMatrix,
    gold: PoolGold,
    names: Sequence[str],
    confidence: Confidence | None = None,
) -> VoteModel | None:
    """Fit the label model of a config to votes and people's labels; None where nobody votes at all.

    Voters that make the same errors count as one. Who does worse than random is heard only against the class
    that a vote names: where the model believes a vote alone, it is fitted anew without that voter. Labels set
    the class balance and anchor what the model believes of the voters, each weighed by what it stands for.

    Parameters
    ----------
    kind : str
        A label model of the registry.
    votes : VoteMatrix
        Of n items by m voters.
    gold : PoolGold
    names : sequence of str, length k
        The classes'.
    confidence : mapping of str to array, shape (n,), optional
        How sure language models called themselves, by voter; NaN where one did not say. Their votes are soft
        once enough of them were judged.
    """
    if not votes.covered.any():
        return None
    rows = gold.rows
    worse = worse_than_random(votes, GoldVotes(votes.take(rows), gold.told) if len(rows) else None)
    confidence = confidence or {}
    fitted = _fit(kind, seed, votes, gold, confidence, worse, np.zeros_like(worse))
    while (trusted := taken_as_witnesses(fitted.model, fitted.votes, worse & ~fitted.silenced)).any():
        fitted = _fit(kind, seed, votes, gold, confidence, worse, fitted.silenced | trusted)
    said = (
        *one_sided(votes, names),
        *worse_remarks(worse, fitted.silenced, votes.voters),
        *_balance_remarks(fitted.untaught, fitted.balance, names),
    )
    return replace(fitted, remarks=(*fitted.remarks, *said))


def _fit(
    kind: str,
    seed: int,
    votes: VoteMatrix,
    gold: PoolGold,
    confidence: Confidence,
    worse: Bools,
    silenced: Bools,
) -> VoteModel:
    """Fit a model that does not hear some voters; remarks are those of the model and of groups."""
    heard = muted(votes, silenced) if silenced.any() else votes
    rows = gold.rows
    groups = find_groups(heard, GoldVotes(heard.take(rows), gold.told) if len(rows) else None)
    model, word = _make(kind, seed, groups)
    statistics = model.statistics(heard)
    untaught = model.fit(statistics).predict_proba(heard)
    balance = _teach(model, statistics, heard, untaught, gold)
    remarks = (*([word] if word else []), *model.remarks_, *grouped_remarks(groups, votes.voters))
    soft = _soft_voters(model, heard, confidence, groups, untaught, gold)
    heard = soft.soften(heard, confidence, model.class_balance_) if soft else heard
    return VoteModel(
        model, heard, confidence, groups, statistics, untaught, worse, silenced, balance, remarks
    )


@dataclass(frozen=True)
class HeldOut:
    """What models that have not seen their labels say of g items.

    Attributes
    ----------
    proba : array, shape (g, k)
    right : mapping of str to array, shape (g,)
        How probable it is that a soft voter's vote is right, by voter; NaN where it has none.
    """

    proba: Floats = field(repr=False)
    right: dict[str, Floats] = field(repr=False)


def hold_out(fitted: VoteModel, gold: PoolGold, rows: Ints, folds: Ints) -> HeldOut:
    """Let models that have not seen their labels say what labelled items are.

    Parameters
    ----------
    fitted : VoteModel
    gold : PoolGold
    rows, folds : array of int, shape (g,)
        Labelled items, and the fold of each; a fold is held out together.
    """
    model = _settled(fitted.model)
    hard = replace(fitted.votes, soft=fitted.given)
    found = HeldOut(
        np.empty((len(rows), hard.n_classes)),
        {name: np.full(len(rows), np.nan) for name in fitted.confidence},
    )
    for fold in np.unique(folds):
        held = folds == fold
        known = gold.without(rows[held])
        _teach(model, fitted.statistics, hard, fitted.untaught, known)
        votes, confidence = hard.take(rows[held]), of_rows(fitted.confidence, rows[held])
        soft = _soft_voters(model, hard, fitted.confidence, fitted.groups, fitted.untaught, known)
        if soft:
            votes = soft.soften(votes, confidence, model.class_balance_)
            for name, right in soft.right(votes, confidence).items():
                found.right[name][held] = right
        found.proba[held] = model.predict_proba(votes)
    return found


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


def _soft_voters(
    model: LabelModel,
    votes: VoteMatrix,
    confidence: Confidence,
    groups: Groups,
    untaught: Floats,
    gold: PoolGold,
) -> SoftVoters | None:
    """Fit what language models' votes are worth to people's labels; None without such voters or labels."""
    gold = gold.without(gold.rows[~votes.covered[gold.rows]])
    if not confidence or not len(gold.rows):
        return None
    weights = label_worth(votes, untaught, gold, design_count(gold))
    told = GoldVotes(votes.take(gold.rows), gold.told, weights)
    said, expected = of_rows(confidence, gold.rows), expected_accuracies(votes, list(confidence))
    balance, multiplied = model.class_balance_, not _averages(model)
    return fit_soft_voters(told, said, balance, groups, expected, multiplied)


def _settled(model: LabelModel) -> LabelModel:
    """Give a copy to fit anew, of the same kind: a calibrator for one kind is none for another."""
    if isinstance(model, GroupedModel):
        return GroupedModel(_settled(model.model), model.groups)
    return model.settled() if isinstance(model, AutoModel) else deepcopy(model)


def _averages(model: LabelModel) -> bool:
    """Tell whether a fitted model, or the one inside it, is the majority."""
    inner = model.model if isinstance(model, GroupedModel) else model
    return isinstance(inner.model_ if isinstance(inner, AutoModel) else inner, MajorityModel)


def _balance_remarks(untaught: Floats, balance: ClassBalance | None, names: Sequence[str]) -> list[str]:
    if balance is None:
        return []
    return balance_remarks(untaught.mean(axis=0), balance.low, balance.high, balance.shares, names)

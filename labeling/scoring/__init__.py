"""The scorer: label model, calibrator and learner turn votes, features and gold into class probabilities."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from labeling.libraries import library_versions
from labeling.scoring.ties import most_probable
from labeling.scoring.vote_model import VoteModel, fit_vote_model
from labeling.scoring.vote_scores import FOLDS, VoteScores, folds_of, score_votes
from labeling.types import ABSTAIN, Bools, Floats, Ints, LabelSchema, Learner, PoolGold, digest_of

__all__ = [
    "Scores",
    "VoteModel",
    "VoteScores",
    "cross_fitted",
    "fit_vote_model",
    "learn",
    "most_probable",
    "score_table",
    "score_votes",
    "scorer_id",
]


@dataclass(frozen=True)
class Scores:
    """What a scorer says of n items.

    Attributes
    ----------
    proba : array, shape (n, k)
        The learner's class probabilities.
    labels : array of int8, shape (n,)
        Most probable class of each item; ties fall by a hash of the item.
    votes : VoteScores
        What the label model says, with what people's labels make of it.
    """

    proba: Floats = field(repr=False)
    labels: npt.NDArray[np.int8] = field(repr=False)
    votes: VoteScores

    @property
    def posterior(self) -> Floats:
        """The label model's probabilities, shape (n, k), calibrated; an item with gold has its label."""
        return self.votes.posterior

    @property
    def confidence(self) -> Floats:
        """Probability of that class, shape (n,), in [1/k, 1]."""
        return np.asarray(self.proba.max(axis=1))

    @property
    def margin(self) -> Floats:
        """Lead of the most probable class over the next, shape (n,), in [0, 1]."""
        two = np.partition(self.proba, -2, axis=1)[:, -2:]
        return np.asarray(two[:, 1] - two[:, 0])


def learn(
    learner: Learner, gold: npt.NDArray[np.int8], confidence: Floats | None = None, *, but: Ints | None = None
) -> Floats:
    """Fit a started learner to gold and score its whole pool, or the items that were kept from it.

    Parameters
    ----------
    learner : Learner
    gold : array of int8, shape (n,)
        -1 where there is none.
    confidence : array of float, shape (n,), in (0, 1], optional
        How sure each label is; ones if left out.
    but : array of int, shape (h,), optional
        Items whose labels are kept from the learner.

    Returns
    -------
    array of float, shape (n, k), or (h, k) with ``but``
    """
    labelled = np.flatnonzero(gold != ABSTAIN)
    if but is not None:
        labelled = np.setdiff1d(labelled, but)
    weights = None if confidence is None else confidence[labelled]
    learner.fit(labelled, gold[labelled].astype(np.int64), weights)
    return learner.predict_proba(but)


def cross_fitted(
    learner: Learner, gold: PoolGold, rows: Ints, digests: Sequence[str], n_folds: int = FOLDS
) -> Floats:
    """Say what a learner makes of items whose labels it has not seen: a part of them is kept from it in turn.

    The learner is left fitted to the rest of the last turn.

    Parameters
    ----------
    learner : Learner
        Started on n items.
    gold : PoolGold
        What it learns from.
    rows : array of int, shape (g,)
        Items to judge; the labels of all others are there in each turn.
    digests : sequence of str, length n
        Content digests, which deal the items out.
    n_folds : int
        Turns, each of which takes a fit.

    Returns
    -------
    array of float, shape (g, k)
    """
    folds = folds_of([digests[i] for i in rows], n_folds)
    parts = [np.flatnonzero(folds == fold) for fold in np.unique(folds)]
    found = [learn(learner, gold.labels, gold.confidence, but=rows[part]) for part in parts]
    return np.asarray(np.concatenate(found)[np.argsort(np.concatenate(parts))])


def scorer_id(schema: LabelSchema, parts: Sequence[object]) -> str:
    """Digest all that a score depends on: schema, voters, parameters, gold and the libraries' versions."""
    classes = [(c.name, c.critical) for c in schema.classes]
    return digest_of("scorer", classes, list(parts), library_versions())


def score_table(
    digests: Sequence[str],
    clusters: Sequence[str],
    scores: Scores,
    eligible: Bools,
    schema: LabelSchema,
) -> pa.Table:
    """Give the score table that a certificate covers: one line per item, labels by name.

    Columns: ``digest``, ``cluster``, ``label``, ``score`` (confidence in [0, 1]), ``eligible`` (may be
    accepted by machine), ``p:NAME`` and ``votes:NAME`` per class (the scorer's and the label model's
    probability).
    """
    names = np.array(schema.names)
    columns: dict[str, object] = {
        "digest": list(digests),
        "cluster": list(clusters),
        "label": names[scores.labels].tolist(),
        "score": scores.confidence.astype(np.float64),
        "eligible": eligible,
    }
    for c, name in enumerate(schema.names):
        columns[f"p:{name}"] = scores.proba[:, c].astype(np.float32)
        columns[f"votes:{name}"] = scores.posterior[:, c].astype(np.float32)
    return pa.table(columns)

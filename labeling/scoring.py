"""The scorer: label model and learner together turn votes, features and gold into class probabilities."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.metadata import version

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from labeling.label_models import make_label_model
from labeling.types import ABSTAIN, Bools, Floats, LabelModel, LabelSchema, Learner, VoteMatrix, digest_of

LIBRARIES = ("numpy", "scikit-learn", "scipy", "snorkel", "torch", "modAL-python")


@dataclass(frozen=True)
class Scores:
    """What a scorer says of n items.

    Attributes
    ----------
    proba : array, shape (n, k)
        The learner's class probabilities.
    posterior : array, shape (n, k)
        The label model's, from the votes alone.
    weights : array, shape (m,)
        The label model's accuracies of the voters; NaN where it has none.
    remark : str or None
        Why another label model served than the config names.
    """

    proba: Floats = field(repr=False)
    posterior: Floats = field(repr=False)
    weights: Floats = field(repr=False)
    remark: str | None = None

    @property
    def labels(self) -> npt.NDArray[np.int8]:
        """Most probable class of each item, shape (n,)."""
        return np.asarray(self.proba.argmax(axis=1), dtype=np.int8)

    @property
    def confidence(self) -> Floats:
        """Probability of that class, shape (n,), in [1/k, 1]."""
        return np.asarray(self.proba.max(axis=1))

    @property
    def margin(self) -> Floats:
        """Lead of the most probable class over the next, shape (n,), in [0, 1]."""
        two = np.partition(self.proba, -2, axis=1)[:, -2:]
        return np.asarray(two[:, 1] - two[:, 0])


def fit_label_model(kind: str, votes: VoteMatrix, seed: int) -> tuple[LabelModel | None, str | None]:
    """Fit the label model of a config to votes; None where nobody votes at all."""
    if not votes.covered.any():
        return None, "no voter votes on any item: there is nothing for a label model to weigh"
    model, remark = make_label_model(kind, len(votes.voters), seed)
    return model.fit(model.statistics(votes)), remark


def label_model_scores(kind: str, votes: VoteMatrix, seed: int) -> tuple[Floats, Floats, str | None]:
    """Give the label model's posterior, shape (n, k), its voters' weights, shape (m,), and a remark."""
    model, remark = fit_label_model(kind, votes, seed)
    if model is None:
        uniform = np.full((len(votes), votes.n_classes), 1 / votes.n_classes)
        return uniform, np.full(len(votes.voters), np.nan), remark
    return model.predict_proba(votes), model.weights_, remark


def learn(learner: Learner, gold: npt.NDArray[np.int8]) -> Floats:
    """Fit a started learner to gold, shape (n,) with -1 where there is none, and score its whole pool."""
    labelled = np.flatnonzero(gold != ABSTAIN)
    learner.fit(labelled, gold[labelled].astype(np.int64))
    return learner.predict_proba()


def scorer_id(schema: LabelSchema, parts: Sequence[object]) -> str:
    """Digest all that a score depends on: schema, voters, parameters, gold and the libraries' versions."""
    classes = [(c.name, c.critical) for c in schema.classes]
    return digest_of("scorer", classes, list(parts), [(name, version(name)) for name in LIBRARIES])


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

"""What users of modAL or of snorkel would write, as learners that ours is measured against."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from modAL.uncertainty import uncertainty_sampling
from sklearn.linear_model import LogisticRegression

from active.modal import ModalLearner
from labeling.types import ABSTAIN, Bools, Float32s, Floats, Ints, Selection, VoteMatrix

MAX_ITERATIONS = 1000
SNORKEL_LEAST_VOTERS = 3


def drawn_uniformly(n_instances: int, candidates: Ints, rng: np.random.Generator) -> Selection:
    """Draw some of the candidates, each with the same probability."""
    n = min(n_instances, len(candidates))
    drawn = rng.choice(candidates, n, replace=False)
    return Selection(drawn, np.ones(n), np.ones(n, dtype=bool), np.full(n, n / max(len(candidates), 1)))


class Baseline:
    """What baselines share of the ``Learner`` port: a classifier that is fitted anew to the labels there are.

    Parameters
    ----------
    n_classes : int
    seed : int
    """

    remarks_: tuple[str, ...] = ()

    def __init__(self, n_classes: int, seed: int = 0) -> None:
        self.n_classes = n_classes
        self.seed = seed

    def start(self, features: Float32s, votes: VoteMatrix, posterior: Floats | None = None) -> None:
        """Take a pool of features, shape (n, d), and votes; the posterior of our label model is not used."""
        self._X, self._votes = features, votes
        self.fit(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64))

    def fit(self, labelled: Ints, labels: Ints, weights: Floats | None = None) -> None:
        """Learn from all human labels; the tutorials of neither library weigh them."""
        rows, known = self._training(np.asarray(labelled, dtype=np.int64), np.asarray(labels, dtype=np.int64))
        self._rng = np.random.default_rng([self.seed, len(labelled)])
        self._seen = np.unique(known)
        if len(self._seen) > 1:
            self._model = self._fitted(self._X[rows], known)

    def predict_proba(self, partition: Ints | None = None) -> Floats:
        """Give class probabilities of pool rows (all if None), shape (p, k), 0 for classes never seen."""
        X = self._X if partition is None else self._X[partition]
        if not len(self._seen):
            return np.full((len(X), self.n_classes), 1 / self.n_classes)
        proba = np.zeros((len(X), self.n_classes))
        proba[:, self._seen] = self._model.predict_proba(X) if len(self._seen) > 1 else 1.0
        return proba

    def predict_text(self) -> Floats:
        """Give class probabilities of all pool rows, shape (n, k): a row's votes are never looked at."""
        return self.predict_proba()

    def query(
        self,
        n_instances: int,
        candidates: Ints,
        critical: Bools | None = None,
        clusters: Ints | None = None,
        uniform: Ints | None = None,
    ) -> Selection:
        """Choose at most ``n_instances`` of the pool rows ``candidates``, uniformly."""
        return drawn_uniformly(n_instances, candidates, self._rng)

    def _training(self, labelled: Ints, labels: Ints) -> tuple[Ints, Ints]:
        """Give the rows to learn from and their classes."""
        return labelled, labels

    def _fitted(self, X: Floats, y: Ints) -> Any:
        return LogisticRegression(max_iter=MAX_ITERATIONS).fit(X, y)


class PlainModal(Baseline):
    """An ``ActiveLearner`` with logistic regression and uncertainty sampling; votes are not used.

    Until two classes were seen items are drawn at random, as in the examples of modAL.
    """

    def query(
        self,
        n_instances: int,
        candidates: Ints,
        critical: Bools | None = None,
        clusters: Ints | None = None,
        uniform: Ints | None = None,
    ) -> Selection:
        """Choose the pool rows of ``candidates`` whose most probable class is least so."""
        n = min(n_instances, len(candidates))
        if len(self._seen) < 2 or not n:
            return drawn_uniformly(n, candidates, self._rng)
        chosen, _, utilities = self._model.query(self._X[candidates], n_instances=n, return_metrics=True)
        return Selection(candidates[chosen], utilities, np.zeros(n, dtype=bool), np.full(n, np.nan))

    def _fitted(self, X: Floats, y: Ints) -> Any:
        model = LogisticRegression(max_iter=MAX_ITERATIONS)
        return ModalLearner(model, uncertainty_sampling, X_training=X, y_training=y)


class PlainSnorkel(Baseline):
    """The tutorials' pipeline: label model, its labels on covered rows, logistic regression on these.

    Human labels, on rows drawn uniformly, stand in place of the label model's.
    """

    def start(self, features: Float32s, votes: VoteMatrix, posterior: Floats | None = None) -> None:
        """Take a pool of features, shape (n, d), and votes, which the label model weighs once."""
        self._weak = weak_labels(votes, self.seed)
        super().start(features, votes)

    def _training(self, labelled: Ints, labels: Ints) -> tuple[Ints, Ints]:
        known = self._weak.copy()
        known[labelled] = labels
        rows = np.flatnonzero(known != ABSTAIN)
        return rows, known[rows]


def weak_labels(votes: VoteMatrix, seed: int) -> Ints:
    """Give snorkel's label of each row, shape (n,), -1 where nobody votes or classes tie.

    With fewer voters than its label model takes, it is the majority's.
    """
    from snorkel.labeling.model import LabelModel, MajorityLabelVoter

    hard = votes.hard.astype(np.int64)
    labels = np.full(len(votes), ABSTAIN, dtype=np.int64)
    if hard.shape[1] < SNORKEL_LEAST_VOTERS:
        model: Any = MajorityLabelVoter(cardinality=votes.n_classes)
    else:
        model = LabelModel(cardinality=votes.n_classes, verbose=False)
        model.fit(hard, seed=seed, progress_bar=False)
    covered = np.flatnonzero(votes.covered)
    if len(covered):
        labels[covered] = model.predict(hard[covered], tie_break_policy="abstain")
    return labels


BASELINES: Mapping[str, Callable[..., Baseline]] = {"modal": PlainModal, "snorkel": PlainSnorkel}

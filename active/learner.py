"""The learner of the loop: votes, text and human answers in one model, and whom it asks about next."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from threadpoolctl import ThreadpoolController

from active import graph
from active.estimator import EXPERT_PRIOR, VotesFirstClassifier, checked
from active.experts import centred, one_hot_votes, vote_log_posterior, weak_text_log_posterior
from active.features import Float32s, TfidfSpace
from active.modal import ModalLearner
from active.strategies import STRATEGIES, first_batch, margins
from labeling.errors import InputError
from labeling.types import Floats, Ints, Selection, VoteMatrix, digest_of

SMOOTHED_UP_TO = 20_000
"""Rows of a pool above which features are not smoothed: exact neighbours take quadratic time."""

FIRST_UNIFORM_SHARE = 0.5

THREADS = ThreadpoolController()
"""Kept at one: matrices are small, and sums in another order would change the selection with the machine."""


class VotesFirstLearner:
    """The ``Learner`` port: without human labels it is what the votes say; labels correct it.

    A matrix of zero voters leaves plain active learning on text.

    Parameters
    ----------
    n_classes : int
        At least 2.
    seed : int
    uniform_share : float, in [0, 1]
        Part of each batch that is drawn uniformly; half of the first batch always is.
    strategy : str
        A name of ``active.strategies.STRATEGIES``; ``random`` draws all of every batch uniformly.

    Raises
    ------
    InputError
        A parameter is out of range.
    """

    def __init__(
        self, n_classes: int, seed: int = 0, uniform_share: float = 0.1, strategy: str = "auto"
    ) -> None:
        problems = parameter_problems(n_classes, uniform_share, strategy)
        if problems:
            raise InputError(*problems)
        self.n_classes = n_classes
        self.seed = seed
        self.uniform_share = uniform_share
        self.strategy = strategy
        self.space = TfidfSpace(seed=seed)

    @property
    def feature_space_id(self) -> str:
        """Digest of all that ``features`` depends on but the texts."""
        return digest_of(self.space.id, "smoothed", SMOOTHED_UP_TO)

    def features(self, texts: Sequence[str]) -> Float32s:
        """Give text features, shape (n, d), as unit rows.

        Up to 20,000 texts they are smoothed over the graph of nearest neighbours, which brings half a point
        to seven points of accuracy; above, they are not.
        """
        with THREADS.limit(limits=1):
            unit = self.space.fit_transform(texts)
            return graph.smoothed(unit) if len(texts) <= SMOOTHED_UP_TO else unit

    def start(self, features: Float32s, votes: VoteMatrix) -> None:
        """Take a pool of features, shape (n, d), and votes on its n items; forget labels.

        Raises
        ------
        ValueError
            They differ in length or in classes from what is expected, or a feature is not finite.
        """
        check_pool(features, votes, self.n_classes)
        self._expert_prior = EXPERT_PRIOR if votes.voters else ()
        with THREADS.limit(limits=1):
            self._X = votes_first_columns(features, votes, self.seed) if votes.voters else features
        self.fit(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64))

    def fit(self, labelled: Ints, labels: Ints) -> None:
        """Learn from all human labels: pool rows, shape (l,), and class indices, shape (l,); l may be 0."""
        model = VotesFirstClassifier(self.n_classes, self._expert_prior, self.seed)
        strategy = STRATEGIES[self.strategy] if len(labelled) else first_batch
        self._n_labels = len(labelled)
        self._modal = ModalLearner(model, strategy)
        with THREADS.limit(limits=1):
            self._modal.fit(self._X[labelled], np.asarray(labels))

    def predict_proba(self, partition: Ints | None = None) -> Floats:
        """Give class probabilities of pool rows (all if None), shape (p, k).

        Raises
        ------
        ValueError
            A row is not a probability distribution.
        """
        rows = self._X if partition is None else self._X[partition]
        with THREADS.limit(limits=1):
            return checked(self._modal.predict_proba(rows))

    def query(self, n_instances: int, candidates: Ints) -> Selection:
        """Choose at most ``n_instances`` of the pool rows ``candidates``, without repetition.

        The same labels and candidates give the same selection, whatever was asked before. Rows drawn
        uniformly are spread over the batch at random, so that they are answered at the pace of the others;
        those stand in the strategy's order. Utilities are one minus the margin.
        """
        candidates = np.unique(np.asarray(candidates, dtype=np.int64))
        n = min(n_instances, len(candidates))
        rng = np.random.default_rng([self.seed, self._n_labels])
        expected = self._uniform_share * n
        n_uniform = min(int(expected + rng.random()), n)  # small batches, too, hold their share on average
        drawn = rng.choice(candidates, n_uniform, replace=False)
        chosen = self._by_strategy(n - n_uniform, np.setdiff1d(candidates, drawn), rng)
        uniform = rng.permutation(n) < n_uniform
        indices = np.empty(n, dtype=np.int64)
        indices[uniform], indices[~uniform] = drawn, chosen
        utilities = 1 - margins(self.predict_proba(indices))
        return Selection(indices, utilities, uniform, expected / max(len(candidates), 1))

    @property
    def _uniform_share(self) -> float:
        if self.strategy == "random":
            return 1.0
        return self.uniform_share if self._n_labels else FIRST_UNIFORM_SHARE

    def _by_strategy(self, n: int, candidates: Ints, rng: np.random.Generator) -> Ints:
        if n == 0:
            return candidates[:0]
        rows = self._X[candidates]
        described = rows[:, : rows.shape[1] - len(self._expert_prior) * self.n_classes]
        with THREADS.limit(limits=1):
            found, _ = self._modal.query(rows, n_instances=n, embedding=described, rng=rng)
        return np.asarray(candidates[found])


def check_pool(features: Float32s, votes: VoteMatrix, n_classes: int) -> None:
    """Raise ValueError where a learner of ``n_classes`` cannot take these features with these votes."""
    if len(features) != len(votes):
        raise ValueError(f"{len(features)} rows of features, {len(votes)} of votes: expected as many")
    if votes.n_classes != n_classes:
        raise ValueError(f"votes are on {votes.n_classes} classes, expected {n_classes}")
    if not np.isfinite(features).all():
        raise ValueError("features hold values that are not finite")


def votes_first_columns(features: Float32s, votes: VoteMatrix, seed: int) -> Float32s:
    """Join features, votes, vote expert and weak-text expert side by side, shape (n, d + c + 2 k)."""
    soft = {votes.voters.index(name): likelihood for name, likelihood in votes.soft.items()}
    vote = vote_log_posterior(votes.hard, votes.n_classes, soft)
    weak_text = weak_text_log_posterior(features, vote, votes.covered, seed)
    one_hot = one_hot_votes(votes.hard, votes.n_classes)
    return np.hstack([features, one_hot, centred(vote), centred(weak_text)], dtype=np.float32)


def parameter_problems(n_classes: int, uniform_share: float, strategy: str) -> list[str]:
    """Say in words which parameters of a learner are out of range."""
    problems = []
    if n_classes < 2:
        problems.append(f"labels: expected at least 2 classes, got {n_classes}. Add a class.")
    if not 0 <= uniform_share <= 1:
        problems.append(f"active.uniform_share: expected a number in [0, 1], got {uniform_share}. Write 0.1.")
    if strategy not in STRATEGIES:
        problems.append(
            f"active.strategy: expected one of {', '.join(STRATEGIES)}, got {strategy!r}. Write auto."
        )
    return problems

"""The learner of the loop: votes, text and human answers in one model, and whom it asks about next."""

from __future__ import annotations

import numpy as np

from active.custom import OwnObject
from active.estimator import VotesFirstClassifier
from active.features import Float32s
from active.likeness import Likeness
from active.modal import ModalLearner
from active.pool import VotedPool
from active.selection import critical_floor, distinct_rows, rare_floor, seen, uniform_rows, with_floors
from active.strategies import STRATEGIES, margins, strategy_for
from active.threads import one_thread
from labeling.config.suggest import did_you_mean
from labeling.errors import InputError
from labeling.types import Bools, Floats, Ints, Selection, VoteMatrix

FIRST_UNIFORM_SHARE = 0.2
"""Before any label only uniform rows tell whether votes can be trusted where they are in no doubt."""

EXACT = 1e-9


class VotesFirstLearner:
    """The ``Learner`` port: without human labels it is what the votes say; labels correct it.

    A matrix of zero voters leaves plain active learning on text.

    Parameters
    ----------
    n_classes : int
        At least 2.
    seed : int
    uniform_share : float, in [0, 1]
        Part of all answers so far that is drawn uniformly; of the first batch at least a fifth.
    strategy : str
        A name of ``active.strategies.STRATEGIES``; ``random`` draws all of every batch uniformly.
    minimum_share : float, in [0, 1]
        Part of each batch that goes to critical rows, and to classes of which few labels are known.
    own : OwnObject, optional
        A classifier of the user's in place of the regressions.

    Raises
    ------
    InputError
        A parameter is out of range.
    """

    def __init__(
        self,
        n_classes: int,
        seed: int = 0,
        uniform_share: float = 0.1,
        strategy: str = "auto",
        minimum_share: float = 0.1,
        own: OwnObject | None = None,
    ) -> None:
        problems = parameter_problems(n_classes, uniform_share, strategy, minimum_share)
        if problems:
            raise InputError(*problems)
        self.n_classes = n_classes
        self.seed = seed
        self.uniform_share = uniform_share
        self.strategy = strategy
        self.minimum_share = minimum_share
        self.own = own

    def start(self, features: Float32s, votes: VoteMatrix, posterior: Floats | None = None) -> None:
        """Take a pool of features, shape (n, d), and votes on its n items; forget labels.

        Parameters
        ----------
        posterior : array of float, shape (n, k), optional
            Class probabilities by a label model that saw no human label. The labels decide whether it or
            one naive-Bayes step weighs the votes better; before there are any, the step does.

        Raises
        ------
        ValueError
            They differ in length or in classes from what is expected, or a feature is not finite.
        """
        check_pool(features, votes, posterior, self.n_classes)
        with one_thread():
            self._pool = VotedPool.of(features, votes, posterior, self.seed)
        self._uniform_order = np.random.default_rng(self.seed).permutation(len(features))
        self.fit(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64))

    def fit(self, labelled: Ints, labels: Ints, weights: Floats | None = None) -> None:
        """Learn from all human labels.

        Parameters
        ----------
        labelled, labels : array of int, shape (l,)
            Pool rows and their class indices; l may be 0.
        weights : array of float, shape (l,), in (0, 1], optional
            How sure it is that each label is right; ones if left out.
        """
        labelled, labels = np.asarray(labelled, dtype=np.int64), np.asarray(labels)
        sure = np.ones(len(labelled)) if weights is None else np.asarray(weights, dtype=np.float64)
        self._labelled, self._n_labels = labelled, len(labelled)
        with one_thread():
            self._X, evidence, self.remarks_ = self._pool.weighed(labelled, labels, sure)
            model = VotesFirstClassifier(self._pool.layout, self._pool.log_odds, self.seed, self.own)
            self._modal = ModalLearner(model, strategy_for(self.strategy, len(labelled)))
            self._modal.fit(self._X[labelled], labels, sample_weight=sure, evidence_weight=evidence)
        self.remarks_ += self._views_remark()

    def predict_proba(self, partition: Ints | None = None) -> Floats:
        """Give class probabilities of pool rows (all if None), shape (p, k).

        Raises
        ------
        ValueError
            A row is not a probability distribution.
        """
        rows = self._X if partition is None else self._X[partition]
        with one_thread():
            return np.asarray(self._modal.predict_proba(rows))

    def predict_text(self) -> Floats:
        """Give class probabilities of all pool rows, shape (n, k), as if votes on them spoke for no class."""
        with one_thread():
            return np.asarray(self._modal.estimator.predict_text(self._X))

    def query(
        self,
        n_instances: int,
        candidates: Ints,
        critical: Bools | None = None,
        clusters: Ints | None = None,
        uniform: Ints | None = None,
    ) -> Selection:
        """Choose at most ``n_instances`` of the pool rows ``candidates``, without repetition.

        The same labels and candidates give the same selection, whatever was asked before. Rows drawn
        uniformly are spread over the batch at random, so that they are answered at the pace of the others;
        those stand in the strategy's order, what a minimum share takes at their end. Near-duplicates are
        chosen only where nothing else is left. Utilities are one minus the margin.

        Parameters
        ----------
        critical : mask, shape (n,), optional
            Pool rows of which each batch holds a minimum share.
        clusters : array of int, shape (n,), optional
            Pool rows of one cluster are near-duplicates.
        uniform : array of int, optional
            Pool rows that were drawn uniformly before; told by the order in which they are drawn if left
            out, which counts those, too, that the strategy would have left to the draw.
        """
        candidates = np.unique(np.asarray(candidates, dtype=np.int64))
        n = min(n_instances, len(candidates))
        rng = np.random.default_rng([self.seed, self._n_labels])
        likeness = Likeness(self._pool.features, clusters)
        waiting = self._uniform_order[np.isin(self._uniform_order, candidates)]
        with one_thread():
            wanted = self._n_uniform(n, waiting, uniform)
            drawn, chances = uniform_rows(waiting, wanted, likeness)
            chosen = self._chosen(n - len(drawn), candidates, drawn, critical, likeness, rng)
        by_draw = rng.permutation(n) < len(drawn)
        indices, inclusion = np.empty(n, dtype=np.int64), np.full(n, np.nan)
        indices[by_draw], indices[~by_draw] = drawn, chosen
        inclusion[by_draw] = chances
        return Selection(indices, 1 - margins(self.predict_proba(indices)), by_draw, inclusion)

    def _n_uniform(self, n: int, waiting: Ints, uniform: Ints | None) -> int:
        """Tell how many of ``n`` answers are drawn uniformly: what lacks to the share of all answers."""
        share = 1.0 if self.strategy == "random" else self.uniform_share
        most = max(share, FIRST_UNIFORM_SHARE)
        if not self._n_labels:
            return round(most * n)
        if uniform is None:
            place = np.flatnonzero(self._uniform_order == waiting[0])[0] if len(waiting) else len(self._X)
            uniform = self._uniform_order[:place]
        lacking = share * (self._n_labels + n) - np.isin(uniform, self._labelled).sum()
        return int(np.clip(lacking + EXACT, 0, max(round(most * n), 1)))

    def _chosen(
        self,
        n: int,
        candidates: Ints,
        drawn: Ints,
        critical: Bools | None,
        likeness: Likeness,
        rng: np.random.Generator,
    ) -> Ints:
        """Choose ``n`` rows beside those drawn uniformly: by the strategy, above the floors."""
        if n == 0:
            return candidates[:0]
        left = np.setdiff1d(candidates, drawn, assume_unique=True)
        looked_at = seen(left, n, rng)

        def ask(n: int, rows: Ints) -> Ints:
            return self._by_strategy(n, rows, rng)

        chosen = distinct_rows(ask, n, looked_at, drawn, likeness)
        batch, share = n + len(drawn), self.minimum_share
        inside = candidates[:0] if critical is None else candidates[critical[candidates]]
        counts = np.bincount(np.asarray(self._modal.y_training, dtype=np.int64), minlength=self.n_classes)
        floors = (
            critical_floor(share, batch, inside, ask),
            rare_floor(share, batch, looked_at, self.predict_proba(looked_at), counts),
        )
        return with_floors(chosen, drawn, floors, likeness)

    def _by_strategy(self, n: int, candidates: Ints, rng: np.random.Generator) -> Ints:
        """Have the strategy choose ``n`` of some rows, at most 100,000 of them."""
        candidates = seen(candidates, n, rng)
        rows, described = self._X[candidates], self._modal.estimator.n_described_
        found, _ = self._modal.query(
            rows,
            n_instances=n,
            embedding=rows[:, :described],
            known=self._X[self._labelled, :described],
            posterior=self._pool.posterior(candidates),
            rng=rng,
        )
        return np.asarray(candidates[found])

    def _views_remark(self) -> tuple[str, ...]:
        model = self._modal.estimator
        if len(model.views_) == 1 or not self._n_labels:
            return ()
        shares = zip(model.views_, model.view_weights_, strict=True)
        said = ", ".join(f"{fitted.view.name} {share:.0%}" for fitted, share in shares)
        return (f"by {self._n_labels} labels the learner goes by: {said}",)


def check_pool(features: Float32s, votes: VoteMatrix, posterior: Floats | None, n_classes: int) -> None:
    """Raise ValueError where a learner of ``n_classes`` cannot take these features with these votes."""
    if len(features) != len(votes):
        raise ValueError(f"{len(features)} rows of features, {len(votes)} of votes: expected as many")
    if votes.n_classes != n_classes:
        raise ValueError(f"votes are on {votes.n_classes} classes, expected {n_classes}")
    if not np.isfinite(features).all():
        raise ValueError("features hold values that are not finite")
    if posterior is not None and posterior.shape != (len(votes), n_classes):
        raise ValueError(f"the posterior has shape {posterior.shape}, expected {(len(votes), n_classes)}")


def parameter_problems(
    n_classes: int, uniform_share: float, strategy: str, minimum_share: float
) -> list[str]:
    """Say in words which parameters of a learner are out of range."""
    problems = []
    if n_classes < 2:
        problems.append(f"labels: expected at least 2 classes, got {n_classes}. Add a class.")
    for name, share in (("uniform_share", uniform_share), ("minimum_share", minimum_share)):
        if not 0 <= share <= 1:
            problems.append(f"active.{name}: expected a number in [0, 1], got {share}. Write 0.1.")
    if strategy not in STRATEGIES:
        step = did_you_mean(strategy, STRATEGIES) or " Write auto."
        expected = ", ".join(STRATEGIES)
        problems.append(f'active.strategy: expected one of {expected}, got "{strategy}".{step}')
    return problems

"""The choice of a label model: by cross-validation on human labels where there are enough, else by rule."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize_scalar

from labeling.label_models.co_votes import CoVotes
from labeling.label_models.dawid_skene import DawidSkeneModel, speaks_one_class
from labeling.label_models.majority import MajorityModel
from labeling.label_models.naive_bayes import NaiveBayesModel
from labeling.label_models.one_coin import OneCoinModel
from labeling.label_models.patterns import VotePatterns, count_patterns
from labeling.label_models.snorkel import SNORKEL_LEAST_VOTERS, SnorkelModel
from labeling.label_models.triplet import TripletModel
from labeling.label_models.weighted_majority import WeightedMajorityModel
from labeling.types import ABSTAIN, Floats, GoldVotes, Ints, LabelModel, VoteMatrix

LEAST_GOLD = 40
"""Items with a vote and a human label, below which cross-validation is a lottery."""

FOLDS = 5
STANDARD_ERRORS = 2.0
"""By how many another model has to be better than that of the rule: of six, one is always lucky."""

COMPARED_ON = 50_000
LEAST_VOTERS = 3
MANY_VOTES = 4.0
"""Votes per item from which expectation-maximisation is better than its first step."""

LEAST_PROBABILITY = 1e-6


class AutoModel:
    """Takes the label model that suits the votes, and says which and why.

    With at least 40 human labels on items with a vote: by log loss in five-fold cross-validation, after one
    temperature each, for calibration mends that. The model of the rule keeps its place unless another one is
    better by more than two standard errors. Without: by ``choose_by_rule``.

    Parameters
    ----------
    seed : int
        Of the folds and of snorkel's training.
    kind : str, optional
        The kind to take without choosing.

    Attributes
    ----------
    kind_ : str
        The kind that was taken.
    model_ : LabelModel
    losses_ : dict of str to float
        Cross-validated log loss by kind; empty without human labels.
    """

    def __init__(self, seed: int = 0, kind: str | None = None) -> None:
        self.seed = seed
        self.kind = kind

    def settled(self) -> AutoModel:
        """Give a model that takes the kind that this one has taken: it can be fitted to fewer labels."""
        return AutoModel(self.seed, self.kind_)

    def statistics(self, votes: VoteMatrix) -> VotePatterns:
        """Count the distinct rows of votes."""
        return count_patterns(votes)

    def fit(
        self, statistics: VotePatterns, *, gold: GoldVotes | None = None, class_balance: Floats | None = None
    ) -> Self:
        """Choose a kind, then fit it to all there is."""
        self.losses_: dict[str, float] = {}
        self.kind_, reason = self._choose(statistics, gold, class_balance)
        self.model_ = self._fitted(self.kind_, statistics, gold, class_balance)
        self.weights_, self.class_balance_ = self.model_.weights_, self.model_.class_balance_
        self.remarks_ = (f"auto took {self.kind_}: {reason}", *self.model_.remarks_)
        return self

    def predict_proba(self, votes: VoteMatrix) -> Floats:
        """Give class probabilities, shape (n, k)."""
        return self.model_.predict_proba(votes)

    def explain(
        self, row: npt.NDArray[np.int8], soft: Mapping[int, npt.NDArray[np.float32]] | None = None
    ) -> Floats:
        """Give each voter's contribution, shape (m, k)."""
        return self.model_.explain(row, soft)

    def _choose(
        self, statistics: VotePatterns, gold: GoldVotes | None, class_balance: Floats | None
    ) -> tuple[str, str]:
        """Give a kind, and the reason in words."""
        if self.kind is not None:
            return self.kind, "it was asked for"
        if gold is not None and gold.votes.covered.sum() >= LEAST_GOLD:
            return self._choose_by_gold(statistics, gold, class_balance)
        return choose_by_rule(statistics)

    def _choose_by_gold(
        self, statistics: VotePatterns, gold: GoldVotes, class_balance: Floats | None
    ) -> tuple[str, str]:
        """Give a kind, and the reason in words."""
        usual, _ = choose_by_rule(statistics)
        sample = sample_with_gold(statistics, gold, self.seed)
        folds = np.random.default_rng(self.seed).permutation(len(gold)) % FOLDS
        covered = gold.votes.covered
        losses = {
            kind: cooled_losses(
                self._out_of_fold(kind, sample, gold, class_balance, folds)[covered],
                gold.labels[covered],
                gold.weight[covered],
            )
            for kind in candidates(statistics.n_voters, statistics.n_classes)
        }
        self.losses_ = {kind: float(loss.mean()) for kind, loss in losses.items()}
        best = min(self.losses_, key=self.losses_.__getitem__)
        gain = losses[usual] - losses[best]
        sure = gain.mean() > STANDARD_ERRORS * gain.std(ddof=1) / np.sqrt(len(gain))
        kind = best if sure else usual
        return kind, f"log loss {self.losses_[kind]:.3f} in cross-validation on {covered.sum()} human labels"

    def _out_of_fold(
        self,
        kind: str,
        statistics: VotePatterns,
        gold: GoldVotes,
        class_balance: Floats | None,
        folds: Ints,
    ) -> Floats:
        """Give the posterior of each item with gold, shape (g, k), by a model that has not seen its label."""
        proba = np.empty((len(gold), gold.votes.n_classes))
        for fold in range(FOLDS):
            out = folds == fold
            seen = GoldVotes(gold.votes.take(~out), gold.labels[~out], gold.weight[~out])
            model = self._fitted(kind, statistics, seen, class_balance)
            proba[out] = model.predict_proba(gold.votes.take(out))
        return proba

    def _fitted(
        self, kind: str, statistics: VotePatterns, gold: GoldVotes | None, class_balance: Floats | None
    ) -> LabelModel:
        make, part = CANDIDATES[kind]
        return make(self.seed).fit(part(statistics), gold=gold, class_balance=class_balance)


def _as_they_are(patterns: VotePatterns) -> VotePatterns:
    return patterns


def co_votes_of(patterns: VotePatterns) -> CoVotes:
    """Count which votes occur together, exactly, from vote patterns."""
    cast = patterns.indicators
    counts = (cast.T @ cast.multiply(patterns.counts[:, None])).toarray().astype(np.int64)
    return CoVotes(counts, patterns.rows, patterns.n_voters, patterns.n_classes)


def sample_with_gold(patterns: VotePatterns, gold: GoldVotes, seed: int) -> VotePatterns:
    """Draw at most 50,000 items without gold and put those with gold back: enough to compare kinds."""
    rest = patterns.without(gold.votes.hard)
    if rest.rows > COMPARED_ON:
        drawn = np.random.default_rng(seed).multivariate_hypergeometric(
            rest.counts, COMPARED_ON, method="marginals"
        )
        rest = VotePatterns(rest.hard[drawn > 0], drawn[drawn > 0], rest.n_classes)
    return rest + count_patterns(gold.votes)


CANDIDATES: dict[str, tuple[Callable[[int], LabelModel], Callable[[VotePatterns], Any]]] = {
    "naive_bayes": (lambda seed: NaiveBayesModel(), _as_they_are),
    "dawid_skene": (lambda seed: DawidSkeneModel(), _as_they_are),
    "one_coin": (lambda seed: OneCoinModel(), _as_they_are),
    "weighted_majority": (lambda seed: WeightedMajorityModel(), _as_they_are),
    "majority": (lambda seed: MajorityModel(), co_votes_of),
    "triplet": (lambda seed: TripletModel(), co_votes_of),
    "snorkel": (SnorkelModel, co_votes_of),
}
"""By kind: how to make it, and what it needs of the statistics."""

FOR_FEW_VOTERS = ("majority", "naive_bayes", "weighted_majority")


WIDE = 1_500
"""Voters times classes from which fits that take pairs of both would last minutes, in each fold."""

SLOW_WHERE_WIDE = ("snorkel", "triplet")


def candidates(n_voters: int, n_classes: int) -> tuple[str, ...]:
    """Give the kinds that human labels choose among.

    Shares of votes are no probabilities: the majority is one of them only where the rule takes it.
    """
    if n_voters < max(LEAST_VOTERS, SNORKEL_LEAST_VOTERS):
        return FOR_FEW_VOTERS
    left_out = ("majority", *(SLOW_WHERE_WIDE if n_voters * n_classes > WIDE else ()))
    return tuple(kind for kind in CANDIDATES if kind not in left_out)


def choose_by_rule(patterns: VotePatterns) -> tuple[str, str]:
    """Give the kind that suits votes without human labels, and the reason in words.

    Expectation-maximisation needs voters with several answers each, and several of them per item, to find
    anything but its own errors; one step from the majority is safe everywhere.
    """
    if patterns.n_voters < LEAST_VOTERS:
        return "majority", "the votes of fewer than three voters do not tell who of them is right"
    one_sided = speaks_one_class(patterns)
    if 2 * one_sided.sum() >= len(one_sided):
        return "naive_bayes", f"{one_sided.sum()} of {len(one_sided)} voters only ever give one answer"
    covered = patterns.counts[patterns.covered].sum()
    cast = patterns.counts @ (patterns.hard != ABSTAIN).sum(axis=1)
    per_item = float(cast / max(covered, 1))
    if per_item < MANY_VOTES:
        return "naive_bayes", f"{per_item:.1f} votes per item are few for a model of each voter's errors"
    return "dawid_skene", f"{per_item:.1f} votes per item, of voters who each give several answers"


def cooled_losses(proba: Floats, labels: Ints, weights: Floats) -> Floats:
    """Give the weighted log loss of each row, shape (g,), at the one temperature that suits them all best."""
    log_p = np.log(np.maximum(proba, LEAST_PROBABILITY))

    def losses(log_temperature: float) -> Floats:
        scaled = log_p / np.exp(log_temperature)
        log_q = scaled - np.logaddexp.reduce(scaled, axis=1, keepdims=True)
        return np.asarray(-weights * log_q[np.arange(len(labels)), labels])

    found = minimize_scalar(lambda t: losses(t).sum(), bounds=(-3, 3), method="bounded")
    return losses(float(found.x))

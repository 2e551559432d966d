"""The ports that adapters implement."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from labeling.types.advice import (
    Answers,
    Doubts,
    Forecast,
    ModelSteps,
    OpinionScores,
    Stability,
    UniformAnswers,
)
from labeling.types.arrays import Bools, Floats, Ints
from labeling.types.gold import GoldVotes
from labeling.types.people import Pull, Receipt, ReviewTask, Selection
from labeling.types.votes import VoteMatrix


class LabelModel(Protocol):
    """Weighs the votes of each item into class probabilities.

    Attributes
    ----------
    weights_ : array, shape (m,)
        Accuracy that the fitted model believes each voter to have; NaN where it has no such number.
    class_balance_ : array, shape (k,)
    remarks_ : tuple of str
        What the user should know of this fit.
    """

    weights_: Floats
    class_balance_: Floats
    remarks_: tuple[str, ...]

    def statistics(self, votes: VoteMatrix) -> Any:
        """Give what training needs; results of several shards add up with ``+``."""

    def fit(
        self, statistics: Any, *, gold: GoldVotes | None = None, class_balance: Floats | None = None
    ) -> LabelModel:
        """Fit to statistics of all items, those with gold included.

        Parameters
        ----------
        gold : GoldVotes, optional
            Human labels with the votes on their items.
        class_balance : array, shape (k,), optional
            Sums to one; left out, classes are uniform or estimated, as the paper of the model has it.
        """

    def predict_proba(self, votes: VoteMatrix) -> Floats:
        """Give class probabilities, shape (n, k); rows without a vote give the class balance."""

    def explain(
        self, row: npt.NDArray[np.int8], soft: Mapping[int, npt.NDArray[np.float32]] | None = None
    ) -> Floats:
        """Give each voter's contribution, shape (m, k), in natural-log units, to one row, shape (m,).

        ``log(class_balance_)`` plus the sum over voters is the log posterior up to a constant. ``soft``
        holds likelihoods, shape (k,), by column, which stand in place of those votes.
        """


class Learner(Protocol):
    """Votes, content and human answers in one model over a fixed pool.

    Attributes
    ----------
    remarks_ : tuple of str
        What the user should know of the last fit.
    """

    remarks_: tuple[str, ...]

    def start(
        self, features: npt.NDArray[np.float32], votes: VoteMatrix, posterior: Floats | None = None
    ) -> None:
        """Take a pool of n items; what votes alone say is fitted here, once.

        Parameters
        ----------
        posterior : array, shape (n, k), optional
            What a label model that saw no human label makes of the votes.
        """

    def fit(self, labelled: Ints, labels: Ints, weights: Floats | None = None) -> None:
        """Learn from human labels: pool rows, shape (l,), and their class indices, shape (l,).

        Parameters
        ----------
        weights : array, shape (l,), in (0, 1], optional
            How sure it is that each label is right; ones if left out.
        """

    def predict_proba(self, partition: Ints | None = None) -> Floats:
        """Give class probabilities of pool rows (all if None), shape (p, k)."""

    def predict_text(self) -> Floats:
        """Give class probabilities of all pool rows, shape (n, k), as if votes on them spoke for no class."""

    def query(
        self,
        n_instances: int,
        candidates: Ints,
        critical: Bools | None = None,
        clusters: Ints | None = None,
        uniform: Ints | None = None,
    ) -> Selection:
        """Choose at most ``n_instances`` of the pool rows ``candidates``, most informative first.

        Parameters
        ----------
        critical : mask, shape (n,), optional
            Pool rows of which each batch holds a minimum share.
        clusters : array of int, shape (n,), optional
            Pool rows of one cluster are near-duplicates.
        uniform : array of int, optional
            Pool rows that were drawn uniformly before.
        """


class Strategy(Protocol):
    """A query strategy on modAL's contract: rows of ``X`` to ask for next and their utilities."""

    def __call__(self, learner: Any, X: Any, n_instances: int = 1, **kwargs: Any) -> tuple[Ints, Floats]:
        """Give (indices, utilities), both of shape (n_instances,)."""


class Advisor(Protocol):
    """Says of the loop itself when to stop, what to expect and what to look at again."""

    def spaced(self, labels: Ints, gap: int) -> Ints:
        """Choose among models, by the answers that each learnt from, such as are ``gap`` answers apart."""

    def stability(self, successive: Sequence[Ints]) -> Stability:
        """Tell whether labels still change, from what successive models say of the same items, (s,) each."""

    def forecast(self, steps: ModelSteps, answers: UniformAnswers, target: float, batch: int) -> Forecast:
        """Say how accurate labels are, and what more answers would bring."""

    def doubts(self, proba: Floats, labels: Ints) -> Doubts:
        """Give the labels, shape (g,), that models that had not seen them, shape (g, k), disagree with."""

    def second_opinions(self, answered: Floats, new: Floats, most: int) -> Ints:
        """Choose, by such scores, which answered items, shape (m,), take the places of new ones, (b,)."""

    def repeats(self, answers: Answers, answered: Floats, new: Floats) -> OpinionScores:
        """Score answered items, shape (m, k), and new ones, shape (b, k): the lower, the sooner to ask."""


class ReviewQueue(Protocol):
    """Where people answer."""

    def push(self, tasks: Sequence[ReviewTask]) -> Sequence[Receipt]:
        """Send tasks; one whose ``task_id`` is there already is not sent again but gets its receipt."""

    def withdraw(self, task_ids: Collection[str]) -> None:
        """Take unanswered tasks back; unknown and answered ones are left alone."""

    def reprioritise(self, version: str, tasks: Sequence[ReviewTask]) -> None:
        """Give tasks without a label new priorities and suggestions, all at once, under a new version."""

    def pull(self, cursor: str) -> Pull:
        """Give answers that are new or changed since ``cursor`` ("" is the beginning)."""

    def forget(self, task_ids: Collection[str]) -> None:
        """Delete tasks with all that people did to them; unknown ones are left alone."""

    def forget_answers(self, annotation_ids: Collection[str]) -> None:
        """Delete answers; their tasks stay, and unknown ones are left alone."""

    def open_ids(self) -> frozenset[str]:
        """Give the task ids that nobody answered or skipped yet."""

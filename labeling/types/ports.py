"""The ports that adapters implement."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from labeling.types.arrays import Floats, Ints
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
    """Votes, content and human answers in one model over a fixed pool."""

    @property
    def feature_space_id(self) -> str:
        """Digest of all that ``features`` depends on but the texts."""

    def features(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Extract features, shape (n, d): the slow part, which callers cache."""

    def start(self, features: npt.NDArray[np.float32], votes: VoteMatrix) -> None:
        """Take a pool of n items; what votes alone say is fitted here, once."""

    def fit(self, labelled: Ints, labels: Ints) -> None:
        """Learn from human labels: pool rows, shape (l,), and their class indices, shape (l,)."""

    def predict_proba(self, partition: Ints | None = None) -> Floats:
        """Give class probabilities of pool rows (all if None), shape (p, k)."""

    def query(self, n_instances: int, candidates: Ints) -> Selection:
        """Choose at most ``n_instances`` of the pool rows ``candidates``, most informative first."""


class Strategy(Protocol):
    """A query strategy on modAL's contract: rows of ``X`` to ask for next and their utilities."""

    def __call__(self, learner: Any, X: Any, n_instances: int = 1, **kwargs: Any) -> tuple[Ints, Floats]:
        """Give (indices, utilities), both of shape (n_instances,)."""


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

    def open_ids(self) -> frozenset[str]:
        """Give the task ids that nobody answered or skipped yet."""

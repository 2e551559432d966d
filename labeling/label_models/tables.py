"""Prediction and explanation of label models whose fit is a table of log P(vote | class)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from labeling.label_models.chunks import available_threads
from labeling.label_models.patterns import VotePatterns, count_patterns
from labeling.label_models.posterior import contributions, posterior
from labeling.types import Floats, VoteMatrix


class TableModel:
    """A label model whose fit is a table of log P(vote | class), in which abstentions add nothing.

    Attributes
    ----------
    log_table_ : array, shape (m, k, k)
        log P(voter j says a | class), up to a constant per vote.
    weights_ : array, shape (m,)
        Accuracy that each voter is believed to have where it votes, in [0, 1]; NaN where it never does.
    class_balance_ : array, shape (k,)
    remarks_ : tuple of str
    """

    log_table_: Floats
    weights_: Floats
    class_balance_: Floats
    remarks_: tuple[str, ...]

    def statistics(self, votes: VoteMatrix) -> VotePatterns:
        """Count the distinct rows of votes."""
        return count_patterns(votes)

    def predict_proba(self, votes: VoteMatrix) -> Floats:
        """Give the posterior, shape (n, k); rows without a vote give the class balance."""
        return posterior(votes, self._flat_table, np.log(self.class_balance_), available_threads())

    def explain(
        self, row: npt.NDArray[np.int8], soft: Mapping[int, npt.NDArray[np.float32]] | None = None
    ) -> Floats:
        """Give log P(vote | class) of each voter, shape (m, k); zero where it abstains."""
        return contributions(row, self._flat_table, soft)

    @property
    def _flat_table(self) -> Floats:
        return self.log_table_.reshape(-1, len(self.class_balance_))


def checked_shares(class_balance: Floats, n_classes: int) -> Floats:
    """Give a class balance, shape (k,), as floats.

    Raises
    ------
    ValueError
        It is no such array, not positive, or does not sum to one.
    """
    shares = np.asarray(class_balance, dtype=float)
    if shares.shape != (n_classes,) or not (shares > 0).all() or not np.isclose(shares.sum(), 1):
        raise ValueError(
            f"class balance is {class_balance}, expected {n_classes} positive shares that sum to one"
        )
    return shares


def uniform_or(class_balance: Floats | None, n_classes: int) -> Floats:
    """Give the class balance, shape (k,), uniform if None."""
    if class_balance is None:
        return np.full(n_classes, 1 / n_classes)
    return checked_shares(class_balance, n_classes)


def expected_accuracies(vote_counts: Floats) -> Floats:
    """Give the share of right votes, shape (m,), of expected vote counts, shape (m, k, k); NaN without."""
    right, cast = np.trace(vote_counts, axis1=1, axis2=2), vote_counts.sum(axis=(1, 2))
    return np.asarray(np.where(cast > 0, right / np.where(cast > 0, cast, 1), np.nan))


def log_odds_table(accuracies: Floats, n_classes: int) -> Floats:
    """Give log P(vote | class), shape (m, k, k), of voters who err evenly over the wrong classes."""
    right, wrong = np.log(accuracies), np.log((1 - accuracies) / (n_classes - 1))
    return np.where(np.eye(n_classes, dtype=bool), right[:, None, None], wrong[:, None, None])

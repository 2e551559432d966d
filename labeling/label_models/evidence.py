"""Vote patterns with the items whose class people told: what semi-supervised training sees."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy.special import logsumexp

from labeling.label_models.patterns import VotePatterns, vote_indicators
from labeling.types import Floats, GoldVotes, Ints


@dataclass(frozen=True)
class Evidence:
    """Vote patterns, and after them the items whose class people told.

    Parameters
    ----------
    indicators : sparse matrix of 0 and 1, shape (r, m * k)
        Column ``j * k + a`` is "voter j says a".
    counts : array of float, shape (r,)
        Items per row.
    told : array of int, shape (g,)
        Classes of the last g rows.
    n_classes : int
    """

    indicators: Any = field(repr=False)
    counts: Floats = field(repr=False)
    told: Ints = field(repr=False)
    n_classes: int

    def soft_majority(self) -> Floats:
        """Give shares of the votes, shape (r, k), uniform without a vote, and certainty where people told."""
        k = self.n_classes
        shares = self.indicators @ np.tile(np.eye(k), (self.indicators.shape[1] // k, 1))
        shares[shares.sum(axis=1) == 0] = 1.0
        shares[len(shares) - len(self.told) :] = np.eye(k)[self.told]
        return np.asarray(shares / shares.sum(axis=1, keepdims=True))

    def class_counts(self, q: Floats) -> Floats:
        """Give the expected number of items per class, shape (k,), by class probabilities, shape (r, k)."""
        return np.asarray(self.counts @ q)

    def vote_counts(self, q: Floats) -> Floats:
        """Give the expected number of votes, shape (m, k, k), by voter, vote and class."""
        k = self.n_classes
        return np.asarray(self.indicators.T @ (self.counts[:, None] * q)).reshape(-1, k, k)

    def expect(self, log_table: Floats, log_prior: Floats) -> tuple[Floats, float]:
        """Give class probabilities, shape (r, k), and the log likelihood of all items.

        Parameters
        ----------
        log_table : array, shape (m, k, k)
            What voter j's vote a adds to the log probability of each class.
        log_prior : array, shape (k,)
        """
        joint = self.indicators @ log_table.reshape(-1, self.n_classes) + log_prior
        known = joint[len(joint) - len(self.told) :]
        known[np.arange(self.n_classes) != self.told[:, None]] = -np.inf
        total = logsumexp(joint, axis=1, keepdims=True)
        return np.exp(joint - total), float(self.counts @ total[:, 0])


def gather(statistics: VotePatterns, gold: GoldVotes | None) -> Evidence:
    """Set the items with gold apart from the patterns that count them too.

    Their weights play no part: given the votes, who was labelled says nothing about the class, so a
    likelihood over all items needs none (Rubin, 1976).

    Raises
    ------
    ValueError
        There are no items, or one with gold is not among them.
    """
    require_rows(statistics.rows)
    if gold is None:
        none = np.empty(0, dtype=np.int64)
        return Evidence(statistics.indicators, statistics.counts.astype(float), none, statistics.n_classes)
    rest = statistics.without(gold.votes.hard)
    hard = np.concatenate([rest.hard, gold.votes.hard])
    counts = np.concatenate([rest.counts, np.ones(len(gold))])
    return Evidence(vote_indicators(hard, statistics.n_classes), counts, gold.labels, statistics.n_classes)


def require_rows(rows: int) -> None:
    """Refuse to train on nothing.

    Raises
    ------
    ValueError
        ``rows`` is zero.
    """
    if not rows:
        raise ValueError("there are no rows to train a label model on")

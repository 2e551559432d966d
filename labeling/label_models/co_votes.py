"""Counts of votes that occur together: all that snorkel's label model needs to train."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce

import numpy as np
import numpy.typing as npt

from labeling.label_models.chunks import available_threads, in_threads, row_chunks
from labeling.label_models.counting import add_pairs, add_product, count_voter, mirror, pairs_are_quicker
from labeling.types import Floats, VoteMatrix

COUNTER_BYTES = 1 << 28
"""Memory that the counters of all threads may take together."""


@dataclass(frozen=True)
class CoVotes:
    """Counts of votes that occur together: additive over rows, and all that training needs.

    Parameters
    ----------
    counts : array of int64, shape (m * k, m * k)
        ``counts[i * k + a, j * k + b]``: rows on which voter i says a and voter j says b.
    rows : int
    n_voters, n_classes : int
    """

    counts: npt.NDArray[np.int64]
    rows: int
    n_voters: int
    n_classes: int

    def __add__(self, other: CoVotes) -> CoVotes:
        mine, theirs = (self.n_voters, self.n_classes), (other.n_voters, other.n_classes)
        if mine != theirs:
            raise ValueError(f"counts of (voters, classes) {mine} and {theirs} do not add up")
        return CoVotes(self.counts + other.counts, self.rows + other.rows, *mine)

    @property
    def cast(self) -> npt.NDArray[np.int64]:
        """How often voter i said a, shape (m * k,), at i * k + a."""
        return np.diag(self.counts)

    @property
    def coverage(self) -> Floats:
        """Share of rows on which each voter votes, shape (m,)."""
        return np.asarray(self.cast.reshape(self.n_voters, -1).sum(axis=1) / self.rows)

    def replace_voter(self, votes: VoteMatrix, voter: int) -> CoVotes:
        """Count one changed voter anew: the rows and columns of its own counts, and nothing else.

        Parameters
        ----------
        votes : VoteMatrix
            Of the same rows, with the new column; the other columns are as they were counted.
        voter : int
            The changed column.

        Raises
        ------
        ValueError
            The votes are not those that were counted.
        """
        expected = (self.rows, self.n_voters, self.n_classes)
        if (got := (len(votes), len(votes.voters), votes.n_classes)) != expected:
            raise ValueError(f"votes have (rows, voters, classes) {got}, counted were {expected}")
        chunks = row_chunks(len(votes), self.n_voters)
        own = sum(count_voter(votes.hard[chunk], voter, self.n_classes) for chunk in chunks)
        counts, place = self.counts.copy(), slice(voter * self.n_classes, (voter + 1) * self.n_classes)
        counts[place], counts[:, place] = own, np.transpose(own)
        return CoVotes(counts, *expected)


def one_hot(hard: npt.NDArray[np.int8], n_classes: int) -> npt.NDArray[np.float32]:
    """Give votes as indicators: (n, m) int8 to (n, m * k) float32; abstentions are all zero."""
    indicators = hard[:, :, None] == np.arange(n_classes, dtype=np.int8)
    return np.asarray(indicators, dtype=np.float32).reshape(len(hard), -1)


def count_co_votes(votes: VoteMatrix, threads: int | None = None) -> CoVotes:
    """Count exactly which votes occur together.

    Parameters
    ----------
    votes : VoteMatrix
    threads : int, optional
        All processors if None; fewer where their counters would not fit into ``COUNTER_BYTES``.
    """
    m, k = len(votes.voters), votes.n_classes
    chunks = row_chunks(len(votes), m * 4)
    fitting = max(1, COUNTER_BYTES // max(1, 8 * (m * k) ** 2))
    workers = max(1, min(threads or available_threads(), fitting, len(chunks)))
    shares = [chunks[worker::workers] for worker in range(workers)]
    parts = in_threads(lambda share: _count_chunks(votes, share), shares, workers)
    counts = reduce(np.add, parts)
    mirror(counts)
    return CoVotes(counts, len(votes), m, k)


def _count_chunks(votes: VoteMatrix, chunks: list[slice]) -> npt.NDArray[np.int64]:
    width = len(votes.voters) * votes.n_classes
    counts = np.zeros((width, width), dtype=np.int64)
    for chunk in chunks:
        hard = votes.hard[chunk]
        add = add_pairs if pairs_are_quicker(hard, votes.n_classes) else add_product
        add(counts, hard, votes.n_classes)
    return counts

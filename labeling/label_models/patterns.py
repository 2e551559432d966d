"""Vote patterns: the distinct rows of a vote matrix with how often each occurs."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from labeling.types import ABSTAIN, Ints, VoteMatrix

MIXER = np.uint64(0x9E3779B97F4A7C15)
"""An odd number with well-spread bits: 2^64 over the golden ratio (Knuth, 1973)."""


@dataclass(frozen=True)
class VotePatterns:
    """Distinct rows of votes with their counts: additive, and all that label models trained by EM need.

    Parameters
    ----------
    hard : array of int8, shape (u, m)
        Distinct rows; -1 abstains.
    counts : array of int64, shape (u,)
        How many items vote so.
    n_classes : int
    """

    hard: npt.NDArray[np.int8] = field(repr=False)
    counts: npt.NDArray[np.int64] = field(repr=False)
    n_classes: int

    @property
    def n_voters(self) -> int:
        """Number of voters."""
        return int(self.hard.shape[1])

    @property
    def rows(self) -> int:
        """Number of items."""
        return int(self.counts.sum())

    @cached_property
    def covered(self) -> npt.NDArray[np.bool_]:
        """Mask, shape (u,): patterns with at least one vote."""
        return np.asarray((self.hard != ABSTAIN).any(axis=1))

    @cached_property
    def indicators(self) -> Any:
        """Votes as a sparse matrix of 0 and 1, shape (u, m * k): column ``j * k + a`` is "voter j says a"."""
        return vote_indicators(self.hard, self.n_classes)

    def __add__(self, other: VotePatterns) -> VotePatterns:
        hard = np.concatenate([self.hard, other.hard])
        return _merged(hard, np.concatenate([self.counts, other.counts]), self.n_classes)

    def without(self, hard: npt.NDArray[np.int8]) -> VotePatterns:
        """Take items away, given by their votes, shape (g, m).

        Raises
        ------
        ValueError
            One of them is not among the patterns, or not often enough.
        """
        rest = self + VotePatterns(hard, np.full(len(hard), -1, dtype=np.int64), self.n_classes)
        if (rest.counts < 0).any():
            raise ValueError(
                f"{-rest.counts[rest.counts < 0].sum()} items with gold are not in the statistics"
            )
        return rest


def count_patterns(votes: VoteMatrix) -> VotePatterns:
    """Count the distinct rows of votes."""
    return _merged(votes.hard, np.ones(len(votes), dtype=np.int64), votes.n_classes)


def vote_indicators(hard: npt.NDArray[np.int8], n_classes: int) -> Any:
    """Give votes, shape (n, m), as a sparse (CSR) matrix of float64 0 and 1, shape (n, m * k)."""
    rows, voters = np.nonzero(hard != ABSTAIN)
    columns = voters * n_classes + hard[rows, voters]
    starts = np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=len(hard)))])
    shape = (len(hard), hard.shape[1] * n_classes)
    return sparse.csr_matrix((np.ones(len(columns)), columns, starts), shape=shape)


def _merged(hard: npt.NDArray[np.int8], counts: npt.NDArray[np.int64], n_classes: int) -> VotePatterns:
    first, inverse = _distinct(hard)
    total = np.bincount(inverse, weights=counts, minlength=len(first)).astype(np.int64)
    kept = total != 0
    return VotePatterns(hard[first[kept]], total[kept], n_classes)


def _distinct(hard: npt.NDArray[np.int8]) -> tuple[Ints, Ints]:
    """Give the first row of each kind, and for each row its kind; by digest, then checked to be exact."""
    _, first, inverse = np.unique(_digests(hard), return_index=True, return_inverse=True)
    if not np.array_equal(hard[first][inverse], hard):
        _, first, inverse = np.unique(hard, axis=0, return_index=True, return_inverse=True)
    return first, inverse.ravel()


def _digests(hard: npt.NDArray[np.int8]) -> npt.NDArray[np.uint64]:
    """Mix each row into 64 bits, eight votes at a time."""
    width = -(-hard.shape[1] // 8) * 8
    padded = np.zeros((len(hard), width), dtype=np.int8)
    padded[:, : hard.shape[1]] = hard
    digest = np.zeros(len(hard), dtype=np.uint64)
    for column in padded.view(np.uint64).T:
        digest = (digest ^ column) * MIXER
        digest ^= digest >> np.uint64(29)
    return digest

"""The buckets of a voter's items: where gold, the other voters together, or one of them says otherwise."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from labeling.types import ABSTAIN, Floats, Ints, VoteMatrix

Codes = npt.NDArray[np.int8]
CONFIDENT = 0.8
"""Probability from which the other voters together are sure of a class."""


def wrong(codes: Codes, gold: Codes) -> Ints:
    """Items, by index, on which a vote contradicts gold; both of shape (n,), -1 is none."""
    return np.flatnonzero((codes != ABSTAIN) & (gold != ABSTAIN) & (codes != gold))


def right(codes: Codes, gold: Codes) -> Ints:
    """Items, by index, on which a vote is gold's class."""
    return np.flatnonzero((codes != ABSTAIN) & (codes == gold))


def missed(codes: Codes, gold: Codes) -> Ints:
    """Items, by index, on which a voter abstains although gold is a class that it votes for elsewhere."""
    polarity = np.unique(codes[codes != ABSTAIN])
    return np.flatnonzero((codes == ABSTAIN) & np.isin(gold, polarity))


def doubted(codes: Codes, others: Floats, least: float = CONFIDENT) -> Ints:
    """Items, by index, on which the other voters are sure of another class, the surest first.

    Parameters
    ----------
    codes : array of int8, shape (n,)
    others : array, shape (n, k)
        Class probabilities without the voter's own vote.
    least : float
        The probability that counts as sure.
    """
    sure = others.max(axis=1)
    found = np.flatnonzero((codes != ABSTAIN) & (sure >= least) & (others.argmax(axis=1) != codes))
    return found[np.argsort(-sure[found], kind="stable")]


def without_voter(votes: VoteMatrix, j: int) -> VoteMatrix:
    """Give the votes with column ``j`` abstaining throughout."""
    hard = votes.hard.copy()
    hard[:, j] = ABSTAIN
    return VoteMatrix(hard, votes.voters, votes.n_classes)


def disputes(votes: VoteMatrix, j: int) -> list[tuple[int, Ints]]:
    """Give the voters that contradict voter ``j``, with the items, by index; the most frequent first."""
    own = votes.hard[:, [j]]
    against = (own != ABSTAIN) & (votes.hard != ABSTAIN) & (votes.hard != own)
    counts = against.sum(axis=0)
    order = np.argsort(-counts, kind="stable")
    return [(int(other), np.flatnonzero(against[:, other])) for other in order if counts[other]]

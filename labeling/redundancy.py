"""Redundancy: pairs of voters that say nearly the same about the same items."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from labeling.types import Floats, VoteMatrix

if TYPE_CHECKING:
    from labeling.label_models import CoVotes

NEAR_IDENTICAL = 0.9
"""Similarity from which a pair of voters is named."""


@dataclass(frozen=True)
class RedundantPair:
    """Two voters that are much alike; all shares lie in [0, 1].

    Attributes
    ----------
    agree : float
        Share of all items on which both vote and agree.
    jaccard : float
        Items on which both vote among those on which either does.
    similarity : float
        Items on which both vote and agree among those on which either votes: 1 is the same voter twice.
    """

    first: str
    second: str
    agree: float
    jaccard: float
    similarity: float

    def to_dict(self) -> dict[str, Any]:
        """Give a JSON-ready mapping."""
        return asdict(self)


@dataclass(frozen=True)
class Redundancy:
    """Likeness of all pairs of m voters, each array of shape (m, m), symmetric, in [0, 1].

    ``agree``, ``jaccard`` and ``similarity`` as in `RedundantPair`; zero where neither voter votes.
    """

    agree: Floats
    jaccard: Floats
    similarity: Floats


def redundancy(votes: VoteMatrix) -> Redundancy:
    """Compare all pairs of voters, from the counts of votes that occur together."""
    from labeling.label_models import count_co_votes

    co_votes = count_co_votes(votes)
    both, same = _pairs(co_votes)
    voted = np.diag(both)
    either = voted[:, None] + voted[None, :] - both
    return Redundancy(
        agree=same / max(co_votes.rows, 1),
        jaccard=both / np.maximum(either, 1),
        similarity=same / np.maximum(either, 1),
    )


def redundant_pairs(votes: VoteMatrix, least: float = NEAR_IDENTICAL) -> list[RedundantPair]:
    """Name the pairs of voters with a similarity of at least ``least``, the most alike first.

    Parameters
    ----------
    votes : VoteMatrix
    least : float
        In (0, 1].
    """
    found = redundancy(votes)
    above = np.triu(found.similarity >= least, k=1)
    pairs = [
        RedundantPair(
            votes.voters[i],
            votes.voters[j],
            agree=round(float(found.agree[i, j]), 4),
            jaccard=round(float(found.jaccard[i, j]), 4),
            similarity=round(float(found.similarity[i, j]), 4),
        )
        for i, j in np.argwhere(above)
    ]
    return sorted(pairs, key=lambda pair: (-pair.similarity, -pair.agree))


def _pairs(co_votes: CoVotes) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Give the items on which both of a pair vote, and on which they agree too, each of shape (m, m)."""
    m, k = co_votes.n_voters, co_votes.n_classes
    counts = co_votes.counts.reshape(m, k, m, k)
    return counts.sum(axis=(1, 3)), np.einsum("iaja->ij", counts)

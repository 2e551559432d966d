"""What each voter does to the data set: polarity, coverage, overlaps, conflicts, accuracy."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from labeling.types import ABSTAIN, Bools, Floats, LabelSchema, VoteMatrix
from labeling.votes.applied import AppliedVotes


@dataclass(frozen=True)
class VoterSummary:
    """One line of the voters' table; shares lie in [0, 1] and count items.

    ``accuracy`` is measured where the voter votes on an item with gold, None without any; ``weight`` is the
    accuracy that the label model believes in, None where the model has none.
    """

    name: str
    polarity: tuple[str, ...]
    coverage: float
    overlaps: float
    conflicts: float
    accuracy: float | None
    judged: int
    weight: float | None
    ran: int
    cached: int
    faults: int
    first_fault: dict[str, str] | None
    seconds: float

    def to_dict(self) -> dict[str, Any]:
        """Give a JSON-ready mapping."""
        return {**asdict(self), "polarity": list(self.polarity)}


def coverage(votes: VoteMatrix) -> Floats:
    """Share of items that each voter votes on, shape (m,)."""
    return _share((votes.hard != ABSTAIN).sum(axis=0), len(votes))


def overlaps(votes: VoteMatrix) -> Floats:
    """Share of items that each voter and at least one other vote on, shape (m,)."""
    voted = votes.hard != ABSTAIN
    several = voted.sum(axis=1) > 1
    return _share((voted & several[:, None]).sum(axis=0), len(votes))


def conflicts(votes: VoteMatrix) -> Floats:
    """Share of items on which each voter is contradicted by another, shape (m,)."""
    voted = votes.hard != ABSTAIN
    lowest = np.where(voted, votes.hard, np.int8(127)).min(axis=1, initial=127)
    highest = votes.hard.max(axis=1, initial=ABSTAIN)
    disputed = (lowest < highest) & (highest != ABSTAIN)
    return _share((voted & disputed[:, None]).sum(axis=0), len(votes))


def accuracies(votes: VoteMatrix, gold: npt.NDArray[np.int8]) -> tuple[Floats, npt.NDArray[np.int64]]:
    """Accuracy on gold where a voter votes, shape (m,), NaN without any; and how many votes were judged."""
    judged = (votes.hard != ABSTAIN) & (gold != ABSTAIN)[:, None]
    right = judged & (votes.hard == gold[:, None])
    counts = judged.sum(axis=0)
    shares = np.full(len(counts), np.nan)
    np.divide(right.sum(axis=0), counts, out=shares, where=counts > 0)
    return shares, counts


def summarise_voters(
    applied: AppliedVotes, gold: npt.NDArray[np.int8], weights: Floats, schema: LabelSchema
) -> list[VoterSummary]:
    """Give the voters' table, one line per voter in the order of the matrix.

    Parameters
    ----------
    applied : AppliedVotes
        Of n items and m voters.
    gold : array of int8, shape (n,)
        Class indices; -1 where there is none.
    weights : array, shape (m,)
        The label model's accuracies; NaN where it has none.
    schema : LabelSchema
    """
    votes = applied.votes
    accuracy, judged = accuracies(votes, gold)
    columns = zip(
        applied.runs,
        coverage(votes),
        overlaps(votes),
        conflicts(votes),
        accuracy,
        judged,
        weights,
        strict=True,
    )
    return [
        VoterSummary(
            name=run.name,
            polarity=polarity(votes.hard[:, j], schema),
            coverage=float(covers),
            overlaps=float(shared),
            conflicts=float(disputed),
            accuracy=_number(right),
            judged=int(count),
            weight=_number(weight) if covers else None,
            ran=run.ran,
            cached=run.cached,
            faults=run.faults,
            first_fault=dict(run.first_fault) if run.first_fault else None,
            seconds=round(run.seconds, 3),
        )
        for j, (run, covers, shared, disputed, right, count, weight) in enumerate(columns)
    ]


def polarity(votes: npt.NDArray[np.int8], schema: LabelSchema) -> tuple[str, ...]:
    """Names of the classes that a voter votes for."""
    return tuple(schema.names[c] for c in np.unique(votes[votes != ABSTAIN]))


def covered_share(covered: Bools) -> float:
    """Share of items with at least one vote."""
    return float(covered.mean()) if len(covered) else 0.0


def _share(counts: npt.NDArray[np.int64], total: int) -> Floats:
    return np.asarray(counts / max(total, 1))


def _number(value: float) -> float | None:
    return None if np.isnan(value) else round(float(value), 4)

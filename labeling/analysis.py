"""What each voter does to the data set: polarity, coverage, overlaps, conflicts, accuracy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from labeling.calibration.reliability import Reliability
from labeling.intervals import wilson_interval
from labeling.types import ABSTAIN, Bools, Floats, LabelSchema, VoteMatrix
from labeling.votes.applied import AppliedVotes


@dataclass(frozen=True)
class VoterShares:
    """What one voter's votes come to; shares lie in [0, 1] and count items.

    ``accuracy`` is measured on the ``judged`` items on which the voter votes and that have gold, None without
    any; ``accuracy_interval`` holds the true one with 95 % confidence (Wilson, 1927).
    """

    name: str
    polarity: tuple[str, ...]
    coverage: float
    overlaps: float
    conflicts: float
    accuracy: float | None
    accuracy_interval: tuple[float, float] | None
    judged: int

    def to_dict(self) -> dict[str, Any]:
        """Give a JSON-ready mapping."""
        interval = self.accuracy_interval
        return {
            **asdict(self),
            "polarity": list(self.polarity),
            "accuracy_interval": None if interval is None else list(interval),
        }


@dataclass(frozen=True)
class VoterSummary(VoterShares):
    """One line of the voters' table: what the votes come to, what they are worth, what they cost.

    ``weight`` is the accuracy that the label model believes in, None where the model has none; ``refused``
    says why a function was not let vote. Of language models, ``unasked`` counts the items without an answer
    and ``abstained`` the answers that are no vote, by reason; of others both are None. ``reliability`` says
    how far a language model's confidence can be trusted, as ``stated`` and ``recalibrated``.
    """

    weight: float | None
    ran: int
    cached: int
    faults: int
    first_fault: dict[str, str] | None
    refused: str | None
    seconds: float
    unasked: int | None = None
    abstained: dict[str, int] | None = None
    reliability: dict[str, Reliability] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Give a JSON-ready mapping."""
        measured = {stage: found.to_dict() for stage, found in self.reliability.items()}
        return {**super().to_dict(), "reliability": measured}


@dataclass(frozen=True)
class Totals:
    """All voters together; shares lie in [0, 1] and count items.

    ``coverage``: somebody votes; ``overlaps``: several do; ``conflicts``: they do not agree.
    """

    polarity: tuple[str, ...]
    coverage: float
    overlaps: float
    conflicts: float

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
    return _share((voted & votes.disputed[:, None]).sum(axis=0), len(votes))


def totals(votes: VoteMatrix, names: Sequence[str]) -> Totals:
    """Give the shares of all voters together; ``names`` are those of the classes, length k."""
    several = (votes.hard != ABSTAIN).sum(axis=1) > 1
    return Totals(
        polarity=polarity(votes.hard, names),
        coverage=covered_share(votes.covered),
        overlaps=covered_share(several),
        conflicts=covered_share(votes.disputed),
    )


def accuracies(votes: VoteMatrix, gold: npt.NDArray[np.int8]) -> tuple[Floats, npt.NDArray[np.int64]]:
    """Accuracy on gold where a voter votes, shape (m,), NaN without any; and how many votes were judged."""
    judged = (votes.hard != ABSTAIN) & (gold != ABSTAIN)[:, None]
    right = judged & (votes.hard == gold[:, None])
    counts = judged.sum(axis=0)
    shares = np.full(len(counts), np.nan)
    np.divide(right.sum(axis=0), counts, out=shares, where=counts > 0)
    return shares, counts


def voter_shares(votes: VoteMatrix, gold: npt.NDArray[np.int8], names: Sequence[str]) -> list[VoterShares]:
    """Give what each voter's votes come to, in the order of the matrix.

    Parameters
    ----------
    votes : VoteMatrix
        Of n items and m voters.
    gold : array of int8, shape (n,)
        Class indices; -1 where there is none.
    names : sequence of str, length k
        Of the classes.
    """
    accuracy, judged = accuracies(votes, gold)
    low, high = wilson_interval(np.nan_to_num(accuracy) * judged, judged)
    columns = zip(
        coverage(votes), overlaps(votes), conflicts(votes), accuracy, low, high, judged, strict=True
    )
    return [
        VoterShares(
            name=votes.voters[j],
            polarity=polarity(votes.hard[:, j], names),
            coverage=float(covers),
            overlaps=float(shared),
            conflicts=float(disputes),
            accuracy=_number(right),
            accuracy_interval=(round(float(least), 4), round(float(most), 4)) if count else None,
            judged=int(count),
        )
        for j, (covers, shared, disputes, right, least, most, count) in enumerate(columns)
    ]


def summarise_voters(
    applied: AppliedVotes,
    gold: npt.NDArray[np.int8],
    weights: Floats,
    schema: LabelSchema,
    reliability: Mapping[str, dict[str, Reliability]] | None = None,
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
    reliability : mapping of str to mapping of str to Reliability, optional
        Of language models, by voter and stage.
    """
    shares = voter_shares(applied.votes, gold, schema.names)
    return [
        VoterSummary(
            **vars(of_votes),
            weight=_number(weight) if of_votes.coverage else None,
            ran=run.ran,
            cached=run.cached,
            faults=run.faults,
            first_fault=dict(run.first_fault) if run.first_fault else None,
            refused=run.refused,
            seconds=round(run.seconds, 3),
            unasked=None if run.abstained is None else run.unasked,
            abstained=None if run.abstained is None else dict(run.abstained),
            reliability=(reliability or {}).get(run.name, {}),
        )
        for of_votes, weight, run in zip(shares, weights, applied.runs, strict=True)
    ]


def polarity(votes: npt.NDArray[np.int8], names: Sequence[str]) -> tuple[str, ...]:
    """Names of the classes that are voted for."""
    return tuple(names[c] for c in np.unique(votes[votes != ABSTAIN]))


def covered_share(covered: Bools) -> float:
    """Share of items that are in a mask."""
    return float(covered.mean()) if len(covered) else 0.0


def _share(counts: npt.NDArray[np.int64], total: int) -> Floats:
    return np.asarray(counts / max(total, 1))


def _number(value: float) -> float | None:
    return None if np.isnan(value) else round(float(value), 4)

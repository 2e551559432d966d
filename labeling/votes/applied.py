"""Votes on all items of a project with an account of what each voter cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from labeling.types import ABSTAIN, VoteMatrix, digest_of
from labeling.votes import VoteColumn


@dataclass(frozen=True)
class VoterRun:
    """What one voter cost in this run: calls made, calls saved, faults (with the first one's traceback)."""

    name: str
    fingerprint: str
    ran: int = 0
    cached: int = 0
    faults: int = 0
    first_fault: Mapping[str, str] | None = None
    seconds: float = 0.0

    @property
    def version(self) -> str:
        """The first characters of the fingerprint, to tell versions apart."""
        return self.fingerprint[:12]

    def plus(self, column: VoteColumn, *, ran: int, cached: int) -> VoterRun:
        """Add the account of one more block."""
        return replace(
            self,
            ran=self.ran + ran,
            cached=self.cached + cached,
            faults=self.faults + column.faults,
            first_fault=self.first_fault or column.first_fault,
            seconds=self.seconds + column.seconds,
        )


@dataclass(frozen=True)
class AppliedVotes:
    """The votes on all items with an account of each voter, in the order of the matrix's columns."""

    votes: VoteMatrix
    runs: tuple[VoterRun, ...]

    @property
    def ran(self) -> int:
        """Calls made: items times functions."""
        return sum(r.ran for r in self.runs)

    @property
    def cached(self) -> int:
        """Calls that the store saved."""
        return sum(r.cached for r in self.runs)

    @property
    def digest(self) -> str:
        """Digest of the voters' versions; a recorded column's version is its content."""
        return digest_of([(r.name, r.fingerprint) for r in self.runs])


def take_recorded(columns: Mapping[str, npt.NDArray[np.int8]], n_items: int, n_classes: int) -> AppliedVotes:
    """Take votes that the rows carry already; they are read at each run and never stored."""
    hard = np.full((n_items, len(columns)), ABSTAIN, dtype=np.int8)
    for j, codes in enumerate(columns.values()):
        hard[:, j] = codes
    runs = tuple(VoterRun(name, digest_of("recorded", codes.tolist())) for name, codes in columns.items())
    return AppliedVotes(VoteMatrix(hard, tuple(columns), n_classes), runs)


def join_votes(parts: Sequence[AppliedVotes], n_items: int, n_classes: int) -> AppliedVotes:
    """Put the columns of several voter sources side by side."""
    empty = np.empty((n_items, 0), dtype=np.int8)
    hard = np.concatenate([empty, *(p.votes.hard for p in parts)], axis=1)
    voters = tuple(v for p in parts for v in p.votes.voters)
    runs = tuple(r for p in parts for r in p.runs)
    return AppliedVotes(VoteMatrix(hard, voters, n_classes), runs)

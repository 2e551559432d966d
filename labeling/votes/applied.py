"""Votes on all items of a project with an account of what each voter cost."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from labeling.types import ABSTAIN, VoteMatrix, digest_of


@dataclass(frozen=True)
class VoterRun:
    """What one voter cost in this run: calls made, calls saved, faults.

    ``first_fault`` is ``{"item": digest, "row": id, "traceback": text}``; ``refused`` says why the voter
    does not vote at all, None where it does. A language model is asked apart from this: ``answers`` is the
    digest of what it has answered so far, ``unasked`` counts items without an answer, ``abstained`` the
    answers that are no vote, by reason. ``recorded`` votes came with the rows.
    """

    name: str
    fingerprint: str
    ran: int = 0
    cached: int = 0
    faults: int = 0
    first_fault: Mapping[str, str] | None = None
    seconds: float = 0.0
    refused: str | None = None
    answers: str | None = None
    unasked: int = 0
    abstained: Mapping[str, int] | None = None
    recorded: bool = False

    @property
    def kind(self) -> str:
        """What the voter is: ``function``, ``language model`` or ``recorded vote``."""
        if self.recorded:
            return "recorded vote"
        return "function" if self.answers is None else "language model"

    @property
    def version(self) -> str:
        """The first characters of the fingerprint, to tell versions apart."""
        return self.fingerprint[:12]


@dataclass(frozen=True)
class AppliedVotes:
    """The votes on all items with an account of each voter, in the order of the matrix's columns.

    ``confidence`` holds, for each language model by its name, how sure it called itself: float32 of shape
    (n,) in (0, 1], uncalibrated, NaN where it does not vote or does not say.
    """

    votes: VoteMatrix
    runs: tuple[VoterRun, ...]
    confidence: Mapping[str, npt.NDArray[np.float32]] = field(default_factory=dict, repr=False)

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
        """Digest of the voters' versions and answers; a recorded column's version is its content."""
        return digest_of([_identity(run) for run in self.runs])


def take_recorded(columns: Mapping[str, npt.NDArray[np.int8]], n_items: int, n_classes: int) -> AppliedVotes:
    """Take votes that the rows carry already; they are read at each run and never stored."""
    hard = np.full((n_items, len(columns)), ABSTAIN, dtype=np.int8)
    for j, codes in enumerate(columns.values()):
        hard[:, j] = codes
    runs = tuple(VoterRun(name, _content(codes), recorded=True) for name, codes in columns.items())
    return AppliedVotes(VoteMatrix(hard, tuple(columns), n_classes), runs)


def join_votes(parts: Sequence[AppliedVotes], n_items: int, n_classes: int) -> AppliedVotes:
    """Put the columns of several voter sources side by side."""
    if len(parts) == 1:
        return parts[0]
    empty = np.empty((n_items, 0), dtype=np.int8)
    hard = np.concatenate([empty, *(p.votes.hard for p in parts)], axis=1)
    voters = tuple(v for p in parts for v in p.votes.voters)
    runs = tuple(r for p in parts for r in p.runs)
    confidence = {name: sure for p in parts for name, sure in p.confidence.items()}
    return AppliedVotes(VoteMatrix(hard, voters, n_classes), runs, confidence)


def _identity(run: VoterRun) -> tuple[object, ...]:
    answers = () if run.answers is None else (run.answers,)
    return (run.name, run.fingerprint, run.refused is not None, *answers)


def _content(codes: npt.NDArray[np.int8]) -> str:
    return digest_of("recorded", hashlib.sha256(codes.tobytes()).hexdigest())

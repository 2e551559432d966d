"""What a voter has not been asked yet, with a sample of the requests that would ask it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from labeling.items import Items
from labeling.prelabels.estimate import Sized, extrapolate
from labeling.prelabels.voters import public_items
from labeling.project import Project
from labeling.store import llm_history, llm_votes
from labeling.types import CompletionRequest, Ints, LLMVoter, Outcome

SAMPLE = 20
"""Requests of each voter that are sized."""


@dataclass(frozen=True)
class Look:
    """What one voter has been asked: pool rows without an answer, some of these with their requests."""

    voter: LLMVoter
    rows: Ints
    sample: Ints
    requests: list[CompletionRequest]
    answered: int
    abstained: dict[str, int]
    mean_output: float | None


def look_at(project: Project, items: Items, voter: LLMVoter) -> Look:
    """Find what a voter has not been asked, with a sample of its requests."""
    with project.store.read() as tx:
        readings = llm_votes.readings(tx, voter.version)
        output = llm_history.mean_output(tx, voter.model)
    answered = set(readings.items)
    rows = np.flatnonzero([digest not in answered for digest in items.digests])
    present = answered.intersection(items.digests.tolist())
    said = zip(readings.items, readings.outcomes, strict=True)
    abstained = Counter(o for digest, o in said if digest in present and o != Outcome.VOTE)
    sample = (
        rows[np.linspace(0, len(rows) - 1, min(SAMPLE, len(rows))).astype(np.int64)] if len(rows) else rows
    )
    requests = [voter.request(item) for item in public_items(items, sample.tolist())]
    return Look(voter, rows, sample, requests, len(present), dict(abstained), output)


def total_size(items: Items, look: Look, sized: Sequence[Sized]) -> Sized:
    """Give the input tokens of all requests, and of these what they share."""
    if not sized:
        return Sized(0.0, 0.0)
    lengths = np.array([len(items.texts[i]) for i in look.rows.tolist()])
    of_sample = lengths[np.searchsorted(look.rows, look.sample)]
    tokens = extrapolate(of_sample, [size.tokens for size in sized], lengths)
    return Sized(tokens, len(look.rows) * float(np.mean([size.shared for size in sized])))

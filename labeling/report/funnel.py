"""The funnel: how many rows have votes, an accepted label, an open question, a person's answer."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from labeling.report.present import Present
from labeling.types import Bools, Decision

MOST_REASONS = 8


@dataclass(frozen=True)
class Stage:
    """One stage: items, and the rows that hold them."""

    name: str
    items: int
    rows: int


@dataclass(frozen=True)
class Reason:
    """Why so many items take a route."""

    route: str
    why: str
    items: int


@dataclass(frozen=True)
class Funnel:
    """The stages from all rows to those with a person's label, and why items are not accepted.

    ``reasons`` holds the most frequent ones only.
    """

    stages: tuple[Stage, ...]
    reasons: tuple[Reason, ...]

    def to_dict(self) -> dict[str, Any]:
        """Give a JSON-ready mapping."""
        return asdict(self)


def measure_funnel(present: Present) -> Funnel:
    """Count the stages."""
    everything = np.ones(len(present.pool), dtype=bool)
    stages = {
        "rows": everything,
        "covered": present.pool.applied.votes.covered,
        "accepted": present.accepted,
        "in review": present.in_review,
        "gold": present.answered,
    }
    return Funnel(tuple(_stage(present, *stage) for stage in stages.items()), not_accepted(present))


def not_accepted(present: Present) -> tuple[Reason, ...]:
    """Give the most frequent reasons why items are not accepted; none before the first round."""
    given = present.given
    if given is None:
        return ()
    # What the voters and the model think of an item stands before what becomes of it.
    last = (reason.rpartition("; ")[2] for reason in given.reasons)
    counted = Counter(zip(given.decisions, last, strict=True))
    held = [(route, why, n) for (route, why), n in counted.most_common() if route != Decision.ACCEPT]
    return tuple(Reason(*reason) for reason in held[:MOST_REASONS])


def _stage(present: Present, name: str, mask: Bools) -> Stage:
    return Stage(name, int(mask.sum()), present.rows(mask))

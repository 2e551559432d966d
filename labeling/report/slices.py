"""The slices of the config: how far each is covered, accepted and answered, and how right the labels are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from labeling.people.shares import Share
from labeling.report.absent import Absent
from labeling.report.present import Present
from labeling.types import ABSTAIN, Bools

ALL = "all items"


@dataclass(frozen=True)
class SliceLine:
    """One part of the items.

    ``right`` holds the scorer's labels of items that nobody answered against the gold column,
    ``accepted_right`` those of them that are accepted; both are of nothing where there is no such column.
    """

    name: str
    where: str | None
    critical: bool
    items: int
    covered: int
    accepted: int
    in_review: int
    answered: int
    right: Share
    accepted_right: Share

    def to_dict(self) -> dict[str, Any]:
        """Give a JSON-ready mapping."""
        shares = {"right": self.right.to_dict(), "accepted_right": self.accepted_right.to_dict()}
        return {**vars(self), **shares}


@dataclass(frozen=True)
class Slices:
    """All items first, then each slice."""

    lines: tuple[SliceLine, ...]

    def to_dict(self) -> dict[str, Any]:
        """Give a JSON-ready mapping."""
        return {"lines": [line.to_dict() for line in self.lines]}


def measure_slices(present: Present) -> Slices | Absent:
    """Count within each slice."""
    config, items = present.project.config, present.pool.items
    if not config.slices and config.gold is None:
        return Absent("the config has no slices: `slices: {NAME: {where: \"COLUMN == 'x'\"}}` adds one.")
    everything = np.ones(len(items), dtype=bool)
    lines = [_line(present, ALL, None, False, everything)]
    for name, chosen in config.slices.items():
        mask = chosen.expression.mask(items.frame(chosen.expression.columns))
        lines.append(_line(present, name, chosen.where, chosen.critical, mask))
    return Slices(tuple(lines))


def _line(present: Present, name: str, where: str | None, critical: bool, mask: Bools) -> SliceLine:
    gold, machine = present.pool.score_gold, present.machine
    judged = mask & (gold != ABSTAIN) & (machine != ABSTAIN) & ~present.answered
    right = machine == gold
    return SliceLine(
        name=name,
        where=where,
        critical=critical,
        items=int(mask.sum()),
        covered=int((mask & present.pool.applied.votes.covered).sum()),
        accepted=int((mask & present.accepted).sum()),
        in_review=int((mask & present.in_review).sum()),
        answered=int((mask & present.answered).sum()),
        right=Share.of(right, judged),
        accepted_right=Share.of(right, judged & present.accepted),
    )

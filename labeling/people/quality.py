"""How well each person answers: accuracy, confusions, speed, and whether either changes with time."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from labeling.people.agreement import cohen_kappa, cohen_parts
from labeling.people.resampling import Estimate, bootstrap
from labeling.people.responses import Responses
from labeling.people.shares import Share, difference
from labeling.types import ABSTAIN, Bools, Floats, Ints

LEAST_JUDGED = 40
"""Judged answers below which their two halves tell nothing."""

SURE = 0.99
"""Confidence from which a change is told: many people are looked at."""


@dataclass(frozen=True)
class Drift:
    """The share of right answers in the earlier and the later half of a person's judged answers."""

    earlier: Share
    later: Share

    @property
    def said(self) -> str | None:
        """The change in words; None where chance explains it."""
        low, high = difference(self.later, self.earlier, SURE)
        if low <= 0 <= high:
            return None
        word = "better" if low > 0 else "worse"
        return (
            f"became {word}: {self.earlier.value:.0%} right in the first half, {self.later.value:.0%} later"
        )

    def to_dict(self) -> dict[str, Any]:
        """Give a JSON-ready mapping."""
        return {"earlier": self.earlier.to_dict(), "later": self.later.to_dict(), "said": self.said}


@dataclass(frozen=True)
class Quality:
    """How well a person answers.

    Attributes
    ----------
    answers : int
    on_checks : Share
        Right answers among those to items whose class was known.
    with_others : Share
        Answers that are what the others' answers make most probable.
    kappa : Estimate
        Agreement with either beyond chance: near 0 where answers do not depend on the item.
    confusion : array of int, shape (k, k)
        Answers by the class that they are held against, in rows, and the class named.
    seconds : float or None
        Median, breaks left out.
    drift : Drift or None
        None with few judged answers.
    """

    answers: int
    on_checks: Share
    with_others: Share
    kappa: Estimate
    confusion: Ints = field(repr=False)
    seconds: float | None
    drift: Drift | None


def quality(
    responses: Responses, person: int, checks: Ints, others: Ints, standard: Ints, n_classes: int
) -> Quality:
    """Judge the answers of one person, by index.

    Parameters
    ----------
    responses : Responses
        a answers on m items.
    checks : array of int, shape (m,)
        Known classes; -1 without.
    others, standard : array of int, shape (a,)
        What ``said_by_others`` and ``held_against`` give.
    """
    mine = responses.of(person)
    said, known = responses.answers.labels, checks[responses.answers.items]
    judged = mine & (standard != ABSTAIN)
    right = said == standard
    return Quality(
        answers=int(mine.sum()),
        on_checks=Share.of(said == known, mine & (known != ABSTAIN)),
        with_others=Share.of(said == others, mine & (others != ABSTAIN)),
        kappa=_kappa(standard[judged], said[judged], n_classes, person),
        confusion=confusion(standard[judged], said[judged], n_classes),
        seconds=median_seconds(responses, mine),
        drift=drift(right[judged]),
    )


def confusion(standard: Ints, said: Ints, n_classes: int) -> Ints:
    """Count answers by what they are held against, in rows, and what was named, shape (k, k)."""
    table = np.zeros((n_classes, n_classes), dtype=np.int64)
    np.add.at(table, (standard, said), 1)
    return table


def drift(right: Bools) -> Drift | None:
    """Compare the earlier with the later half of judged answers, shape (j,), in order of time."""
    if len(right) < LEAST_JUDGED:
        return None
    first, second = np.array_split(right, 2)
    everything = (np.ones(len(half), dtype=bool) for half in (first, second))
    return Drift(*(Share.of(half, whole) for half, whole in zip((first, second), everything, strict=True)))


def median_seconds(responses: Responses, mask: Bools) -> float | None:
    """Give the median of the seconds of some answers, breaks left out; None where none was timed."""
    timed = responses.unbroken[mask]
    timed = timed[np.isfinite(timed)]
    return float(np.median(timed)) if len(timed) else None


def _kappa(standard: Ints, said: Ints, n_classes: int, seed: int) -> Estimate:
    def measure(sums: Floats) -> Floats:
        return cohen_kappa(sums)[:, None]

    return bootstrap(cohen_parts(standard, said, n_classes), measure, seed)[0]

"""How well each person answers: accuracy, confusions, speed, and whether either changes with time."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from labeling.people.agreement import cohen_kappa, cohen_parts
from labeling.people.drift import Drift, Pace, drift, pace
from labeling.people.resampling import Estimate, bootstrap
from labeling.people.responses import Responses
from labeling.people.shares import Share
from labeling.types import ABSTAIN, Bools, Floats, Ints


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
    drift, pace : Drift and Pace, or None
        Whether accuracy and speed changed; None with few judged or timed answers.
    """

    answers: int
    on_checks: Share
    with_others: Share
    kappa: Estimate
    confusion: Ints = field(repr=False)
    seconds: float | None
    drift: Drift | None
    pace: Pace | None


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
        pace=pace(responses.unbroken[mine]),
    )


def confusion(standard: Ints, said: Ints, n_classes: int) -> Ints:
    """Count answers by what they are held against, in rows, and what was named, shape (k, k)."""
    table = np.zeros((n_classes, n_classes), dtype=np.int64)
    np.add.at(table, (standard, said), 1)
    return table


def median_seconds(responses: Responses, mask: Bools) -> float | None:
    """Give the median of the seconds of some answers, breaks left out; None where none was timed."""
    timed = responses.unbroken[mask]
    timed = timed[np.isfinite(timed)]
    return float(np.median(timed)) if len(timed) else None


def _kappa(standard: Ints, said: Ints, n_classes: int, seed: int) -> Estimate:
    def measure(sums: Floats) -> Floats:
        return cohen_kappa(sums)[:, None]

    return bootstrap(cohen_parts(standard, said, n_classes), measure, seed)[0]

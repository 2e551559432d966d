"""What answers take: seconds and cost, breaks left out, so far and for what is open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from labeling.people.resampling import Estimate, bootstrap
from labeling.types import Floats, Ints

HOUR = 3600.0
FENCE = 3.0
"""Quartile distances above the upper quartile, of the logarithm, from which a time holds a break."""

LEAST_TIMES = 8
"""Times of a person from which the fence is the person's own."""


def fence(seconds: Floats) -> float:
    """Give the seconds above which an answer was interrupted, infinity of nothing (Tukey, 1977, far out).

    On the logarithm, for answers take from some seconds to some minutes without any break.
    """
    logs = np.log(seconds[seconds > 0])
    if not len(logs):
        return np.inf
    lower, upper = np.quantile(logs, [0.25, 0.75])
    # Times that are nearly all the same would else make breaks of what took a little longer.
    return float(np.exp(upper + FENCE * max(upper - lower, 0.5)))


def without_breaks(seconds: Floats, people: Ints) -> Floats:
    """Give the seconds of each answer, shape (a,), NaN where none are told or the person had a break.

    Parameters
    ----------
    seconds : array of float, shape (a,)
        As the page tells them; NaN where it does not.
    people : array of int, shape (a,)
    """
    timed = np.isfinite(seconds)
    of_all = fence(seconds[timed])
    kept = np.where(timed, seconds, np.nan)
    for person in np.unique(people):
        mine = people == person
        times = seconds[mine & timed]
        limit = fence(times) if len(times) >= LEAST_TIMES else of_all
        kept[mine & (kept > limit)] = np.nan
    return kept


@dataclass(frozen=True)
class Effort:
    """What people's answers took and what open ones will.

    Attributes
    ----------
    answers, untimed, breaks : int
        Answers and skips; how many came without a time; how many took so long that the person had a break.
    per_answer : Estimate
        Mean seconds, breaks left out.
    hours : float or None
        Of all answers, those without a usable time at the mean; None where none was timed.
    open : int
        Tasks that wait, of all lanes, the audit's missing answers included.
    hours_ahead : float or None
    cost, cost_ahead : float or None
        In the unit of ``people.cost_per_hour``; None where that is not set.
    """

    answers: int
    untimed: int
    breaks: int
    per_answer: Estimate
    hours: float | None
    open: int
    hours_ahead: float | None
    cost: float | None
    cost_ahead: float | None

    def to_dict(self) -> dict[str, Any]:
        """Give a JSON-ready mapping."""
        rounded = {
            name: None if (value := getattr(self, name)) is None else round(value, 4)
            for name in ("hours", "hours_ahead", "cost", "cost_ahead")
        }
        counts = {name: getattr(self, name) for name in ("answers", "untimed", "breaks", "open")}
        return {**counts, "per_answer": self.per_answer.to_dict(), **rounded}


def effort(seconds: Floats, people: Ints, waiting: int, cost_per_hour: float | None) -> Effort:
    """Add up what answers and skips took, shape (a,) each; ``waiting`` tasks are still to come."""
    kept = without_breaks(seconds, people)
    timed = np.isfinite(kept)
    [mean] = bootstrap(np.column_stack([kept[timed], np.ones(timed.sum())]), _mean)
    hours = None if mean.value is None else float(np.nansum(kept) + (~timed).sum() * mean.value) / HOUR
    ahead = None if mean.value is None else waiting * mean.value / HOUR
    untimed = int((~np.isfinite(seconds)).sum())
    return Effort(
        answers=len(seconds),
        untimed=untimed,
        breaks=int((~timed).sum()) - untimed,
        per_answer=mean,
        hours=hours,
        open=waiting,
        hours_ahead=ahead,
        cost=_cost(hours, cost_per_hour),
        cost_ahead=_cost(ahead, cost_per_hour),
    )


def _mean(sums: Floats) -> Floats:
    return np.where(sums[:, 1:] > 0, sums[:, :1] / np.maximum(sums[:, 1:], 1), np.nan)


def _cost(hours: float | None, cost_per_hour: float | None) -> float | None:
    return None if hours is None or cost_per_hour is None else hours * cost_per_hour

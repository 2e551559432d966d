"""How far a run is: its rate, what is spent, the time that is left."""

from __future__ import annotations

import time
from collections.abc import Callable

from labeling.project import Progress
from labeling.spending.budget import Budget
from labeling.spending.tally import Tally

SHOW_SECONDS = 0.2


class Meter:
    """Shows the progress of one voter, a few times per second at most.

    Parameters
    ----------
    progress : callable
    name : str
        Of the voter.
    total : int
        Items in all; 0 where nobody knows, then nothing is shown.
    """

    def __init__(
        self, progress: Progress, name: str, total: int, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._progress, self._name, self._total, self._clock = progress, name, total, clock
        self._start, self._shown = clock(), float("-inf")

    def show(self, tally: Tally, budget: Budget, *, last: bool = False) -> None:
        """Show how far it is, unless that was shown just now."""
        now = self._clock()
        done = tally.items
        if not self._total or (now - self._shown < SHOW_SECONDS and not last):
            return
        self._shown = now
        asked = done - tally.cached
        rate = asked / (now - self._start) if now > self._start else 0.0
        left = (self._total - done) / rate if rate else None
        self._progress(
            describe(self._name, rate, tally.cost, budget, left), min(done, self._total), self._total
        )


def describe(name: str, rate: float, cost: float | None, budget: Budget, left: float | None) -> str:
    """Say it in a line.

    Parameters
    ----------
    rate : float
        Answers per second.
    cost : float, optional
        US dollars of this run.
    left : float, optional
        Seconds.
    """
    parts = [f"{rate:.1f}/s"]
    if budget.limit is not None:
        parts.append(f"${budget.spent:.2f} of ${budget.limit:.2f} spent")
    elif cost is not None:
        parts.append(f"${cost:.2f} spent")
    if left is not None:
        parts.append(f"{_span(left)} left")
    return f"{name}: {', '.join(parts)}"


def _span(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes / 60:.1f} h"

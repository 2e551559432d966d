"""Intervals by drawing items anew: the bootstrap of measures that are functions of sums over items."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from labeling.types import Floats

DRAWS = 1000
LEAST_DRAWS = 200
MOST_DRAWN = 5_000_000
"""Items that are drawn for an interval; of very many items fewer draws tell as much as anybody reads."""

LEVEL = 0.95
DRAWS_AT_ONCE = 100
LEAST_ITEMS = 10
"""Items below which drawing them anew tells nothing of how far a measure may be off."""


@dataclass(frozen=True)
class Estimate:
    """A measure with its 95 % interval, of so many items.

    ``value`` is None where it is not defined, such as agreement where only one class was ever named; the
    interval is None where there are too few items for one.
    """

    value: float | None
    low: float | None
    high: float | None
    items: int

    def to_dict(self) -> dict[str, Any]:
        """Give a JSON-ready mapping."""
        rounded = (None if x is None else round(x, 4) for x in (self.value, self.low, self.high))
        return dict(zip(("value", "low", "high"), rounded, strict=True)) | {"items": self.items}

    def __str__(self) -> str:
        if self.value is None:
            return "–"
        if self.low is None or self.high is None:
            return f"{self.value:.2f}"
        return f"{self.value:.2f} ({self.low:.2f} to {self.high:.2f})"


def bootstrap(per_item: Floats, measure: Callable[[Floats], Floats], seed: int = 0) -> list[Estimate]:
    """Estimate measures with the percentile interval of the bootstrap over items (Efron, 1979).

    Items are what is drawn, never single answers: answers to one item depend on one another.

    Parameters
    ----------
    per_item : array, shape (m, s)
        What each item adds to the s sums that the measures are made of.
    measure : callable
        From sums, shape (b, s), to measures, shape (b, q), NaN where they are not defined.
    seed : int

    Returns
    -------
    list of Estimate, length q
    """
    items = len(per_item)
    values = measure(per_item.sum(axis=0, keepdims=True))[0]
    if items < LEAST_ITEMS:
        return [Estimate(_number(value), None, None, items) for value in values]
    draws = int(np.clip(MOST_DRAWN // items, LEAST_DRAWS, DRAWS))
    drawn = np.concatenate([measure(sums) for sums in redrawn(per_item, seed, draws)])
    return [_estimate(value, found, items) for value, found in zip(values, drawn.T, strict=True)]


def redrawn(per_item: Floats, seed: int, draws: int) -> Iterator[Floats]:
    """Draw as many items as there are, with replacement, again and again; give their sums, (b, s) each."""
    rng = np.random.default_rng(seed)
    items = len(per_item)
    for start in range(0, draws, DRAWS_AT_ONCE):
        size = min(DRAWS_AT_ONCE, draws - start)
        yield rng.multinomial(items, np.full(items, 1 / items), size=size) @ per_item


def _estimate(value: float, drawn: Floats, items: int) -> Estimate:
    known = drawn[np.isfinite(drawn)]
    if not np.isfinite(value) or not len(known):
        return Estimate(_number(value), None, None, items)
    low, high = np.quantile(known, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Estimate(float(value), float(min(low, value)), float(max(high, value)), items)


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None

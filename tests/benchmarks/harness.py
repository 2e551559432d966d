"""Times ours against a peer, side by side in one run."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

REPEATS = 3
ENOUGH_SECONDS = 30.0
"""A comparison that has taken so long is not repeated: a short disturbance weighs little in it."""


@dataclass(frozen=True)
class Result:
    """Seconds of both, how many times the peer's ours fits in, and whether both give the same."""

    ours: float
    peer: float
    ratio: float
    floor: float
    equal: bool
    unit: str = "s"

    @property
    def good(self) -> bool:
        return self.equal and self.ratio >= self.floor


def compare(
    ours: Callable[[], Any], peer: Callable[[], Any], same: Callable[[Any, Any], bool], floor: float
) -> Result:
    """Time both in turn, so that a noisy machine disturbs both alike; the best of several counts."""
    times: dict[str, list[float]] = {"ours": [], "peer": []}
    begin = time.perf_counter()
    for _ in range(REPEATS):
        for name, run in (("ours", ours), ("peer", peer)):
            start = time.perf_counter()
            last = run()
            times[name].append(time.perf_counter() - start)
            if name == "ours":
                mine = last
        if time.perf_counter() - begin > ENOUGH_SECONDS:
            break
    best = {name: min(taken) for name, taken in times.items()}
    ratio = best["peer"] / best["ours"]
    return Result(round(best["ours"], 4), round(best["peer"], 4), round(ratio, 2), floor, same(mine, last))


Benchmark = tuple[Callable[[int], Result], int, int]
"""What to run, with the rows of a short run and of a full one."""

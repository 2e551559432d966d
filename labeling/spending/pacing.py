"""How many calls are out at once, and when the next may go: as much as the server bears, no more.

Additive increase and multiplicative decrease (Chiu & Jain 1989), doubling until the first refusal as in TCP's
slow start (Jacobson 1988); back-off with full jitter (Brooker 2015).
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from labeling.spending.bucket import Bucket
from labeling.types import RateLimits, Usage

FIRST = 4
"""Calls at once at the beginning."""
DECREASE = 0.5
MEMORY = 100
"""Answers over which the tokens of a call are averaged."""
BASE_SECONDS = 1.0
MOST_SECONDS = 60.0


def backoff(attempt: int, draw: float) -> float:
    """Give the seconds to wait before another attempt, up to ``MOST_SECONDS``.

    Parameters
    ----------
    attempt : int
        How many failed already, from 1.
    draw : float
        Uniform in [0, 1).
    """
    return draw * min(MOST_SECONDS, BASE_SECONDS * 2.0 ** (attempt - 1))


@dataclass
class Pace:
    """Lets calls go; what became of them changes how many.

    Attributes
    ----------
    most : int
        The most calls at once, whatever the server bears.
    allowed : float
        Calls at once at present, from 1 to ``most``.
    refusals : int
        Rounds of refusals since a call was answered last.
    """

    most: int
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    draw: Callable[[], float] = random.random
    allowed: float = 0.0
    refusals: int = 0
    _out: int = 0
    _opens_at: float = 0.0
    _decreased_at: float = float("-inf")
    _has_refused: bool = False
    _freed: asyncio.Event = field(default_factory=asyncio.Event, repr=False)

    def __post_init__(self) -> None:
        self.allowed = float(min(FIRST, self.most))
        self._requests, self._input, self._output = (Bucket(self.clock) for _ in range(3))
        self._answers, self._mean_input, self._mean_output = 0, 0.0, 0.0

    async def enter(self) -> float:
        """Wait for leave to send a call, and give the moment, for `leave` and `refused`."""
        while self._out >= int(self.allowed):
            self._freed.clear()
            await self._freed.wait()
        self._out += 1
        try:
            await self._wait()
        except BaseException:
            self.leave()
            raise
        return self.clock()

    def leave(self) -> None:
        """Say that a call is over, whatever became of it."""
        self._out -= 1
        self._freed.set()

    def answered(self, usage: Usage) -> None:
        """Say that a call was answered: more may be out. Input that a cache gave counts towards no rate."""
        self.refusals = 0
        more = 1.0 / self.allowed if self._has_refused else 1.0
        self.allowed = min(float(self.most), self.allowed + more)
        self._answers += 1
        share = 1.0 / min(self._answers, MEMORY)
        self._mean_input += share * (usage.input + usage.cache_write - self._mean_input)
        self._mean_output += share * (usage.output - self._mean_output)

    def refused(self, entered: float, retry_after: float | None) -> None:
        """Say that the server refused a call for its rate or load: fewer may be out, and none for a while.

        Calls that went before the last decrease say nothing new.
        """
        now = self.clock()
        if retry_after is not None:
            self._opens_at = max(self._opens_at, now + retry_after)
        if entered <= self._decreased_at:
            return
        self._has_refused = True
        self.refusals += 1
        self._decreased_at = now
        self.allowed = max(1.0, self.allowed * DECREASE)
        if retry_after is None:
            self._opens_at = max(self._opens_at, now + backoff(self.refusals, self.draw()))

    def follow(self, limits: RateLimits) -> None:
        """Keep to the rates that a server tells."""
        self._requests.allow(limits.requests, limits.requests_left)
        self._input.allow(limits.input_tokens)
        self._output.allow(limits.output_tokens)

    async def _wait(self) -> None:
        waits = (
            self._requests.take(1.0),
            self._input.take(self._mean_input),
            self._output.take(self._mean_output),
        )
        until = self.clock() + max(waits)
        while (left := max(until, self._opens_at) - self.clock()) > 0:
            await self.sleep(left)

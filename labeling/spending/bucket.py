"""What a server allows per minute, as a bucket that fills steadily."""

from __future__ import annotations

from collections.abc import Callable

MINUTE = 60.0


class Bucket:
    """Holds at most what a minute allows, and is full at first; without a limit nobody ever waits."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._limit: float | None = None
        self._level = 0.0
        self._at = 0.0

    def allow(self, per_minute: float | None, left: float | None = None) -> None:
        """Take over what the server says: its limit, and what it knows to be left at most."""
        if per_minute is None or per_minute <= 0:
            self._limit = None
            return
        self._fill()
        if per_minute != self._limit:
            self._limit, self._level, self._at = per_minute, per_minute, self._clock()
        if left is not None:
            self._level = min(self._level, left)

    def take(self, amount: float) -> float:
        """Take some out, and give the seconds until it is there."""
        if self._limit is None:
            return 0.0
        self._fill()
        self._level -= amount
        return max(0.0, -self._level * MINUTE / self._limit)

    def _fill(self) -> None:
        now = self._clock()
        if self._limit is not None:
            self._level = min(self._limit, self._level + (now - self._at) * self._limit / MINUTE)
        self._at = now

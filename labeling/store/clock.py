"""The present moment as the store writes it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


def now(after: float = 0.0) -> str:
    """Give the time ``after`` seconds from now, ISO 8601 in UTC; such strings sort in order of time.

    Examples
    --------
    >>> now() < now(after=60)
    True
    """
    moment = datetime.now(UTC) + timedelta(seconds=after)
    return moment.isoformat(timespec="microseconds")

"""What a server says beside its answers: limits of its rate, and how long to wait."""

from __future__ import annotations

import time
from collections.abc import Mapping
from email.utils import mktime_tz, parsedate_tz

from labeling.types import RateLimits

PREFIX = "anthropic-ratelimit-"


def rate_limits(headers: Mapping[str, str], before: RateLimits) -> RateLimits:
    """Read the limits of a response; what it does not say stays as it was.

    Examples
    --------
    >>> rate_limits({"anthropic-ratelimit-requests-limit": "50"}, RateLimits(output_tokens=8000))
    RateLimits(requests=50, requests_left=None, input_tokens=None, output_tokens=8000)
    """
    if f"{PREFIX}requests-limit" not in headers:
        return before
    return RateLimits(
        requests=_number(headers, "requests-limit", before.requests),
        requests_left=_number(headers, "requests-remaining", before.requests_left),
        input_tokens=_number(headers, "input-tokens-limit", before.input_tokens),
        output_tokens=_number(headers, "output-tokens-limit", before.output_tokens),
    )


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Read how many seconds to wait: ``retry-after-ms``, or ``retry-after`` in seconds or as a date.

    Examples
    --------
    >>> retry_after({"retry-after": "1.5"}), retry_after({"retry-after-ms": "20"}), retry_after({})
    (1.5, 0.02, None)
    """
    milliseconds, seconds = headers.get("retry-after-ms"), headers.get("retry-after", "")
    for text, unit in ((milliseconds, 0.001), (seconds, 1.0)):
        wait = _seconds(text, unit)
        if wait is not None:
            return wait
    date = parsedate_tz(seconds)
    return max(0.0, mktime_tz(date) - time.time()) if date else None


def _seconds(text: str | None, unit: float) -> float | None:
    try:
        wait = float(text or "") * unit
    except ValueError:
        return None
    return wait if 0 <= wait < float("inf") else None


def _number(headers: Mapping[str, str], name: str, otherwise: int | None) -> int | None:
    text = headers.get(PREFIX + name, "")
    return int(text) if text.isdecimal() else otherwise

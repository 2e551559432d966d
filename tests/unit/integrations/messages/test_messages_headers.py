from __future__ import annotations

import time
from email.utils import formatdate

import pytest

from integrations.messages.headers import rate_limits, retry_after
from labeling.types import RateLimits

FULL = {
    "anthropic-ratelimit-requests-limit": "50",
    "anthropic-ratelimit-requests-remaining": "49",
    "anthropic-ratelimit-input-tokens-limit": "30000",
    "anthropic-ratelimit-output-tokens-limit": "8000",
}


def test_limits_are_read() -> None:
    assert rate_limits(FULL, RateLimits()) == RateLimits(50, 49, 30000, 8000)


def test_what_is_not_said_stays() -> None:
    before = RateLimits(1, 2, 3, 4)
    assert rate_limits({}, before) is before
    assert rate_limits({"anthropic-ratelimit-requests-limit": "9"}, before) == RateLimits(9, 2, 3, 4)
    assert rate_limits({"anthropic-ratelimit-requests-limit": "many"}, before) == before


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "2"}, 2.0),
        ({"retry-after": "0"}, 0.0),
        ({"retry-after": "2", "retry-after-ms": "1500"}, 1.5),
        ({"retry-after": "2", "retry-after-ms": "soon"}, 2.0),
        ({"retry-after": "-3"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "tomorrow"}, None),
        ({}, None),
    ],
)
def test_how_long_to_wait(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers) == seconds


def test_a_date_to_wait_for_is_a_number_of_seconds() -> None:
    ahead = retry_after({"retry-after": formatdate(time.time() + 100, usegmt=True)})
    assert ahead is not None
    assert 95 < ahead <= 101
    assert retry_after({"retry-after": formatdate(time.time() - 100, usegmt=True)}) == 0.0

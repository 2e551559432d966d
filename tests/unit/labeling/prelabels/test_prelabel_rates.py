from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from labeling.prelabels.rates import KnownRates, keep_rates, read_rates
from labeling.store import Store, open_store
from labeling.types import RateLimits


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(f"sqlite:///{tmp_path}/state.db")
    yield opened
    opened.close()


def test_the_tightest_limit_counts() -> None:
    limits = RateLimits(requests=600, input_tokens=10_000, output_tokens=1000)
    assert KnownRates(limits).seconds(600, 1000, 100) == (60.0, "the server's rate limit")
    assert KnownRates(limits).seconds(60, 50_000, 100) == (300.0, "the server's rate limit")
    assert KnownRates(limits).seconds(60, 1000, 8000) == (480.0, "the server's rate limit")


def test_the_pace_counts_where_no_limit_is_known_and_nothing_is_guessed() -> None:
    assert KnownRates(RateLimits(), pace=4.0).seconds(100, 1, 1) == (25.0, "the pace of the last run")
    assert KnownRates(RateLimits()).seconds(100, 1, 1) is None


def test_rates_are_kept_by_model(store: Store) -> None:
    keep_rates(store, "m", RateLimits(50, 3, 1000, None), 10, 4.0)
    assert read_rates(store, "m") == KnownRates(RateLimits(50, None, 1000, None), 2.5)
    assert read_rates(store, "other") == KnownRates(RateLimits())
    keep_rates(store, "m", RateLimits(), 0, 4.0)
    assert read_rates(store, "m").pace == 2.5

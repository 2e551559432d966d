from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeling.prelabels.costs import expected_cost, known_sum, savings, total
from labeling.prelabels.estimate import Sized, estimate_size, extrapolate, without_shared
from labeling.types import CompletionRequest, Price, Rates, Turn

PRICE = Price(Rates(input=1, output=5, cache_write_5m=1.25, cache_write_1h=2, cache_read=0.1))


def request(text: str, system: str = "s" * 320) -> CompletionRequest:
    return CompletionRequest("m", system, (Turn("user", text),), 100)


def test_an_estimate_grows_with_the_bytes_of_all_texts() -> None:
    least = estimate_size(request("x"))
    assert estimate_size(request("x" * 100)).tokens > least.tokens
    assert estimate_size(request("語" * 100)).tokens > estimate_size(request("x" * 100)).tokens
    assert least.shared == estimate_size(request("y" * 1000)).shared == 100
    assert estimate_size(without_shared(request("x"))).shared == 0


def test_a_line_is_extrapolated_exactly() -> None:
    lengths = np.array([3, 500, 20, 80])
    found = extrapolate(lengths[:2], [7 + 2 * 3, 7 + 2 * 500], lengths)
    assert found == pytest.approx((7 + 2 * lengths).sum())


def test_texts_of_one_length_are_extrapolated_by_their_mean() -> None:
    assert extrapolate(np.array([5, 5]), [10.0, 12.0], np.array([5, 5, 5, 5])) == 44.0


@given(
    st.lists(st.tuples(st.integers(0, 5000), st.integers(1, 5000)), min_size=1, max_size=20),
    st.lists(st.integers(5000, 10_000), min_size=1, max_size=20),
)
def test_longer_texts_are_never_taken_for_fewer_tokens(
    sample: list[tuple[int, int]], more: list[int]
) -> None:
    lengths, tokens = np.array([x for x, _ in sample]), [float(y) for _, y in sample]
    found = extrapolate(lengths, tokens, np.array(more))
    assert found >= len(more) * np.mean(tokens) - 1e-6


def test_the_cost_of_requests_of_equal_size() -> None:
    assert expected_cost(PRICE, 2_000_000, 100_000, 1000, "direct") == pytest.approx(2.5)
    assert expected_cost(PRICE, 2_000_000, 100_000, 1000, "batch") == pytest.approx(1.25)
    assert expected_cost(PRICE, 0.0, 0.0, 0, "direct") == 0
    assert expected_cost(None, 2_000_000, 100_000, 1000, "direct") is None


def test_long_prompts_are_planned_at_their_own_rates() -> None:
    price = Price(PRICE.rates, 0.5, 1000, Rates(10, 50, 12.5, 20, 1))
    assert expected_cost(price, 2_000_000, 0, 2000, "direct") == pytest.approx(2.0)
    assert expected_cost(price, 2_000_000, 0, 1998, "direct") == pytest.approx(20.0)


def test_what_the_cache_and_batches_would_save() -> None:
    """1,000 requests that share 1,000 tokens: one is written at 1.25, 999 are read at .1 instead of 1."""
    saved = savings(PRICE, Sized(1_500_000, 1_000_000), 100_000, 1000, "5m", "direct")
    assert saved.caching == pytest.approx((999 * 1000 * 0.9 - 1000 * 0.25) / 1e6)
    assert saved.batch == pytest.approx((1.5 + 0.5) / 2)
    batched = savings(PRICE, Sized(1_500_000, 1_000_000), 100_000, 1000, "5m", "batch")
    assert batched.caching == pytest.approx(saved.caching / 2)
    assert batched.batch is None


def test_a_cache_that_is_not_asked_for_or_never_read_saves_nothing() -> None:
    assert savings(PRICE, Sized(1500, 1000), 100, 1, "5m", "direct").caching == 0
    assert savings(PRICE, Sized(1500, 1000), 100, 10, None, "direct").caching is None
    assert savings(None, Sized(1500, 1000), 100, 10, "5m", "direct").batch is None
    assert savings(PRICE, Sized(0, 0), 0, 0, "5m", "direct").batch is None


def test_sums_of_what_is_not_known() -> None:
    assert (total([1.0, 0.5]), total([1.0, None])) == (1.5, None)
    assert (known_sum([1.0, None]), known_sum([None]), known_sum([])) == (1.0, None, None)

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeling.spending.worst_case import SCAFFOLD_TOKENS, most_input, worst_cost
from labeling.types import CompletionRequest, Price, Rates, Turn, Usage

RATES = Rates(1.0, 5.0, 1.25, 2.0, 0.1)
PRICE = Price(RATES)
LONG = Price(RATES, long_from=2_000, long_rates=Rates(10.0, 50.0, 12.5, 20.0, 1.0))


def request(text: str = "x" * 100, **given: object) -> CompletionRequest:
    return CompletionRequest("m", "system", (Turn("user", text),), 50, **given)  # type: ignore[arg-type]


def test_a_token_holds_a_byte_at_least() -> None:
    assert most_input(request()) == SCAFFOLD_TOKENS + 106
    assert most_input(request("é")) == SCAFFOLD_TOKENS + 8
    assert most_input(request("\ud83d")) == SCAFFOLD_TOKENS + 9
    assert most_input(request(schema={"a": 1})) == most_input(request()) + len('{"a": 1}')


@pytest.mark.parametrize(("ttl", "rate"), [(None, 1.25), ("5m", 1.25), ("1h", 2.0)])
def test_the_worst_is_all_written_to_the_cache(ttl: str | None, rate: float) -> None:
    expected = (most_input(request()) * rate + 50 * 5.0) / 1e6
    assert worst_cost(PRICE, request(cache_ttl=ttl)) == pytest.approx(expected)


def test_a_batch_costs_half() -> None:
    assert worst_cost(PRICE, request(), batch=True) == pytest.approx(worst_cost(PRICE, request()) / 2)


def test_long_prompts_are_dearer() -> None:
    assert worst_cost(LONG, request()) == worst_cost(PRICE, request())
    long = request("x" * 2_000)
    assert worst_cost(LONG, long) == pytest.approx(10 * worst_cost(PRICE, long))


@given(
    st.text(max_size=3000),
    st.tuples(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1)),
    st.integers(0, 50),
    st.sampled_from([None, "5m", "1h"]),
    st.sampled_from([PRICE, LONG]),
)
def test_no_usage_costs_more(
    text: str, shares: tuple[float, float, float], output: int, ttl: str | None, price: Price
) -> None:
    asked = request(text, cache_ttl=ttl)
    most, whole = most_input(asked), sum(shares) or 1.0
    parts = [int(most * share / whole) for share in shares]
    usage = Usage(parts[0], output, parts[1], parts[2])
    assert price.of(usage, ttl) <= worst_cost(price, asked) + 1e-12

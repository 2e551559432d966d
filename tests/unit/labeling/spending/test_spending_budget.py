from __future__ import annotations

import asyncio
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeling.errors import GateRefused
from labeling.spending.budget import Budget


def test_what_fits_is_held_and_settled() -> None:
    async def scene() -> Budget:
        budget = Budget("m", 1.0, spent=0.25)
        await budget.reserve(0.5)
        assert (budget.held, budget.fits(0.25), budget.fits(0.26)) == (0.5, True, False)
        budget.settle(0.5, 0.1)
        return budget

    budget = asyncio.run(scene())
    assert (budget.spent, budget.held) == (pytest.approx(0.35), 0.0)


def test_a_refund_gives_all_back_and_a_loss_nothing() -> None:
    async def scene() -> Budget:
        budget = Budget("m", 1.0)
        await budget.reserve(0.5)
        budget.settle(0.5, None)
        assert budget.spent == 0.0
        await budget.reserve(0.5)
        budget.settle(0.5, 0.5)
        return budget

    assert asyncio.run(scene()).spent == 0.5


def test_what_does_not_fit_is_refused_with_what_to_do() -> None:
    async def scene() -> None:
        await Budget("claude-x", 1.0, spent=0.9).reserve(0.2)

    with pytest.raises(GateRefused) as refused:
        asyncio.run(scene())
    assert refused.value.exit_code == 3
    for part in ("claude-x", "$0.9000", "$1.00", "$0.2000", "raise `budget`"):
        assert part in str(refused.value)


def test_calls_that_are_out_may_still_leave_enough() -> None:
    async def scene() -> None:
        budget = Budget("m", 1.0)
        await budget.reserve(0.9)
        waiting = asyncio.create_task(budget.reserve(0.5))
        await asyncio.sleep(0)
        assert not waiting.done()
        budget.settle(0.9, 0.1)
        await waiting
        assert budget.held == 0.5

    asyncio.run(scene())


def test_when_all_are_in_and_it_is_too_little_the_waiting_are_refused() -> None:
    async def scene() -> None:
        budget = Budget("m", 1.0)
        await budget.reserve(0.9)
        waiting = [asyncio.create_task(budget.reserve(0.5)) for _ in range(3)]
        await asyncio.sleep(0)
        budget.settle(0.9, 0.8)
        ended = await asyncio.gather(*waiting, return_exceptions=True)
        assert [type(error) for error in ended] == [GateRefused] * 3

    asyncio.run(scene())


def test_without_a_limit_or_a_price_nothing_is_refused() -> None:
    async def scene() -> None:
        await Budget("m", None, spent=1e9).reserve(1e9)
        await Budget("m", 0.0).reserve(None)

    asyncio.run(scene())


@given(st.lists(st.tuples(st.floats(0.01, 0.5), st.floats(0, 1)), max_size=40), st.integers(0, 1000))
def test_never_more_than_the_limit(calls: list[tuple[float, float]], seed: int) -> None:
    async def call(budget: Budget, worst: float, share: float, draw: random.Random) -> None:
        await budget.reserve(worst)
        for _ in range(draw.randrange(4)):
            await asyncio.sleep(0)
        budget.settle(worst, worst * share)
        assert budget.spent + budget.held <= 1.0 + 1e-9

    async def scene() -> None:
        budget, draw = Budget("m", 1.0), random.Random(seed)
        ended = await asyncio.gather(*(call(budget, *c, draw) for c in calls), return_exceptions=True)
        assert all(end is None or isinstance(end, GateRefused) for end in ended)
        assert budget.held == pytest.approx(0.0)

    asyncio.run(scene())

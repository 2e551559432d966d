from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeling.spending.pacing import FIRST, MOST_SECONDS, Pace, backoff
from labeling.types import RateLimits, Usage

USAGE = Usage(10, 5)


class Time:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def clock(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def time() -> Time:
    return Time()


def pace(time: Time, most: int = 32, draw: float = 0.5) -> Pace:
    return Pace(most, clock=time.clock, sleep=time.sleep, draw=lambda: draw)


@pytest.mark.parametrize(
    ("attempt", "most"), [(1, 1.0), (2, 2.0), (5, 16.0), (7, MOST_SECONDS), (99, MOST_SECONDS)]
)
def test_backoff_doubles_up_to_a_cap_with_full_jitter(attempt: int, most: float) -> None:
    assert backoff(attempt, 0.0) == 0.0
    assert backoff(attempt, 0.5) == most / 2
    assert backoff(attempt, 1.0) == most


def test_it_begins_slowly_and_doubles_while_nobody_refuses(time: Time) -> None:
    paced = pace(time)
    assert paced.allowed == FIRST
    for _ in range(FIRST):
        paced.answered(USAGE)
    assert paced.allowed == 2 * FIRST
    for _ in range(100):
        paced.answered(USAGE)
    assert paced.allowed == 32


def test_a_refusal_halves_and_answers_add_one_a_round(time: Time) -> None:
    paced = pace(time)
    paced.allowed = 16.0
    paced.refused(time.now, None)
    assert paced.allowed == 8.0
    for _ in range(8):
        paced.answered(USAGE)
    assert 8.9 < paced.allowed <= 9.0


def test_calls_of_the_same_round_halve_once(time: Time) -> None:
    paced = pace(time)
    paced.allowed = 16.0
    time.now = 5.0
    paced.refused(4.0, None)
    for _ in range(10):
        paced.refused(4.5, None)
    assert (paced.allowed, paced.refusals) == (8.0, 1)
    paced.refused(5.5, None)
    assert (paced.allowed, paced.refusals) == (4.0, 2)


def test_one_call_is_always_allowed(time: Time) -> None:
    paced = pace(time, most=2)
    for _ in range(20):
        time.now += 1.0
        paced.refused(time.now, None)
    assert paced.allowed == 1.0


def test_rounds_of_refusals_wait_longer_and_longer(time: Time) -> None:
    paced = pace(time)
    for _ in range(4):
        entered = asyncio.run(paced.enter())
        paced.refused(entered, None)
        paced.leave()
    asyncio.run(paced.enter())
    assert time.slept == [0.5, 1.0, 2.0, 4.0]
    paced.answered(USAGE)
    assert paced.refusals == 0


def test_retry_after_closes_the_door_for_all(time: Time) -> None:
    async def scene() -> None:
        paced = pace(time)
        entered = [await paced.enter() for _ in range(3)]
        paced.refused(entered[0], 7.0)
        paced.refused(entered[1], 9.0)
        assert paced.allowed == FIRST / 2
        for _ in range(3):
            paced.leave()
        await paced.enter()

    asyncio.run(scene())
    assert time.now == 9.0


def test_no_more_are_out_than_allowed(time: Time) -> None:
    async def scene() -> None:
        paced = pace(time, most=2)
        await paced.enter()
        await paced.enter()
        third = asyncio.create_task(paced.enter())
        await asyncio.sleep(0)
        assert not third.done()
        paced.leave()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert third.done()

    asyncio.run(scene())


def test_who_is_cancelled_while_waiting_leaves_room(time: Time) -> None:
    async def never(seconds: float) -> None:
        await asyncio.Event().wait()

    async def scene() -> None:
        paced = Pace(1, clock=time.clock, sleep=never)
        paced.refused(await paced.enter(), 5.0)
        paced.leave()
        waiting = asyncio.create_task(paced.enter())
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        time.now = 6.0
        await asyncio.wait_for(paced.enter(), 1.0)

    asyncio.run(scene())


def test_limits_of_the_server_space_calls_out(time: Time) -> None:
    async def scene() -> None:
        paced = pace(time)
        paced.follow(RateLimits(requests=60, requests_left=3))
        for _ in range(10):
            await paced.enter()
            paced.leave()

    asyncio.run(scene())
    assert time.now == pytest.approx(7.0)


def test_limits_of_tokens_space_calls_out(time: Time) -> None:
    async def scene() -> None:
        paced = pace(time)
        paced.answered(Usage(500, 100, cache_write=500, cache_read=10_000))
        paced.follow(RateLimits(input_tokens=10_000, output_tokens=10_000))
        for _ in range(20):
            await paced.enter()
            paced.leave()

    asyncio.run(scene())
    assert time.now == pytest.approx(60.0)


@given(
    st.lists(st.sampled_from(["answer", "refuse", "refuse for a while"]), max_size=200), st.integers(1, 64)
)
def test_allowed_stays_between_one_and_the_most(events: list[str], most: int) -> None:
    time = Time()
    paced = pace(time, most=most)
    for event in events:
        time.now += 1.0
        if event == "answer":
            paced.answered(USAGE)
        else:
            paced.refused(time.now, 1.0 if "while" in event else None)
        assert 1.0 <= paced.allowed <= most

from __future__ import annotations

import asyncio

import pytest

from labeling.spending.crew import Crew, Halted


async def forever() -> None:
    await asyncio.Event().wait()


def test_all_work_is_done() -> None:
    done: list[int] = []

    async def work(number: int) -> None:
        await asyncio.sleep(0)
        done.append(number)

    asyncio.run(Crew().run(*(work(i) for i in range(5))))
    assert sorted(done) == list(range(5))


def test_an_error_ends_the_others_and_comes_out() -> None:
    async def fail() -> None:
        await asyncio.sleep(0)
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        asyncio.run(Crew().run(forever(), fail(), forever()))


def test_calls_that_are_out_are_awaited() -> None:
    crew, ended = Crew(), []

    async def call() -> None:
        with crew.calling():
            await asyncio.sleep(0.02)
            ended.append("call")
        crew.check()
        ended.append("another")

    async def fail() -> None:
        await asyncio.sleep(0.001)
        raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011
        asyncio.run(crew.run(call(), forever(), fail()))
    assert ended == ["call"]


def test_the_first_reason_counts() -> None:
    crew = Crew()

    async def fail(error: Exception) -> None:
        with crew.calling():
            await asyncio.sleep(0)
        raise error

    with pytest.raises(KeyError):
        asyncio.run(crew.run(fail(KeyError()), fail(ValueError())))


def test_an_interruption_lets_calls_finish_and_a_second_does_not() -> None:
    crew, told = Crew(), []

    async def call(seconds: float) -> None:
        with crew.calling():
            try:
                await asyncio.sleep(seconds)
                told.append("finished")
            except asyncio.CancelledError:
                told.append("cut off")
                raise

    async def scene() -> None:
        loop = asyncio.get_running_loop()
        loop.call_later(0.01, crew.interrupt)
        loop.call_later(0.1, crew.interrupt)
        await crew.run(call(0.05), call(60), forever())

    with pytest.raises(KeyboardInterrupt):
        asyncio.run(scene())
    assert told == ["finished", "cut off"]


def test_nothing_begins_after_the_end() -> None:
    async def scene() -> None:
        crew = Crew()
        crew.check()
        crew.halt(ValueError())
        with pytest.raises(Halted):
            crew.check()

    asyncio.run(scene())


def test_whoever_runs_it_may_be_cancelled() -> None:
    crew, told = Crew(), []

    async def call() -> None:
        with crew.calling():
            try:
                await forever()
            except asyncio.CancelledError:
                told.append("cut off")
                raise

    async def scene() -> None:
        async with asyncio.timeout(0.02):
            await crew.run(call())

    with pytest.raises(TimeoutError):
        asyncio.run(scene())
    assert told == ["cut off"]

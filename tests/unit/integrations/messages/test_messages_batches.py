from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta, timezone
from typing import TypeVar

import pytest

from integrations.messages.batches import PAGE, written
from integrations.messages.client import AnthropicCompleter, open_completer
from labeling.store.clock import now
from labeling.types import BatchResult, CompletionError, CompletionRequest, Failure, Turn
from tests.messages_model import last_turn
from tests.messages_server import KEY, MessagesServer

MODEL = "claude-haiku-4-5"
T = TypeVar("T")


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)


def use(server: MessagesServer, what: Callable[[AnthropicCompleter], Awaitable[T]]) -> T:
    async def opened() -> T:
        async with open_completer(server.url, seconds=10) as completer:
            return await what(completer)

    with server:
        return asyncio.run(opened())


def question(text: str, max_tokens: int = 100) -> CompletionRequest:
    return CompletionRequest(MODEL, "", (Turn("user", text),), max_tokens)


async def all_results(completer: AnthropicCompleter, batch_id: str) -> dict[str, BatchResult]:
    return {result.custom_id: result async for result in completer.results(batch_id)}


def test_a_batch_is_looked_at_until_it_has_ended() -> None:
    server = MessagesServer(batch_seconds=0.3)

    async def ask(completer: AnthropicCompleter) -> list[bool]:
        batch = await completer.submit([("a", question("x")), ("b", question("y"))])
        seen = [batch.ended]
        while not seen[-1]:
            await asyncio.sleep(0.1)
            polled = await completer.poll(batch.batch_id)
            assert (polled.size, polled.created_at) == (2, batch.created_at)
            seen.append(polled.ended)
        return seen

    seen = use(server, ask)
    assert seen[0] is False
    assert seen[-1] is True


def test_requests_that_came_to_nothing_are_told_one_by_one() -> None:
    server = MessagesServer(answer=last_turn)
    server.fail("ok", "errored", "expired", "canceled", "invalid", "refusal", route="batch_items")

    async def ask(completer: AnthropicCompleter) -> dict[str, BatchResult]:
        batch = await completer.submit([(f"id{i}", question(f"text {i}")) for i in range(7)])
        return await all_results(completer, batch.batch_id)

    results = use(server, ask)
    failures = {name: result.error.failure for name, result in results.items() if result.error}
    assert failures == {
        "id1": Failure.OVERLOADED,
        "id2": Failure.EXPIRED,
        "id3": Failure.EXPIRED,
        "id4": Failure.INVALID,
    }
    assert not any(result.error.sent for result in results.values() if result.error)
    refused, fine = results["id5"].answer, results["id6"].answer
    assert refused is not None
    assert fine is not None
    assert (refused.stop_reason, refused.stop_detail) == ("refusal", "cyber")
    assert fine.text == "text 6"
    assert len(server.billed) == 3


def test_results_that_break_off_say_so_after_those_that_came() -> None:
    server = MessagesServer(answer=last_turn)
    server.fail("drop", route="results")

    async def ask(completer: AnthropicCompleter) -> tuple[int, CompletionError, int]:
        batch = await completer.submit([(f"id{i}", question(f"text {i}" * 50)) for i in range(200)])
        came: list[BatchResult] = []

        async def read() -> None:
            async for result in completer.results(batch.batch_id):
                came.append(result)

        with pytest.raises(CompletionError) as caught:
            await read()
        return len(came), caught.value, len(await all_results(completer, batch.batch_id))

    came, error, again = use(server, ask)
    assert error.failure is Failure.CONNECTION
    assert came < 200
    assert again == 200


@pytest.mark.parametrize("name", ["429", "500", "truncated"])
def test_looking_at_a_batch_may_fail(name: str) -> None:
    server = MessagesServer()

    async def ask(completer: AnthropicCompleter) -> None:
        batch = await completer.submit([("a", question("x"))])
        server.fail(name, route="batch")
        with pytest.raises(CompletionError):
            await completer.poll(batch.batch_id)
        assert (await completer.poll(batch.batch_id)).ended

    use(server, ask)


def test_results_of_a_batch_that_goes_on_are_not_there() -> None:
    async def ask(completer: AnthropicCompleter) -> CompletionError:
        batch = await completer.submit([("a", question("x"))])
        with pytest.raises(CompletionError) as caught:
            await all_results(completer, batch.batch_id)
        return caught.value

    assert use(MessagesServer(batch_seconds=60), ask)


def test_a_list_of_many_pages_is_read_only_as_far_as_needed() -> None:
    server = MessagesServer()

    async def ask(completer: AnthropicCompleter) -> tuple[int, int, int]:
        for i in range(PAGE + 20):
            await completer.submit([(f"id{i}", question("x"))])
        middle = now()
        await completer.submit([("last", question("x"))])
        everything = len(await completer.find("2000-01-01T00:00:00+00:00"))
        before = server.calls["batch"]
        late = await completer.find(middle)
        return everything, len(late), server.calls["batch"] - before

    assert use(server, ask) == (PAGE + 21, 1, 1)


def test_ids_that_the_server_refuses_are_invalid() -> None:
    async def ask(completer: AnthropicCompleter) -> list[Failure]:
        seen = []
        for names in (["a b"], ["a", "a"], ["x" * 65], [""]):
            with pytest.raises(CompletionError) as caught:
                await completer.submit([(name, question("x")) for name in names])
            seen.append(caught.value.failure)
        return seen

    assert use(MessagesServer(), ask) == [Failure.INVALID] * 4


def test_times_are_written_as_the_store_writes_them() -> None:
    moment = datetime(2026, 1, 2, 5, 4, 5, tzinfo=timezone(timedelta(hours=2)))
    assert written(moment) == "2026-01-02T03:04:05.000000+00:00"

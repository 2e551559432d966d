from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import pytest

from integrations.messages.client import AnthropicCompleter, open_completer
from labeling.types import (
    Capabilities,
    CompletionAnswer,
    CompletionError,
    CompletionRequest,
    Failure,
    RateLimits,
    Turn,
)
from tests.messages_faults import Reply
from tests.messages_model import answering, by_digest
from tests.messages_server import KEY, MODELS, MessagesServer

MODEL = "claude-haiku-4-5"
SCHEMA = {
    "type": "object",
    "properties": {"label": {"type": "string", "enum": ["HAM", "SPAM"]}},
    "required": ["label"],
}
REQUEST = CompletionRequest(MODEL, "Be brief.", (Turn("user", "hello"),), 100, schema=SCHEMA)
T = TypeVar("T")


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)


def use(
    server: MessagesServer, what: Callable[[AnthropicCompleter], Awaitable[T]], seconds: float = 10.0
) -> T:
    async def opened() -> T:
        async with open_completer(server.url, seconds=seconds) as completer:
            return await what(completer)

    with server:
        return asyncio.run(opened())


def test_only_text_blocks_are_the_answer() -> None:
    server = MessagesServer(answer=lambda params: "yes")
    server.fail("thinking")
    answer = use(server, lambda completer: completer.send(REQUEST))
    assert answer.text == "yes"
    assert answer.usage.output > 1


@pytest.mark.parametrize(
    ("name", "text", "stop_reason", "detail"),
    [
        ("refusal", "", "refusal", "cyber"),
        ("max_tokens", '{"evidence": "", "label": "', "max_tokens", None),
        ("context", "", "model_context_window_exceeded", None),
        ("empty", "", "end_turn", None),
    ],
)
def test_how_an_answer_ended_is_told(name: str, text: str, stop_reason: str, detail: str | None) -> None:
    server = MessagesServer(answer=lambda params: answering("HAM"))
    server.fail(name)
    answer = use(server, lambda completer: completer.send(REQUEST))
    assert (answer.text, answer.stop_reason, answer.stop_detail) == (text, stop_reason, detail)
    assert answer.usage.input > 0


def test_the_cache_is_told_from_other_input() -> None:
    codebook = "word " * 2000
    request = CompletionRequest(MODEL, codebook, (Turn("user", "hello"),), 100, cache_ttl="5m")

    async def twice(completer: AnthropicCompleter) -> list[CompletionAnswer]:
        return [await completer.send(request), await completer.send(request)]

    first, second = (answer.usage for answer in use(MessagesServer(), twice))
    assert (first.cache_write, first.cache_read) == (2500, 0)
    assert (second.cache_write, second.cache_read) == (0, 2500)
    assert first.input == second.input == 2


def test_the_limits_of_the_server_are_known_after_an_answer_and_after_a_refusal() -> None:
    server = MessagesServer(per_minute=50)
    server.fail("ok", "429")

    async def ask(completer: AnthropicCompleter) -> list[RateLimits]:
        seen = [completer.limits]
        await completer.send(REQUEST)
        seen.append(completer.limits)
        with pytest.raises(CompletionError):
            await completer.send(REQUEST)
        return [*seen, completer.limits]

    before, after, refused = use(server, ask)
    assert before == RateLimits()
    assert after == refused == RateLimits(50, 49, 2_000_000, 400_000)


def test_a_server_that_is_not_there_was_sent_nothing() -> None:
    server = MessagesServer()

    async def ask(completer: AnthropicCompleter) -> CompletionError:
        with server.refusing(), pytest.raises(CompletionError) as caught:
            await completer.send(REQUEST)
        assert (await completer.send(REQUEST)).text
        return caught.value

    error = use(server, ask)
    assert (error.failure, error.sent) == (Failure.CONNECTION, False)
    assert server.url in error.message


def test_an_answer_that_takes_too_long_may_be_billed() -> None:
    server = MessagesServer()
    server.fail("slow:5")

    async def ask(completer: AnthropicCompleter) -> CompletionError:
        with pytest.raises(CompletionError) as caught:
            await completer.send(REQUEST)
        return caught.value

    error = use(server, ask, seconds=0.3)
    assert (error.failure, error.sent) == (Failure.TIMEOUT, True)
    assert len(server.billed) == 1


@pytest.mark.parametrize(
    ("name", "sent"), [("html", True), ("503", False), ("504", True), ("too_long", False)]
)
def test_errors_of_the_wire(name: str, sent: bool) -> None:
    server = MessagesServer()
    server.fail(name)

    async def ask(completer: AnthropicCompleter) -> CompletionError:
        with pytest.raises(CompletionError) as caught:
            await completer.send(REQUEST)
        return caught.value

    assert use(server, ask).sent is sent
    assert server.calls["messages"] == 1


def test_a_wrong_key_is_never_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "a-wrong-key")

    async def ask(completer: AnthropicCompleter) -> CompletionError:
        with pytest.raises(CompletionError) as caught:
            await completer.send(REQUEST)
        return caught.value

    error = use(MessagesServer(), ask)
    assert error.failure is Failure.AUTHENTICATION
    assert "a-wrong-key" not in repr(error)
    assert error.__cause__ is None


def test_a_page_of_something_else_is_no_answer() -> None:
    server = MessagesServer(answer=lambda params: Reply("x"))
    server.model.message = lambda params, reply: {"status": "ok", "usage": {}}  # type: ignore[method-assign,assignment]
    server.bill.add = lambda *_: None  # type: ignore[method-assign]

    async def ask(completer: AnthropicCompleter) -> CompletionError:
        with pytest.raises(CompletionError) as caught:
            await completer.send(REQUEST)
        return caught.value

    error = use(server, ask)
    assert (error.failure, error.sent) == (Failure.CONNECTION, True)


@pytest.mark.parametrize("kind", ["ollama", "llama.cpp", "vllm", "old"])
def test_lesser_servers_answer_without_a_key(monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    monkeypatch.delenv("ANTHROPIC_API_KEY")
    server = MessagesServer(answer=by_digest(("HAM", "SPAM")), kind=kind)

    async def ask(completer: AnthropicCompleter) -> list[str]:
        return [(await completer.send(REQUEST)).text for _ in range(3)]

    first, *others = use(server, ask)
    assert others == [first] * 2
    assert '"label": "' in first


def test_a_schema_that_is_refused_is_left_out_from_then_on() -> None:
    server = MessagesServer(kind="old")

    async def ask(completer: AnthropicCompleter) -> None:
        for _ in range(3):
            await completer.send(REQUEST)

    use(server, ask)
    assert server.calls["messages"] == 4
    assert len(server.billed) == 3


def test_a_request_that_is_bad_in_itself_is_refused_in_the_first_words() -> None:
    server = MessagesServer()
    server.fail("400")
    bad = CompletionRequest(MODEL, "", (Turn("user", " "),), 100, schema=SCHEMA)

    async def ask(completer: AnthropicCompleter) -> CompletionError:
        with pytest.raises(CompletionError) as caught:
            await completer.send(bad)
        return caught.value

    error = use(server, ask)
    assert error.failure is Failure.INVALID
    assert "messages: this will not do" in error.message


def test_a_schema_that_was_taken_once_is_never_blamed() -> None:
    server = MessagesServer()

    async def ask(completer: AnthropicCompleter) -> None:
        await completer.send(REQUEST)
        server.fail("400")
        with pytest.raises(CompletionError):
            await completer.send(REQUEST)

    use(server, ask)
    assert server.calls["messages"] == 2


KNOWN: dict[str, Capabilities] = {
    "hosted": Capabilities(schema=True, count_tokens=True, batches=True, models=True),
    "ollama": Capabilities(schema=False, count_tokens=False, batches=False, models=False),
    "llama.cpp": Capabilities(schema=False, count_tokens=True, batches=False, models=False),
    "vllm": Capabilities(schema=False, count_tokens=True, batches=False, models=False),
}


@pytest.mark.parametrize("kind", KNOWN)
def test_a_probe_finds_out_what_a_server_can_do(kind: str) -> None:
    server = MessagesServer(kind=kind)

    async def ask(completer: AnthropicCompleter) -> Capabilities:
        first = await completer.probe(MODEL)
        before = dict(server.calls)
        assert await completer.probe(MODEL) == first
        assert server.calls == before
        return first

    assert use(server, ask) == KNOWN[kind]
    assert server.billed == []
    assert "messages" not in server.calls


def test_a_model_that_is_not_there_is_an_error_that_names_those_that_are() -> None:
    async def ask(completer: AnthropicCompleter) -> CompletionError:
        with pytest.raises(CompletionError) as caught:
            await completer.probe("claude-nothing")
        return caught.value

    error = use(MessagesServer(), ask)
    assert error.failure is Failure.NOT_FOUND
    assert error.message == f"claude-nothing: no model here; there are {', '.join(MODELS)}."


@pytest.mark.parametrize(
    ("name", "failure"),
    [("401", Failure.AUTHENTICATION), ("403", Failure.PERMISSION), ("529", Failure.OVERLOADED)],
)
def test_a_probe_that_cannot_be_made_says_why(name: str, failure: Failure) -> None:
    server = MessagesServer()
    server.fail(name, route="models")

    async def ask(completer: AnthropicCompleter) -> Failure:
        with pytest.raises(CompletionError) as caught:
            await completer.probe(MODEL)
        return caught.value.failure

    assert use(server, ask) is failure


def test_what_a_server_cannot_do_is_not_asked_of_it() -> None:
    server = MessagesServer(kind="ollama")

    async def ask(completer: AnthropicCompleter) -> list[Failure]:
        await completer.probe(MODEL)
        calls: list[Callable[[], Awaitable[Any]]] = [
            lambda: completer.count_tokens(REQUEST),
            lambda: completer.submit([("a", REQUEST)]),
        ]
        seen = []
        for call in calls:
            with pytest.raises(CompletionError) as caught:
                await call()
            seen.append(caught.value.failure)
        return seen

    assert use(server, ask) == [Failure.UNSUPPORTED] * 2

"""What every completer keeps to: the one in memory and the real client at a real server alike.

A further completer joins by one line in ``SETUPS``.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Protocol, TypeVar

import pytest

from integrations.messages.client import open_completer
from labeling.store.clock import now
from labeling.types import (
    Completer,
    CompletionAnswer,
    CompletionError,
    CompletionRequest,
    Failure,
    Turn,
    Usage,
)
from tests.fakes import ReplayCompleter
from tests.messages_model import last_turn
from tests.messages_server import KEY, MessagesServer

MODEL = "claude-haiku-4-5"
SCHEMA = {
    "type": "object",
    "properties": {"label": {"type": "string", "enum": ["HAM", "SPAM"]}},
    "required": ["label"],
    "additionalProperties": False,
}
T = TypeVar("T")


class Model(Protocol):
    """The verbs of whoever stands behind the server."""

    def fail(self, *names: str) -> None: ...
    def fail_batch(self, *names: str) -> None: ...
    def billed(self) -> int: ...


Setup = tuple[Completer, Model]
Opening = Callable[[], AbstractAsyncContextManager[Setup]]

FAILURES = {
    "429": (Failure.RATE_LIMIT, False),
    "spend_limit": (Failure.SPEND_LIMIT, False),
    "500": (Failure.SERVER, False),
    "529": (Failure.OVERLOADED, False),
    "401": (Failure.AUTHENTICATION, False),
    "402": (Failure.PAYMENT, False),
    "403": (Failure.PERMISSION, False),
    "404": (Failure.NOT_FOUND, False),
    "413": (Failure.TOO_LARGE, False),
    "400": (Failure.INVALID, False),
    "drop": (Failure.CONNECTION, True),
    "lost": (Failure.CONNECTION, True),
    "truncated": (Failure.CONNECTION, True),
}


class FakeModel:
    def __init__(self, completer: ReplayCompleter) -> None:
        self.completer = completer

    def fail(self, *names: str) -> None:
        for name in names:
            kind, _, seconds = name.partition(":")
            failure, sent = FAILURES[kind]
            wait = float(seconds) if seconds else None
            self.completer.fail(CompletionError(failure, "it went wrong", retry_after=wait, sent=sent))

    def fail_batch(self, *names: str) -> None:
        self.fail(*names)

    def billed(self) -> int:
        return len(self.completer.asked)


class ServedModel:
    def __init__(self, server: MessagesServer) -> None:
        self.server = server

    def fail(self, *names: str) -> None:
        self.server.fail(*names)

    def fail_batch(self, *names: str) -> None:
        self.server.fail(*names, route="batches")

    def billed(self) -> int:
        return len(self.server.billed)


def shout(text: str) -> str:
    return text.upper()


@asynccontextmanager
async def fake() -> AsyncIterator[Setup]:
    completer = ReplayCompleter(lambda request: shout(request.turns[-1].text))
    yield completer, FakeModel(completer)


@asynccontextmanager
async def served() -> AsyncIterator[Setup]:
    with MessagesServer(answer=lambda params: shout(last_turn(params))) as server:
        async with open_completer(server.url) as completer:
            yield completer, ServedModel(server)


SETUPS: dict[str, Opening] = {"fake": fake, "messages": served}


@pytest.fixture(params=SETUPS.values(), ids=SETUPS.keys())
def opening(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Opening:
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    found: Opening = request.param
    return found


def question(text: str = "hello", **parts: object) -> CompletionRequest:
    return CompletionRequest(MODEL, "Be brief.", (Turn("user", text),), 100, schema=SCHEMA, **parts)  # type: ignore[arg-type]


def run(opening: Opening, use: Callable[[Completer, Model], Awaitable[T]]) -> T:
    async def opened() -> T:
        async with opening() as (completer, model):
            return await use(completer, model)

    return asyncio.run(opened())


def test_a_question_is_answered_in_full(opening: Opening) -> None:
    async def use(completer: Completer, model: Model) -> tuple[CompletionAnswer, int]:
        return await completer.send(question("hello")), model.billed()

    answer, billed = run(opening, use)
    assert (answer.text, answer.stop_reason, answer.stop_detail) == ("HELLO", "end_turn", None)
    assert answer.model == MODEL
    assert answer.usage == Usage(answer.usage.input, answer.usage.output)
    assert answer.usage.input > 0
    assert answer.usage.output > 0
    assert answer.request_id
    assert billed == 1


def test_a_conversation_is_answered_at_its_end(opening: Opening) -> None:
    turns = (Turn("user", "one"), Turn("assistant", "two"), Turn("user", "three"))

    async def use(completer: Completer, model: Model) -> str:
        return (await completer.send(CompletionRequest(MODEL, "", turns, 100))).text

    assert run(opening, use) == "THREE"


def test_the_moment_is_told_at_which_a_question_leaves(opening: Opening) -> None:
    seen: list[int] = []

    async def use(completer: Completer, model: Model) -> None:
        await completer.send(question("first"))
        await completer.send(question("second"), lambda: seen.append(model.billed()))
        await completer.send(question("third"))

    run(opening, use)
    assert seen == [1]


@pytest.mark.parametrize("name", FAILURES)
def test_failures_say_what_they_are_and_whether_the_work_may_be_billed(opening: Opening, name: str) -> None:
    failure, sent = FAILURES[name]

    plain = CompletionRequest(MODEL, "", (Turn("user", "hello"),), 100)

    async def use(completer: Completer, model: Model) -> tuple[CompletionError, int, str]:
        model.fail(name)
        with pytest.raises(CompletionError) as caught:
            await completer.send(plain)
        billed = model.billed()
        return caught.value, billed, (await completer.send(plain)).text

    error, billed, text = run(opening, use)
    assert (error.failure, error.sent, error.retry_after) == (failure, sent, None)
    assert error.message
    assert KEY not in str(error)
    assert billed == (1 if sent else 0)
    assert text == "HELLO"


def test_how_long_to_wait_is_told(opening: Opening) -> None:
    async def use(completer: Completer, model: Model) -> float | None:
        model.fail("429:7")
        with pytest.raises(CompletionError) as caught:
            await completer.send(question())
        return caught.value.retry_after

    assert run(opening, use) == 7.0


def test_many_questions_at_once_get_their_own_answers(opening: Opening) -> None:
    texts = [f"text {i}" for i in range(40)]

    async def use(completer: Completer, model: Model) -> list[str]:
        answers = await asyncio.gather(*(completer.send(question(text)) for text in texts))
        return [answer.text for answer in answers]

    assert run(opening, use) == [shout(text) for text in texts]


def test_tokens_are_counted_and_nothing_is_billed(opening: Opening) -> None:
    async def use(completer: Completer, model: Model) -> tuple[int, int, int]:
        short, long = question("hello"), question("hello " * 100)
        return await completer.count_tokens(short), await completer.count_tokens(long), model.billed()

    short, long, billed = run(opening, use)
    assert 0 < short < long
    assert billed == 0


def test_a_probe_bills_nothing(opening: Opening) -> None:
    async def use(completer: Completer, model: Model) -> tuple[object, object, int]:
        return await completer.probe(MODEL), await completer.probe(MODEL), model.billed()

    first, second, billed = run(opening, use)
    assert first == second
    assert billed == 0


def test_a_batch_answers_all_its_requests_by_their_ids(opening: Opening) -> None:
    texts = {f"id-{i}": f"text {i}" for i in range(30)}

    async def use(completer: Completer, model: Model) -> tuple[dict[str, str], int, int]:
        batch = await completer.submit([(name, question(text)) for name, text in texts.items()])
        assert batch.size == len(texts)
        while not (await completer.poll(batch.batch_id)).ended:
            await asyncio.sleep(0.01)
        results = [result async for result in completer.results(batch.batch_id)]
        assert all(result.error is None for result in results)
        said = {result.custom_id: result.answer.text for result in results if result.answer}
        return said, len(results), model.billed()

    said, n_results, billed = run(opening, use)
    assert said == {name: shout(text) for name, text in texts.items()}
    assert n_results == billed == len(texts)


def test_batches_are_found_again_oldest_first_from_a_time_on(opening: Opening) -> None:
    async def use(completer: Completer, model: Model) -> tuple[list[str], list[str], list[str]]:
        early = await completer.submit([("a", question())])
        between = now()
        late = [await completer.submit([("a", question()), ("b", question())]) for _ in range(2)]
        made = [early.batch_id, *(batch.batch_id for batch in late)]
        all_of_them = [batch.batch_id for batch in await completer.find("2000-01-01T00:00:00+00:00")]
        found = await completer.find(between)
        assert [batch.size for batch in found] == [2, 2]
        assert await completer.find(now(after=60)) == []
        return made, all_of_them, [batch.batch_id for batch in found]

    made, all_of_them, found = run(opening, use)
    assert all_of_them == made
    assert found == made[1:]


def test_what_goes_wrong_with_making_a_batch_is_told(opening: Opening) -> None:
    async def use(completer: Completer, model: Model) -> list[tuple[Failure, bool]]:
        seen = []
        for name in ("429", "spend_limit", "lost"):
            model.fail_batch(name)
            with pytest.raises(CompletionError) as caught:
                await completer.submit([("a", question())])
            seen.append((caught.value.failure, caught.value.sent))
        return seen

    assert run(opening, use) == [FAILURES[name] for name in ("429", "spend_limit", "lost")]


def test_a_batch_of_which_the_answer_was_lost_is_found_with_its_ids(opening: Opening) -> None:
    async def use(completer: Completer, model: Model) -> tuple[list[str], int]:
        model.fail_batch("lost")
        before = now()
        with pytest.raises(CompletionError):
            await completer.submit([("a", question()), ("b", question())])
        [batch] = await completer.find(before)
        assert batch.size == 2
        names = [result.custom_id async for result in completer.results(batch.batch_id)]
        return sorted(names), model.billed()

    assert run(opening, use) == (["a", "b"], 2)

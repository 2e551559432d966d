"""Batch mode with the real client at a real server: nothing is billed twice, whatever goes wrong."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import select

from integrations.messages.client import open_completer
from labeling.errors import GateRefused, InputError, QuorumError, Unavailable
from labeling.spending import Spending, Tally, ask, ask_batches, pacing
from labeling.spending import batch_recovery as recovery
from labeling.spending import batch_results as results
from labeling.spending import batch_submission as submission
from labeling.spending import batch_waiting as waiting
from labeling.spending.batch_limits import first_that_fit
from labeling.store import Store, lease, llm_batches, llm_calls, llm_votes, open_store
from labeling.store.schema import llm_batches as batch_table
from labeling.store.schema import llm_calls as call_table
from labeling.types import Item, Price, Rates, Turn
from tests.llm_voters import PlainVoter, item, texts
from tests.messages_faults import Reply
from tests.messages_model import answering, last_turn
from tests.messages_server import KEY, MessagesServer

VOTER = PlainVoter()
PRICE = Price(Rates(1.0, 5.0, 1.25, 2.0, 0.1))


def honest(params: Any) -> str:
    return answering("SPAM" if "check" in last_turn(params) else "HAM", "check this out")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    monkeypatch.setattr(waiting, "FIRST_SECONDS", 0.02)
    monkeypatch.setattr(pacing, "BASE_SECONDS", 0.01)
    monkeypatch.setattr(recovery, "GRACE", timedelta(seconds=0.5))
    monkeypatch.setattr(recovery, "LOOK_SECONDS", 0.1)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(f"sqlite:///{tmp_path}/state.db")
    yield opened
    opened.close()


@pytest.fixture
def server() -> Iterator[MessagesServer]:
    with MessagesServer(answer=honest, batch_seconds=0.05) as started:
        yield started


@asynccontextmanager
async def spending(store: Store, server: MessagesServer, **parts: Any) -> AsyncIterator[Spending]:
    with lease.acquire(store, "llm") as held:
        async with open_completer(server.url, seconds=10) as completer:
            yield Spending(store, completer, held, **({"price": PRICE} | parts))


def run(
    store: Store, server: MessagesServer, items: list[Item], voter: PlainVoter = VOTER, **parts: Any
) -> Tally:
    async def opened() -> Tally:
        async with spending(store, server, **parts) as spent:
            return await ask_batches(spent, voter, iter(items), total=len(items))

    return asyncio.run(opened())


def votes(store: Store, voter: PlainVoter = VOTER) -> Counter[str]:
    with store.read() as tx:
        return Counter(llm_votes.readings(tx, voter.version).outcomes)


def statuses(store: Store) -> Counter[str]:
    with store.read() as tx:
        return Counter(tx.scalars(select(call_table.c.status)))


def batches(store: Store) -> Counter[str]:
    with store.read() as tx:
        return Counter(tx.scalars(select(batch_table.c.status)))


def billed(server: MessagesServer) -> Counter[str]:
    return Counter(row["digest"] for row in server.billed)


def none_twice(server: MessagesServer, n: int) -> bool:
    return len(server.billed) == n and set(billed(server).values()) <= {1}


def test_all_items_are_answered_in_one_batch_at_half_the_price(store: Store, server: MessagesServer) -> None:
    items = list(texts(30))
    tally = run(store, server, items)
    assert (tally.items, tally.requests, tally.answered, tally.cached, tally.unanswered) == (30, 30, 30, 0, 0)
    assert votes(store) == {"vote": 30}
    assert none_twice(server, 30)
    assert server.calls["batches"] == 1
    assert "messages" not in server.calls
    tokens = [(row["input_tokens"], row["output_tokens"]) for row in server.billed]
    assert tally.cost == pytest.approx(sum(i * 1.0 + o * 5.0 for i, o in tokens) / 1e6 * 0.5)
    assert tally.spent == pytest.approx(tally.cost)
    assert batches(store) == {"ended": 1}


def test_a_second_run_sends_nothing(store: Store, server: MessagesServer) -> None:
    items = list(texts(20))
    run(store, server, items)
    again = run(store, server, items)
    assert (again.requests, again.cached, again.answered, again.cost) == (0, 20, 20, None)
    assert server.calls["batches"] == 1


def test_direct_mode_takes_over_what_batches_answered(store: Store, server: MessagesServer) -> None:
    items = list(texts(10))
    run(store, server, items)

    async def direct() -> Tally:
        async with spending(store, server) as spent:
            return await ask(spent, VOTER, iter(items))

    assert asyncio.run(direct()).cached == 10
    assert "messages" not in server.calls


def test_equal_requests_are_sent_once(store: Store, server: MessagesServer) -> None:
    twins = [Item(f"twin {i}", {"text": "check this out"}) for i in range(3)]
    tally = run(store, server, twins)
    assert (tally.requests, tally.answered) == (1, 3)
    assert none_twice(server, 1)
    assert votes(store) == {"vote": 3}


def test_large_batches_are_split(
    store: Store, server: MessagesServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(submission, "first_that_fit", partial(first_that_fit, most=7))
    run(store, server, list(texts(20)))
    assert server.calls["batches"] == 3
    assert none_twice(server, 20)
    assert batches(store) == {"ended": 3}


def test_a_batch_that_is_too_large_for_the_server_is_made_smaller(
    store: Store, server: MessagesServer
) -> None:
    server.fail("413", "413", route="batches")
    tally = run(store, server, list(texts(20)))
    assert (tally.answered, tally.lost) == (20, 0)
    assert none_twice(server, 20)
    assert batches(store)["given_up"] == 2


def test_a_request_that_is_too_large_by_itself_is_an_abstention(store: Store, server: MessagesServer) -> None:
    server.fail("413", route="batches")
    tally = run(store, server, [item("check")])
    assert (tally.answered, dict(tally.abstained)) == (1, {"too_long": 1})
    assert votes(store) == {"too_long": 1}


def test_requests_that_came_to_nothing_are_asked_again(store: Store, server: MessagesServer) -> None:
    server.fail("expired", "errored", "canceled", "ok", "expired", route="batch_items")
    tally = run(store, server, list(texts(10)))
    assert (tally.answered, tally.requests, tally.unanswered) == (10, 14, 0)
    assert none_twice(server, 10)
    assert statuses(store) == {"answered": 10, "refunded": 4}
    assert votes(store) == {"vote": 10}


def test_requests_that_fail_again_and_again_stay_unanswered(store: Store, server: MessagesServer) -> None:
    server.fail("errored", "ok", "errored", "errored", route="batch_items")
    tally = run(store, server, list(texts(2)))
    assert (tally.answered, tally.unanswered) == (1, 1)
    assert dict(tally.abstained) == {"provider_error": 1}
    assert run(store, server, list(texts(2))).answered == 2
    assert none_twice(server, 2)


def test_an_invalid_request_is_asked_once_and_passed_over(store: Store, server: MessagesServer) -> None:
    server.fail("invalid", route="batch_items")
    tally = run(store, server, list(texts(2)))
    assert (tally.answered, tally.unanswered, tally.requests) == (1, 1, 2)


def test_a_batch_that_brings_no_answer_at_all_ends_the_run(store: Store, server: MessagesServer) -> None:
    server.fail(*["errored"] * 30, route="batch_items")
    with pytest.raises(Unavailable, match="Overloaded"):
        run(store, server, list(texts(5)))


def test_a_prompt_that_is_too_long_is_an_abstention(store: Store, server: MessagesServer) -> None:
    server.context = 100
    tally = run(store, server, [item("check"), item("check " * 200)])
    assert dict(tally.abstained) == {"too_long": 1}
    assert run(store, server, [item("check"), item("check " * 200)]).cached == 2


def test_answers_that_cannot_be_read_get_one_repair_in_a_batch_of_its_own(
    store: Store, server: MessagesServer
) -> None:
    server.fail("prose", "wrong_label", "ok", "refusal", route="batch_items")
    tally = run(store, server, list(texts(6)))
    assert server.calls["batches"] == 2
    assert (tally.requests, tally.answered) == (8, 6)
    assert votes(store) == {"vote": 5, "refusal": 1}


def test_a_batch_of_which_the_answer_was_lost_is_found_again(store: Store, server: MessagesServer) -> None:
    server.fail("lost", route="batches")
    tally = run(store, server, list(texts(20)))
    assert (tally.answered, tally.requests) == (20, 20)
    assert server.calls["batches"] == 1
    assert none_twice(server, 20)


@pytest.mark.parametrize("name", ["drop", "truncated", "504"])
def test_an_answer_to_the_making_that_breaks_off(store: Store, server: MessagesServer, name: str) -> None:
    server.fail(name, route="batches")
    run(store, server, list(texts(8)))
    assert none_twice(server, 8)
    assert votes(store) == {"vote": 8}


def test_a_batch_that_was_never_made_is_made_after_a_while(store: Store, server: MessagesServer) -> None:
    server.fail("refuse", route="batches")
    tally = run(store, server, list(texts(8)))
    assert server.calls["batches"] == 2
    assert none_twice(server, 8)
    assert batches(store) == {"given_up": 1, "ended": 1}
    assert (tally.requests, tally.lost) == (8, 0)


def test_batches_of_others_of_the_same_size_are_told_apart_by_their_ids(
    store: Store, server: MessagesServer
) -> None:
    async def others(n: int) -> None:
        async with spending(store, server) as spent:
            request = VOTER.request(item("somebody else's"))
            for _ in range(n):
                await spent.completer.submit([(f"other-{i}", request) for i in range(8)])

    asyncio.run(others(2))
    theirs = len(server.billed)
    server.fail("lost", route="batches")
    run(store, server, list(texts(8)))
    assert len(server.billed) - theirs == 8
    assert votes(store) == {"vote": 8}
    assert batches(store) == {"ended": 1}


def test_only_batches_of_others_mean_that_ours_was_not_made(store: Store, server: MessagesServer) -> None:
    async def other() -> None:
        async with spending(store, server) as spent:
            request = VOTER.request(item("somebody else's"))
            await spent.completer.submit([(f"other-{i}", request) for i in range(8)])

    asyncio.run(other())
    server.fail("refuse", route="batches")
    run(store, server, list(texts(8)))
    assert len(server.billed) == 16
    assert votes(store) == {"vote": 8}
    assert batches(store) == {"given_up": 1, "ended": 1}


def test_busy_servers_are_asked_again(store: Store, server: MessagesServer) -> None:
    server.fail("429", "529", "500", route="batches")
    server.fail("429", "500", "drop", route="batch")
    server.fail("drop", "500", route="results")
    tally = run(store, server, list(texts(40)))
    assert (tally.answered, tally.lost) == (40, 0)
    assert none_twice(server, 40)


def test_results_that_break_off_are_counted_once(
    store: Store, server: MessagesServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(results, "CHUNK", 5)
    server.fail("errored", "ok", "errored", route="batch_items")
    server.fail("drop", "drop", route="results")
    tally = run(store, server, list(texts(300)))
    assert (tally.answered, tally.requests) == (300, 302)
    assert votes(store) == {"vote": 300}
    tokens = [(row["input_tokens"], row["output_tokens"]) for row in server.billed]
    assert tally.cost == pytest.approx(sum(i * 1.0 + o * 5.0 for i, o in tokens) / 1e6 * 0.5)
    assert tally.tokens.output == sum(o for _, o in tokens)


@pytest.mark.parametrize(
    ("name", "kind", "words"),
    [
        ("spend_limit", Unavailable, "Raise the spend limit"),
        ("401", InputError, "ANTHROPIC_API_KEY"),
        ("402", Unavailable, "Add credit"),
        ("429:7200", Unavailable, "2 hours"),
        ("400", Unavailable, "mode: direct"),
    ],
)
def test_what_none_will_do_better_with_stops_the_run(
    store: Store, server: MessagesServer, name: str, kind: type[QuorumError], words: str
) -> None:
    server.fail(name, route="batches")
    with pytest.raises(kind, match=words):
        run(store, server, list(texts(5)))
    assert statuses(store) == {"refunded": 5}
    assert run(store, server, list(texts(5))).answered == 5
    assert none_twice(server, 5)


def test_the_budget_is_kept_and_used_as_far_as_it_goes(store: Store, server: MessagesServer) -> None:
    tally = Tally()

    async def poor(budget: float) -> None:
        async with spending(store, server, budget=budget) as spent:
            await ask_batches(spent, VOTER, texts(30), tally=tally)

    with pytest.raises(GateRefused, match="budget"):
        asyncio.run(poor(0.002))
    assert 0 < tally.answered < 30
    assert tally.spent is not None
    assert tally.spent <= 0.002
    assert len(server.billed) == tally.answered
    rest = run(store, server, list(texts(30)), budget=10.0)
    assert rest.cached == tally.answered
    assert none_twice(server, 30)


def test_a_budget_that_covers_next_to_nothing_is_not_used_up_in_tiny_batches(
    store: Store, server: MessagesServer
) -> None:
    with pytest.raises(GateRefused, match="of 96 requests that are left only 4 fit"):
        run(store, server, list(texts(100)), budget=0.005)
    assert server.calls["batches"] == 1


def test_batches_that_are_out_count_against_the_budget(store: Store, server: MessagesServer) -> None:
    with store.write() as tx:
        batch = llm_batches.intend(tx, VOTER.model, 1)
        llm_calls.intend(tx, [llm_calls.CallIntent(1, "v", "i", 0, "r", VOTER.model, 4.0, batch.number)])
    with store.read() as tx:
        assert llm_calls.spent(tx, VOTER.model) == 4.0


def test_an_interrupt_ends_the_waiting_and_the_next_run_goes_on(store: Store, tmp_path: Path) -> None:
    said: list[str] = [""]

    def interrupt() -> None:
        while "waited" not in said[-1]:
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGINT)

    async def interrupted(server: MessagesServer) -> None:
        async with spending(store, server, progress=lambda what, done, total: said.append(what)) as spent:
            Thread(target=interrupt).start()
            await ask_batches(spent, VOTER, texts(12))

    with MessagesServer(answer=honest, batch_seconds=1.5) as server:
        with pytest.raises(KeyboardInterrupt):
            asyncio.run(interrupted(server))
        assert "msgbatch_000001 goes on at the vendor" in said[-1]
        assert votes(store) == {}
        tally = run(store, server, list(texts(12)))
        assert (tally.requests, tally.answered, tally.cached) == (0, 12, 0)
        assert server.calls["batches"] == 1
        assert none_twice(server, 12)


def test_more_items_join_while_a_batch_is_out(store: Store, tmp_path: Path) -> None:
    with MessagesServer(answer=honest, batch_seconds=0.5) as server:

        async def begin() -> None:
            async with spending(store, server) as spent:
                waits = asyncio.create_task(ask_batches(spent, VOTER, texts(5)))
                while not server.batches.made:
                    await asyncio.sleep(0.01)
                await asyncio.sleep(0.1)
                waits.cancel()
                await asyncio.gather(waits, return_exceptions=True)

        asyncio.run(begin())
        tally = run(store, server, list(texts(9)))
        assert (tally.requests, tally.answered) == (4, 9)
        assert none_twice(server, 9)
        assert len(server.batches.made) == 2


def test_a_changed_prompt_leaves_the_batch_that_is_out_to_its_own_answers(store: Store) -> None:
    other = replace(VOTER, system="Say it in JSON: SPAM or HAM?")
    with MessagesServer(answer=honest, batch_seconds=0.5) as server:

        async def begin() -> None:
            async with spending(store, server) as spent:
                waits = asyncio.create_task(ask_batches(spent, VOTER, texts(5)))
                while not server.batches.made:
                    await asyncio.sleep(0.01)
                await asyncio.sleep(0.1)
                waits.cancel()
                await asyncio.gather(waits, return_exceptions=True)

        asyncio.run(begin())
        assert run(store, server, list(texts(5)), other).answered == 5
        assert batches(store) == {"ended": 2}
        assert run(store, server, list(texts(5))).cached == 5
        assert none_twice(server, 10)


def test_a_batch_that_another_key_made_is_not_made_again(store: Store, server: MessagesServer) -> None:
    with store.write() as tx:
        batch = llm_batches.intend(tx, VOTER.model, 1)
        request = VOTER.request(item("check")).digest
        intent = llm_calls.CallIntent(1, VOTER.version, item("check").digest, 0, request, VOTER.model, 1.0, 1)
        llm_calls.intend(tx, [intent])
        llm_batches.submitted(tx, batch.number, "msgbatch_of_another_key")
    with pytest.raises(InputError, match="is not there for this key"):
        run(store, server, [item("check")])
    assert server.billed == []


def test_results_that_are_no_longer_kept_count_as_lost(
    store: Store, server: MessagesServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting, "KEPT_FOR", timedelta(0))
    with store.write() as tx:
        batch = llm_batches.intend(tx, VOTER.model, 1)
        request = VOTER.request(item("check")).digest
        intent = llm_calls.CallIntent(1, VOTER.version, item("check").digest, 0, request, VOTER.model, 1.0, 1)
        llm_calls.intend(tx, [intent])
        llm_batches.submitted(tx, batch.number, "msgbatch_of_old")
    tally = run(store, server, [item("check")])
    assert (tally.lost, tally.answered) == (1, 1)
    assert statuses(store) == {"lost": 1, "answered": 1}


def test_a_server_without_batches_says_so(store: Store) -> None:
    with MessagesServer(kind="ollama") as server:

        async def opened() -> None:
            async with spending(store, server) as spent:
                await spent.completer.probe(VOTER.model)
                await ask_batches(spent, VOTER, texts(3))

        with pytest.raises(InputError, match="takes no batches"):
            asyncio.run(opened())


def test_thinking_and_turns_are_kept_apart(store: Store) -> None:
    with MessagesServer(answer=lambda params: Reply("no json", thinking="{}")) as server:
        tally = run(store, server, list(texts(3)))
        assert (tally.requests, dict(tally.abstained)) == (6, {"unreadable": 3})
        with store.read() as tx:
            turns = Counter(tx.scalars(select(call_table.c.turn)))
        assert turns == {0: 3, 1: 3}
        assert Turn("user", "JSON, please.").text in server.billed[-1]["item"]

"""Direct mode with the real client at a real server: what is billed is known, whatever goes wrong."""

from __future__ import annotations

import asyncio
import random
import signal
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from integrations.messages.client import open_completer
from labeling.errors import GateRefused, InputError, Unavailable
from labeling.spending import LEASE, Spending, Tally, ask, pacing, worst_cost
from labeling.store import Store, lease, open_store
from labeling.store.schema import llm_calls
from labeling.types import Usage
from tests.ledgers import PRICE
from tests.llm_voters import PlainVoter, texts
from tests.messages_faults import Chance
from tests.messages_process import running
from tests.messages_server import KEY, MessagesServer
from tests.soak.direct_kills import DirectKills, begun

VOTER = PlainVoter()
WORST = worst_cost(PRICE, VOTER.request(next(texts(1))))


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    monkeypatch.setattr(pacing, "BASE_SECONDS", 0.01)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(f"sqlite:///{tmp_path}/state.db")
    yield opened
    opened.close()


@pytest.fixture
def server() -> Iterator[MessagesServer]:
    with MessagesServer() as started:
        yield started


def run(store: Store, server: MessagesServer, n: int, *, tally: Tally | None = None, **parts: Any) -> Tally:
    async def opened() -> Tally:
        with lease.acquire(store, LEASE) as held:
            async with open_completer(server.url, seconds=parts.pop("seconds", 10)) as completer:
                spending = Spending(store, completer, held, **({"price": PRICE} | parts))
                return await ask(spending, VOTER, texts(n), total=n, tally=tally)

    return asyncio.run(opened())


def statuses(store: Store) -> Counter[str]:
    with store.read() as tx:
        return Counter(tx.scalars(select(llm_calls.c.status)))


def bill(server: MessagesServer) -> float:
    """Give what the server's log says that all was."""
    return sum(
        PRICE.of(Usage(row["input_tokens"], row["output_tokens"], row["creation"], row["read"]))
        for row in server.billed
    )


def test_the_ledger_and_the_server_agree(store: Store, server: MessagesServer) -> None:
    tally = run(store, server, 200)
    assert len(server.billed) == tally.requests == tally.answered == 200
    assert tally.spent == pytest.approx(bill(server))
    assert run(store, server, 200).requests == 0
    assert len(server.billed) == 200


def test_a_cache_is_read_from_the_second_call_on(store: Store, server: MessagesServer) -> None:
    voter = PlainVoter(system="The codebook. " * 500, cache_ttl="5m")

    async def scene() -> Tally:
        with lease.acquire(store, LEASE) as held:
            async with open_completer(server.url) as completer:
                return await ask(Spending(store, completer, held, PRICE), voter, texts(40))

    tally = asyncio.run(scene())
    assert [bool(row["creation"]) for row in server.billed] == [True] + [False] * 39
    assert tally.tokens.cache_read == 39 * tally.tokens.cache_write > 0


def test_every_bill_is_known_under_a_hail_of_faults(store: Store, server: MessagesServer) -> None:
    server.chance = Chance(["lost", "drop", "truncated", "refuse", "429", "500", "529"], 0.2)
    tally = run(store, server, 200)
    while tally.unanswered:
        tally = run(store, server, 200)
    assert tally.answered == 200
    found = statuses(store)
    assert found["answered"] == 200
    reached = len(server.billed) - found["answered"]
    assert 0 < reached <= found["lost"]
    assert found["intended"] == 0


def test_a_server_with_few_places_is_not_overrun(store: Store, server: MessagesServer) -> None:
    server.in_flight, server.latency = 4, 0.005
    tally = run(store, server, 300)
    assert (tally.answered, tally.unanswered) == (300, 0)
    assert statuses(store)["refunded"] < 150


def test_the_cap_holds_by_the_servers_own_log(store: Store, server: MessagesServer) -> None:
    server.chance = Chance(["lost", "drop"], 0.1, seed=3)
    budget, tally = 30 * WORST, Tally()
    with pytest.raises(GateRefused) as refused:
        run(store, server, 500, budget=budget, tally=tally)
    assert refused.value.exit_code == 3
    assert tally.spent is not None
    assert bill(server) <= tally.spent <= budget
    assert tally.answered >= 25
    before = len(server.billed)
    server.chance = Chance([], 0.0)
    after = run(store, server, 500, budget=5.0)
    assert after.answered == 500
    assert after.requests == len(server.billed) - before == 500 - tally.answered


@pytest.mark.parametrize(
    ("fault", "kind", "said"),
    [
        ("spend_limit", Unavailable, "spend limit in the vendor's console"),
        ("402", Unavailable, "Add credit"),
        ("401", InputError, "ANTHROPIC_API_KEY"),
        ("404", InputError, "voters.llm"),
        ("429:7200", Unavailable, "2 hours"),
    ],
)
def test_what_no_call_can_mend_stops_at_once_and_all_is_kept(
    store: Store, server: MessagesServer, fault: str, kind: type[Exception], said: str
) -> None:
    server.fail(*["ok"] * 40, *[fault] * 100)
    with pytest.raises(kind, match=said) as stopped:
        run(store, server, 500)
    assert KEY not in str(stopped.value)
    assert statuses(store)["answered"] == len(server.billed) == 40
    server.faults.clear()
    assert run(store, server, 500).requests == 460


def test_answers_of_all_kinds_have_outcomes_of_their_own(store: Store, server: MessagesServer) -> None:
    server.fail("refusal", "thinking", "too_long", "prose", "prose", "wrong_label", "ok", "400")
    tally = run(store, server, 20, in_flight=1)
    reasons = {reason: n for reason, n in tally.abstained.items() if reason != "abstain"}
    assert reasons == {"refusal": 1, "too_long": 1, "unreadable": 1, "provider_error": 1}
    assert tally.answered == 19


def test_a_server_that_goes_away_stops_the_run(store: Store, server: MessagesServer) -> None:
    with server.refusing(), pytest.raises(Unavailable, match="times in a row"):
        run(store, server, 500)
    assert statuses(store)["answered"] == len(server.billed) == 0
    assert run(store, server, 50).answered == 50


def test_a_killed_run_ends_with_one_answer_per_item_and_every_bill_known(tmp_path: Path) -> None:
    kills = DirectKills(tmp_path / "run", 500, random.Random(5), seconds=1.5)
    kills.until_done(4)
    assert kills.statuses["answered"] == 500
    assert kills.billed <= 500 + kills.statuses["lost"]


def test_a_killed_run_has_as_lost_what_left_and_nothing_else(tmp_path: Path) -> None:
    kills = DirectKills(tmp_path / "run", 500, random.Random(7), seconds=1.5, faults=())
    kills.until_done(4)
    assert kills.kills > 0
    assert kills.unbilled <= kills.kills, "more than one was between the note and the socket"


def test_an_interrupted_run_loses_nothing(tmp_path: Path) -> None:
    stops = DirectKills(tmp_path / "run", 500, random.Random(6), seconds=0.5, faults=())
    stops.until_done(3, signal.SIGINT)
    assert stops.kills > 0
    assert stops.statuses == {"answered": 500}
    assert stops.billed == 500


def test_a_second_interruption_waits_for_no_call(store: Store, tmp_path: Path) -> None:
    database = store.engine.url.render_as_string()
    with running(tmp_path / "bill", "--latency", "60") as url, begun(url, database, 50) as process:
        while statuses(store)["intended"] == 0:
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        time.sleep(0.5)
        assert process.poll() is None
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 130
    assert statuses(store).keys() == {"lost"}

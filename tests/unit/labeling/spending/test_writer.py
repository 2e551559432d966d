from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import func, select

from labeling.errors import Unavailable
from labeling.spending import LEASE
from labeling.spending.writer import Group, Writer
from labeling.store import (
    CallIntent,
    CallStatus,
    Lease,
    Settlement,
    Store,
    StoredAnswer,
    StoredVote,
    lease,
    llm_calls,
    llm_votes,
)
from labeling.store.schema import llm_calls as table
from labeling.types import CompletionAnswer, Outcome, Reading, Usage
from tests.ledgers import Ledger

ANSWER = CompletionAnswer("yes", "end_turn", Usage(1, 1), "m")


def intent(number: int, request: str | None = None) -> CallIntent:
    return CallIntent(number, "v", f"{number}", 0, request or f"{number}", "m", 0.5)


def written(store: Store) -> list[tuple[int, str]]:
    with store.read() as tx:
        return [(row.id, row.status) for row in tx.execute(select(table.c.id, table.c.status))]


def run(ledger: Ledger, scene: Callable[[Writer], Awaitable[None]], *, held: Lease | None = None) -> None:
    async def whole() -> None:
        async with Writer(ledger.store, held or ledger.spending.lease) as writer:
            await scene(writer)

    asyncio.run(whole())


@pytest.fixture
def commits(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The sizes of the transactions."""
    sizes: list[int] = []
    write = Group.write

    def counted(self: Group, store: Store, held: Lease) -> dict[str, StoredAnswer]:
        sizes.append(len(self))
        return write(self, store, held)

    monkeypatch.setattr(Group, "write", counted)
    return sizes


def test_an_intent_is_committed_before_its_call(ledger: Ledger) -> None:
    async def scene(writer: Writer) -> None:
        assert await writer.intend(intent(1)) is None
        assert written(ledger.store) == [(1, "intended")]

    run(ledger, scene)


def test_many_go_together(ledger: Ledger, commits: list[int]) -> None:
    async def scene(writer: Writer) -> None:
        await asyncio.gather(*(writer.intend(intent(i)) for i in range(1, 33)))

    run(ledger, scene)
    assert commits == [32]
    assert len(written(ledger.store)) == 32


def test_what_was_handed_in_is_there_at_the_end(ledger: Ledger) -> None:
    async def scene(writer: Writer) -> None:
        await writer.intend(intent(1))
        writer.settle(Settlement(1, CallStatus.ANSWERED, ANSWER, 0.1))
        writer.keep([StoredVote("v", "1", Reading(Outcome.VOTE, "HAM"), 1, 1)])

    run(ledger, scene)
    assert written(ledger.store) == [(1, "answered")]
    with ledger.store.read() as tx:
        assert llm_votes.count(tx, "v") == 1


def test_also_where_the_run_fails(ledger: Ledger) -> None:
    async def scene(writer: Writer) -> None:
        await writer.intend(intent(1))
        writer.settle(Settlement(1, CallStatus.LOST))
        raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011
        run(ledger, scene)
    assert written(ledger.store) == [(1, "lost")]


def test_an_answered_request_is_not_intended_again(ledger: Ledger) -> None:
    async def scene(writer: Writer) -> None:
        await writer.intend(intent(1, "same"))
        writer.settle(Settlement(1, CallStatus.ANSWERED, ANSWER, 0.1))
        known, other = await asyncio.gather(writer.intend(intent(2, "same")), writer.intend(intent(3)))
        assert known == StoredAnswer(1, 0, ANSWER)
        assert other is None

    run(ledger, scene)
    assert written(ledger.store) == [(1, "answered"), (3, "intended")]


def test_a_flush_waits_for_the_commit(ledger: Ledger, commits: list[int]) -> None:
    async def scene(writer: Writer) -> None:
        await writer.flush()
        await writer.intend(intent(1))
        writer.settle(Settlement(1, CallStatus.REFUNDED))
        await writer.flush()
        assert written(ledger.store) == [(1, "refunded")]

    run(ledger, scene)
    assert commits == [1, 1]


def test_a_lost_lease_writes_nothing_and_ends_the_run(ledger: Ledger) -> None:
    async def scene(writer: Writer) -> None:
        with pytest.raises(Unavailable, match="taken over"):
            await writer.intend(intent(1))
        with pytest.raises(Unavailable, match="taken over"):
            await writer.flush()
        writer.settle(Settlement(1, CallStatus.LOST))

    stranger = Lease(ledger.store, LEASE, 99, 60.0)
    with pytest.raises(Unavailable, match="taken over"):
        run(ledger, scene, held=stranger)
    assert written(ledger.store) == []


def test_a_busy_database_is_waited_for(ledger: Ledger) -> None:
    begun = threading.Event()

    def other_process() -> None:
        with ledger.store.write() as tx:
            llm_calls.next_id(tx)
            begun.set()
            time.sleep(0.1)
            assert tx.scalar(select(func.count()).select_from(table)) == 0

    async def scene(writer: Writer) -> None:
        busy = asyncio.create_task(asyncio.to_thread(other_process))
        await asyncio.to_thread(begun.wait)
        assert await writer.intend(intent(1)) is None
        await busy

    run(ledger, scene)
    assert written(ledger.store) == [(1, "intended")]


def test_who_is_cancelled_disturbs_no_other(ledger: Ledger) -> None:
    async def scene(writer: Writer) -> None:
        gone, stays = (asyncio.create_task(writer.intend(intent(i))) for i in (1, 2))
        await asyncio.sleep(0)
        gone.cancel()
        assert await stays is None

    run(ledger, scene)
    assert len(written(ledger.store)) == 2


def test_another_process_must_wait_for_the_lease(ledger: Ledger) -> None:
    with pytest.raises(Unavailable, match="held by"):
        lease.acquire(ledger.store, LEASE)

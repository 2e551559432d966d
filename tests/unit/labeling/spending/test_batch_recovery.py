from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from labeling.spending import Spending, Tally
from labeling.spending import batch_recovery as recovery
from labeling.spending.batch_limits import custom_id
from labeling.spending.batch_recovery import recover
from labeling.spending.batch_results import settle
from labeling.spending.batch_run import BatchRun
from labeling.spending.batch_waiting import wait_for_all
from labeling.spending.conversation import Question
from labeling.spending.crew import Crew
from labeling.store import BatchStatus, CallIntent, Store, StoredBatch, lease, llm_batches, llm_calls
from labeling.store.clock import now
from labeling.types import Batch, BatchResult, CompletionError, Failure
from tests.fakes import ReplayCompleter
from tests.llm_voters import PlainVoter, item
from tests.messages_model import answering

VOTER = PlainVoter()


class Vendor(ReplayCompleter):
    """A model whose list of batches is what a test puts there."""

    def put(self, batch_id: str, names: list[str], created_at: str | None = None) -> None:
        requests = [(name, VOTER.request(item(name))) for name in names]
        batch = asyncio.run(self.submit(requests))
        self.batches[batch_id] = replace(batch, batch_id=batch_id, created_at=created_at or now())
        self._results[batch_id] = self._results[batch.batch_id]
        if batch.batch_id != batch_id:
            del self.batches[batch.batch_id]


@pytest.fixture
def vendor() -> Vendor:
    return Vendor(lambda request: answering("SPAM"))


@pytest.fixture
def run(store: Store, vendor: Vendor, monkeypatch: pytest.MonkeyPatch) -> Iterator[BatchRun]:
    monkeypatch.setattr(recovery, "GRACE", timedelta(seconds=0.2))
    monkeypatch.setattr(recovery, "LOOK_SECONDS", 0.02)
    with lease.acquire(store, "llm") as held:
        yield BatchRun(Spending(store, vendor, held), VOTER, Tally(), Crew())


def intend(run: BatchRun, *texts: str) -> StoredBatch:
    with run.spending.store.write() as tx:
        batch = llm_batches.intend(tx, VOTER.model, len(texts))
        first = llm_calls.next_id(tx)
        for i, text in enumerate(texts):
            request = VOTER.request(item(text))
            made = (VOTER.version, item(text).digest, 0, request.digest, VOTER.model, None, batch.number)
            llm_calls.intend(tx, [CallIntent(first + i, *made)])
            run.questions.add(Question(item(text), request), is_out=True)
    return batch


def names(run: BatchRun, batch: StoredBatch) -> list[str]:
    with run.spending.store.read() as tx:
        calls = llm_batches.calls_of(tx, batch.number)
    return [custom_id(batch.intended_at, call.id, call.request) for call in calls]


def open_batches(run: BatchRun) -> list[StoredBatch]:
    return asyncio.run(run.open_batches())


def statuses(run: BatchRun) -> dict[str, BatchStatus]:
    with run.spending.store.read() as tx:
        return llm_batches.claims(tx)


def test_a_batch_of_the_same_size_is_claimed_though_not_yet_sure(run: BatchRun, vendor: Vendor) -> None:
    batch = intend(run, "a", "b")
    vendor.put("smaller", ["x"])
    vendor.put("ours", names(run, batch))
    assert asyncio.run(recover(run, batch))
    [found] = open_batches(run)
    assert (found.batch_id, found.status) == ("ours", BatchStatus.INTENDED)


def test_batches_from_before_the_intent_are_none_of_its(run: BatchRun, vendor: Vendor) -> None:
    vendor.put("old", ["x", "y"], created_at="2020-01-01T00:00:00.000000+00:00")
    batch = intend(run, "a", "b")
    assert not asyncio.run(recover(run, batch))
    assert statuses(run) == {}
    assert run.questions.n_to_ask == 2


def test_a_clock_that_is_behind_hides_no_batch(run: BatchRun, vendor: Vendor) -> None:
    batch = intend(run, "a")
    vendor.put("ours", names(run, batch), created_at=now(after=-300))
    assert asyncio.run(recover(run, batch))


def test_a_batch_that_appears_late_is_waited_for(run: BatchRun, vendor: Vendor) -> None:
    batch = intend(run, "a")
    mine = names(run, batch)

    async def late() -> bool:
        waits = asyncio.create_task(recover(run, batch))
        await asyncio.sleep(0.1)
        made = await vendor.submit([(name, VOTER.request(item(name))) for name in mine])
        assert made.size == 1
        return await waits

    assert asyncio.run(late())


def test_what_the_ledger_is_sure_of_is_not_claimed(run: BatchRun, vendor: Vendor) -> None:
    first = intend(run, "a")
    vendor.put("first", names(run, first))
    with run.spending.store.write() as tx:
        llm_batches.submitted(tx, first.number, "first")
    assert not asyncio.run(recover(run, intend(run, "b")))


def test_two_intents_that_claimed_each_others_batch_end_with_their_own(run: BatchRun, vendor: Vendor) -> None:
    first, second = intend(run, "a"), intend(run, "b")
    vendor.put("of the second", names(run, second))
    vendor.put("a stranger's", ["x"])
    vendor.put("of the first", names(run, first))
    assert asyncio.run(recover(run, first))
    assert asyncio.run(recover(run, second))
    before = len(vendor.asked)
    asyncio.run(asyncio.wait_for(wait_for_all(run), 20))
    assert statuses(run) == {"of the first": BatchStatus.ENDED, "of the second": BatchStatus.ENDED}
    assert (run.tally.answered, run.tally.lost, len(run.questions)) == (2, 0, 0)
    assert len(vendor.asked) == before


def test_a_claim_is_not_sure_before_the_first_result_is_read(run: BatchRun, vendor: Vendor) -> None:
    batch = intend(run, "a")
    vendor.put("a stranger's", ["x"])
    assert asyncio.run(recover(run, batch))
    whole, vendor.results = vendor.results, breaking  # type: ignore[method-assign]
    with pytest.raises(CompletionError):
        asyncio.run(settle(run, open_batches(run)[0]))
    assert statuses(run) == {"a stranger's": BatchStatus.INTENDED}
    vendor.results = whole  # type: ignore[method-assign]
    asyncio.run(asyncio.wait_for(wait_for_all(run), 20))
    assert statuses(run) == {}


async def breaking(batch_id: str) -> AsyncIterator[BatchResult]:
    if batch_id:
        raise CompletionError(Failure.CONNECTION, "broke off", sent=True)
    yield BatchResult("", None)


def test_strangers_alone_mean_that_nothing_was_made(run: BatchRun, vendor: Vendor) -> None:
    batch = intend(run, "a")
    vendor.put("a stranger's", ["x"])
    assert asyncio.run(recover(run, batch))
    asyncio.run(asyncio.wait_for(wait_for_all(run), 20))
    assert statuses(run) == {}
    assert (run.questions.n_to_ask, run.tally.lost) == (1, 0)


def test_a_batch_without_a_word_of_a_call_leaves_that_call_lost(run: BatchRun, vendor: Vendor) -> None:
    batch = intend(run, "a", "b")
    vendor.put("ours", names(run, batch))
    vendor._results["ours"].pop()
    with run.spending.store.write() as tx:
        llm_batches.submitted(tx, batch.number, "ours")
    asyncio.run(asyncio.wait_for(wait_for_all(run), 20))
    assert (run.tally.answered, run.tally.lost, run.questions.n_to_ask) == (1, 1, 1)


def test_results_of_nobodys_calls_are_passed_over(run: BatchRun, vendor: Vendor) -> None:
    batch = intend(run, "a")
    vendor.put("ours", [*names(run, batch), "unheard-of"])
    with run.spending.store.write() as tx:
        llm_batches.submitted(tx, batch.number, "ours")
    asyncio.run(asyncio.wait_for(wait_for_all(run), 20))
    assert run.tally.answered == 1


def test_a_claim_needs_its_size(run: BatchRun, vendor: Vendor) -> None:
    batch = intend(run, "a", "b", "c")
    vendor.put("other", ["x", "y"])
    assert not asyncio.run(recover(run, batch))
    assert isinstance(next(iter(vendor.batches.values())), Batch)

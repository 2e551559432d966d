from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from labeling.store import BatchStatus, CallIntent, CallStatus, Settlement, Store, open_store
from labeling.store import llm_batches as batches
from labeling.store import llm_calls as calls


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(f"sqlite:///{tmp_path}/state.db")
    yield opened
    opened.close()


def intended(store: Store, *requests: str, model: str = "m") -> int:
    with store.write() as tx:
        batch = batches.intend(tx, model, len(requests))
        first = calls.next_id(tx)
        made = [
            CallIntent(first + i, "v", f"item {i}", 0, request, model, 0.5, batch.number)
            for i, request in enumerate(requests)
        ]
        calls.intend(tx, made)
    return batch.number


def test_an_intent_is_open_and_has_no_id(store: Store) -> None:
    number = intended(store, "a", "b")
    with store.read() as tx:
        [batch] = batches.open_batches(tx, "m")
        assert (batch.number, batch.size, batch.batch_id) == (number, 2, None)
        assert batch.status is BatchStatus.INTENDED
        assert batches.open_batches(tx, "another") == []
        assert batches.claims(tx) == {}
        assert batches.open_requests(tx, "m") == {"a", "b"}
        assert [(call.id, call.request, call.status) for call in batches.calls_of(tx, number)] == [
            (1, "a", CallStatus.INTENDED),
            (2, "b", CallStatus.INTENDED),
        ]


def test_numbers_go_up_over_all_models(store: Store) -> None:
    assert [intended(store, "a"), intended(store, "b", model="n"), intended(store, "c")] == [1, 2, 3]


def test_a_claim_is_not_sure_until_it_is_submitted_and_can_be_undone(store: Store) -> None:
    number = intended(store, "a")
    seen = []
    for step in ("claim", "undo", "claim", "submit"):
        with store.write() as tx:
            if step == "submit":
                batches.submitted(tx, number, "id")
            else:
                batches.claim(tx, number, "id" if step == "claim" else None)
        with store.read() as tx:
            seen.append(batches.claims(tx))
    sure, unsure = BatchStatus.SUBMITTED, BatchStatus.INTENDED
    assert seen == [{"id": unsure}, {}, {"id": unsure}, {"id": sure}]


def test_a_batch_that_ended_is_not_open(store: Store) -> None:
    number = intended(store, "a")
    with store.write() as tx:
        batches.submitted(tx, number, "id")
        calls.settle(tx, [Settlement(1, CallStatus.REFUNDED)])
        batches.ended(tx, number)
    with store.read() as tx:
        assert batches.open_batches(tx, "m") == []
        assert batches.open_requests(tx, "m") == frozenset()
        assert batches.claims(tx) == {"id": BatchStatus.ENDED}


def test_what_was_given_up_cost_nothing(store: Store) -> None:
    number = intended(store, "a", "b")
    with store.write() as tx:
        assert calls.spent(tx, "m") == 1.0
        batches.claim(tx, number, "id")
        batches.give_up(tx, number)
    with store.read() as tx:
        assert calls.spent(tx, "m") == 0.0
        assert batches.open_batches(tx, "m") == []
        assert batches.claims(tx) == {}
        assert {call.status for call in batches.calls_of(tx, number)} == {CallStatus.REFUNDED}


def test_calls_of_batches_survive_where_direct_ones_are_lost(store: Store) -> None:
    number = intended(store, "a")
    with store.write() as tx:
        calls.intend(tx, [CallIntent(2, "v", "item", 0, "direct", "m", 0.25)])
        assert calls.open_calls(tx) == [2]
        assert calls.close_open(tx, []) == 1
    with store.read() as tx:
        assert [call.status for call in batches.calls_of(tx, number)] == [CallStatus.INTENDED]
        assert batches.open_requests(tx, "m") == {"a"}

from __future__ import annotations

import time

import numpy as np
import pytest
from sqlalchemy.exc import IntegrityError

from labeling.store import CallIntent, Store, StoredReadings, StoredVote, llm_calls, llm_votes
from labeling.types import Outcome, Reading

HAM = Reading(Outcome.VOTE, "HAM", 0.75, "love this")
WRONG = Reading(Outcome.INVALID_LABEL, named="EGGS")


@pytest.fixture(autouse=True)
def _call(store: Store) -> None:
    with store.write() as tx:
        llm_calls.intend(tx, [CallIntent(i, "v", f"{i}", 0, f"{i}", "m", None) for i in (1, 2)])


def put(store: Store, *votes: StoredVote) -> None:
    with store.write() as tx:
        llm_votes.put(tx, votes)


def vote(
    item: str, reading: Reading = HAM, *, voter: str = "v", reader: int = 1, call: int = 1
) -> StoredVote:
    return StoredVote(voter, item, reading, reader, call)


def readings(store: Store, voter: str = "v") -> StoredReadings:
    with store.read() as tx:
        return llm_votes.readings(tx, voter)


def test_a_reading_comes_back_as_it_was(store: Store) -> None:
    votes = [vote("a"), vote("b", WRONG, reader=3, call=2), vote("c", Reading(Outcome.REFUSAL))]
    put(store, *votes)
    with store.read() as tx:
        assert llm_votes.find(tx, "v", ["a", "b", "c", "d"]) == {v.item: v for v in votes}
        assert llm_votes.find(tx, "other", ["a"]) == {}
        assert llm_votes.count(tx, "v") == 3


def test_one_row_per_item_the_last_counts(store: Store) -> None:
    put(store, vote("a"), vote("b"))
    put(store, vote("a", WRONG, reader=2, call=2), vote("c"), vote("c", WRONG))
    with store.read() as tx:
        found = llm_votes.find(tx, "v", "abc")
    assert found == {"a": vote("a", WRONG, reader=2, call=2), "b": vote("b"), "c": vote("c", WRONG)}


def test_versions_are_apart(store: Store) -> None:
    put(store, vote("a"), vote("a", WRONG, voter="w"))
    assert readings(store).labels == ("HAM",)
    assert readings(store, "w").labels == (None,)


def test_columns_belong_together(store: Store) -> None:
    put(store, vote("b", WRONG, reader=2), vote("a"), vote("c", Reading(Outcome.NO_EVIDENCE, None, 0.5)))
    found = readings(store)
    assert len(found) == 3
    assert found.items == ("a", "b", "c")
    assert found.outcomes == ("vote", "invalid_label", "no_evidence")
    assert found.labels == ("HAM", None, None)
    assert found.named == (None, "EGGS", None)
    assert found.readers == (1, 2, 1)
    assert found.confidence.dtype == np.float32
    np.testing.assert_array_equal(found.confidence, np.array([0.75, np.nan, 0.5], np.float32))


def test_no_readings_are_empty_columns(store: Store) -> None:
    found = readings(store)
    assert len(found) == 0
    assert found.items == found.labels == ()
    assert found.confidence.shape == (0,)
    put(store)


def test_a_reading_is_of_a_call_that_is_there(store: Store) -> None:
    with pytest.raises(IntegrityError), store.write() as tx:
        llm_votes.put(tx, [vote("a", call=99)])


def test_evidence_may_hold_anything(store: Store) -> None:
    put(store, vote("a", Reading(Outcome.VOTE, "HAM", 0.5, "\ud83d\x00")))
    with store.read() as tx:
        assert llm_votes.find(tx, "v", ["a"])["a"].reading.evidence == "??"


def test_a_hundred_thousand_are_read_at_once(store: Store) -> None:
    put(store, *(vote(f"{i:032x}") for i in range(100_000)))
    begun = time.process_time()
    assert len(readings(store)) == 100_000
    assert time.process_time() - begun < 2.0

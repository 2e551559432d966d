from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeling.store import CallIntent, CallStatus, Settlement, Store, llm_calls, llm_history
from labeling.store.llm_calls import storable
from labeling.types import CompletionAnswer, Failure, Usage

ANSWER = CompletionAnswer('{"label": "HAM"}', "end_turn", Usage(10, 5, 2, 3), "m", "req_1", None)


def intent(number: int, *, request: str = "", model: str = "m", worst: float | None = 0.5) -> CallIntent:
    return CallIntent(number, "voter", f"item {number}", 0, request or f"request {number}", model, worst)


def intended(store: Store, *intents: CallIntent) -> None:
    with store.write() as tx:
        llm_calls.intend(tx, intents)


def settled(store: Store, *settlements: Settlement) -> None:
    with store.write() as tx:
        llm_calls.settle(tx, settlements)


def spent(store: Store, model: str = "m") -> float:
    with store.read() as tx:
        return llm_calls.spent(tx, model)


def known(store: Store, requests: Sequence[str]) -> dict[str, llm_calls.StoredAnswer]:
    with store.read() as tx:
        return llm_calls.find_answers(tx, requests)


def answer(number: int, cost: float | None = 0.1, said: CompletionAnswer = ANSWER) -> Settlement:
    return Settlement(number, CallStatus.ANSWERED, said, cost)


def test_ids_count_on(store: Store) -> None:
    with store.read() as tx:
        assert llm_calls.next_id(tx) == 1
    intended(store, intent(1), intent(7))
    with store.read() as tx:
        assert llm_calls.next_id(tx) == 8


def test_an_answer_comes_back_as_it_was(store: Store) -> None:
    refusal = CompletionAnswer("", "refusal", Usage(1, 0), "m", None, "cyber")
    intended(store, intent(1), intent(2))
    settled(store, answer(1), answer(2, said=refusal))
    found = known(store, ["request 1", "request 2", "request 3"])
    assert found == {
        "request 1": llm_calls.StoredAnswer(1, 0, ANSWER),
        "request 2": llm_calls.StoredAnswer(2, 0, refusal),
    }
    with store.read() as tx:
        assert llm_calls.answers_of(tx, [2, 9]) == {2: found["request 2"]}


def test_the_first_of_several_answers_counts(store: Store) -> None:
    other = CompletionAnswer("other", "end_turn", Usage(1, 1), "m")
    intended(store, intent(1, request="same"), intent(2, request="same"))
    settled(store, answer(2, said=other))
    assert known(store, ["same"])["same"].answer == other
    settled(store, answer(1))
    assert known(store, ["same"])["same"].call == 1


@pytest.mark.parametrize("status", [CallStatus.REFUNDED, CallStatus.LOST])
def test_what_brought_no_answer_is_no_answer(store: Store, status: CallStatus) -> None:
    intended(store, intent(1), intent(2))
    settled(store, Settlement(1, status, failure=Failure.TIMEOUT))
    assert known(store, ["request 1", "request 2"]) == {}


def test_many_requests_are_found(store: Store) -> None:
    intended(store, *(intent(i) for i in range(1, 1201)))
    settled(store, *(answer(i) for i in range(1, 1201)))
    assert len(known(store, [f"request {i}" for i in range(1, 1300)])) == 1200


def test_what_was_answered_stays(store: Store) -> None:
    intended(store, intent(1))
    settled(store, answer(1))
    settled(store, Settlement(1, CallStatus.LOST))
    assert known(store, ["request 1"])["request 1"].answer == ANSWER


def test_a_lost_call_may_still_be_answered(store: Store) -> None:
    intended(store, intent(1))
    settled(store, Settlement(1, CallStatus.LOST))
    settled(store, answer(1))
    assert "request 1" in known(store, ["request 1"])


def test_open_and_lost_calls_count_at_their_worst(store: Store) -> None:
    intended(store, *(intent(i) for i in range(1, 5)), intent(5, model="other"))
    assert spent(store) == 2.0
    settled(store, answer(1), Settlement(2, CallStatus.REFUNDED), Settlement(3, CallStatus.LOST))
    assert spent(store) == pytest.approx(0.1 + 0.5 + 0.5)
    assert spent(store, "other") == 0.5
    assert spent(store, "unknown") == 0.0


def test_without_a_price_nothing_is_spent(store: Store) -> None:
    intended(store, intent(1, worst=None), intent(2, worst=None))
    settled(store, answer(1, cost=None))
    assert spent(store) == 0.0


def test_open_calls_of_dead_runs_are_lost(store: Store) -> None:
    intended(store, intent(1), intent(2), intent(3))
    settled(store, answer(1))
    with store.write() as tx:
        assert llm_calls.open_calls(tx) == [2, 3]
        assert llm_calls.close_open(tx, []) == 2
        assert llm_calls.close_open(tx, []) == 0
    assert spent(store) == pytest.approx(0.1 + 2 * 0.5)


def test_open_calls_that_never_left_cost_nothing(store: Store) -> None:
    intended(store, intent(1), intent(2), intent(3))
    with store.write() as tx:
        assert llm_calls.close_open(tx, [1, 3]) == 1
        assert llm_calls.open_calls(tx) == []
    assert spent(store) == pytest.approx(0.5)


def test_nothing_to_write_is_nothing(store: Store) -> None:
    intended(store)
    settled(store)
    assert known(store, []) == {}


@given(st.text())
def test_whatever_is_storable_is_unicode_without_nul(text: str) -> None:
    stored = storable(text)
    stored.encode("utf-8")
    assert "\x00" not in stored
    assert len(stored) == len(text)


def test_answers_may_hold_anything(store: Store) -> None:
    strange = CompletionAnswer("half \ud83d, zero \x00, é", "end_turn", Usage(1, 1), "m")
    intended(store, intent(1))
    settled(store, answer(1, said=strange))
    assert known(store, ["request 1"])["request 1"].answer.text == "half ?, zero ?, é"


def test_the_bill_counts_calls_with_a_price_over_all_models(store: Store) -> None:
    with store.read() as tx:
        assert llm_calls.bill(tx) == (0, 0.0)
    intended(store, intent(1), intent(2, model="other"), intent(3), intent(4))
    settled(store, answer(1, 0.1), answer(2, 0.3), answer(3, None))
    with store.read() as tx:
        assert llm_calls.bill(tx) == (2, pytest.approx(0.4))


def test_bills_add_up_by_model_and_status(store: Store) -> None:
    intended(store, *(intent(i) for i in range(1, 6)), intent(6, model="other"))
    settled(store, answer(1, 0.1), answer(2, None), Settlement(3, CallStatus.LOST))
    settled(store, Settlement(4, CallStatus.REFUNDED))
    with store.read() as tx:
        found = {(bill.model, bill.status): bill for bill in llm_history.bills(tx)}
    answered = found["m", "answered"]
    assert (answered.calls, answered.unpriced, answered.cost, answered.worst) == (2, 1, 0.1, 0.0)
    assert answered.usage == Usage(20, 10, 4, 6)
    worst = {key: bill.worst for key, bill in found.items() if bill.worst}
    assert worst == {("m", "lost"): 0.5, ("m", "intended"): 0.5, ("other", "intended"): 0.5}
    assert found["m", "refunded"].calls == 1

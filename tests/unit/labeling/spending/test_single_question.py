"""A question about no item: its intent, its answer, its cost, and how it fails."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from labeling.errors import GateRefused, InputError, QuorumError, Unavailable
from labeling.spending import Asked, ask_once, opening, worst_cost
from labeling.spending.calls import ATTEMPTS
from labeling.spending.pacing import Pace
from labeling.store import llm_calls
from labeling.types import CompletionError, CompletionRequest, Failure, Turn
from tests.fakes import ReplayCompleter
from tests.ledgers import PRICE, Ledger

REQUEST = CompletionRequest("a-model", "system", (Turn("user", "functions?"),), 100)


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let back-off take no time."""
    monkeypatch.setattr(opening, "Pace", lambda most: Pace(most, draw=lambda: 0.0))


def once(ledger: Ledger, completer: ReplayCompleter, **changes: Any) -> Asked:
    spending = replace(ledger.spending, completer=completer, **changes)
    return asyncio.run(ask_once(spending, "an author", REQUEST))


def test_an_answer_is_paid_and_kept(ledger: Ledger) -> None:
    completer = ReplayCompleter(lambda request: "some functions")
    asked = once(ledger, completer)
    assert asked.answer.text == "some functions"
    assert asked.cost == pytest.approx(PRICE.of(asked.answer.usage))
    assert ledger.calls("voter", "item", "request", "status") == [
        ("an author", "", REQUEST.digest, "answered")
    ]


def test_the_same_question_is_not_asked_again(ledger: Ledger) -> None:
    completer = ReplayCompleter(lambda request: "some functions")
    first, second = once(ledger, completer), once(ledger, completer)
    assert second == Asked(first.answer, 0.0)
    assert len(completer.asked) == 1
    assert ledger.statuses() == ["answered"]


def test_without_a_price_the_cost_is_not_known(ledger: Ledger) -> None:
    completer = ReplayCompleter()
    assert once(ledger, completer, price=None).cost is None
    assert once(ledger, completer, price=None).cost == 0.0


def test_the_budget_is_a_hard_cap(ledger: Ledger) -> None:
    worst, completer = worst_cost(PRICE, REQUEST), ReplayCompleter()
    with pytest.raises(GateRefused, match="a-model"):
        once(ledger, completer, budget=worst * 0.99)
    assert (completer.asked, ledger.statuses()) == ([], [])
    once(ledger, completer, budget=worst * 1.01)
    assert ledger.statuses() == ["answered"]


@pytest.mark.usefixtures("patient")
def test_what_may_pass_is_tried_again(ledger: Ledger) -> None:
    completer = ReplayCompleter(lambda request: "done")
    completer.fail(
        CompletionError(Failure.OVERLOADED, "busy"), CompletionError(Failure.TIMEOUT, "late", sent=True)
    )
    assert once(ledger, completer).answer.text == "done"
    assert ledger.statuses() == ["refunded", "lost", "answered"]


@pytest.mark.usefixtures("patient")
def test_a_server_that_keeps_failing_is_told(ledger: Ledger) -> None:
    completer = ReplayCompleter()
    completer.fail(*[CompletionError(Failure.SERVER, "It broke.")] * ATTEMPTS)
    with pytest.raises(
        Unavailable, match=f"{ATTEMPTS} times in a row the server failed, last with: It broke"
    ):
        once(ledger, completer)
    assert ledger.statuses() == ["refunded"] * ATTEMPTS


@pytest.mark.parametrize(
    ("failure", "error"),
    [
        (Failure.AUTHENTICATION, InputError),
        (Failure.NOT_FOUND, InputError),
        (Failure.SPEND_LIMIT, Unavailable),
        (Failure.INVALID, QuorumError),
        (Failure.TOO_LARGE, QuorumError),
    ],
)
def test_what_will_not_pass_ends_it(ledger: Ledger, failure: Failure, error: type[Exception]) -> None:
    completer = ReplayCompleter()
    completer.fail(CompletionError(failure, "The server's words."))
    with pytest.raises(error, match=r"a-model: .*The server's words\."):
        once(ledger, completer)
    assert ledger.statuses() == ["refunded"]


def test_open_calls_of_dead_runs_are_lost_first(ledger: Ledger) -> None:
    with ledger.store.write() as tx:
        llm_calls.intend(tx, [llm_calls.CallIntent(1, "v", "item", 0, "another request", REQUEST.model, 0.5)])
    once(ledger, ReplayCompleter())
    assert ledger.statuses() == ["lost", "answered"]

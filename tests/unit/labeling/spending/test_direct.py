from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from sqlalchemy import update

from labeling.errors import GateRefused, InputError, Unavailable
from labeling.spending import Tally, answered, ask, feed, worst_cost
from labeling.spending.calls import ATTEMPTS, PATIENCE
from labeling.spending.direct import IN_A_ROW
from labeling.spending.pacing import backoff
from labeling.store import CallIntent, llm_batches, llm_calls
from labeling.store.schema import leases
from labeling.types import (
    CompletionAnswer,
    CompletionError,
    CompletionRequest,
    Failure,
    Item,
    RateLimits,
    Usage,
)
from tests.fakes import ReplayCompleter
from tests.ledgers import PRICE, Ledger
from tests.llm_voters import PlainVoter, item, texts

VOTER = PlainVoter()
Leaving = Callable[[], None] | None
GOOD = '{"evidence": "", "label": "HAM", "confidence": "high"}'
WORST = worst_cost(PRICE, VOTER.request(next(texts(1))))


def good(**given: object) -> ReplayCompleter:
    return ReplayCompleter(lambda request: GOOD, **given)  # type: ignore[arg-type]


def failing(*errors: CompletionError | None) -> ReplayCompleter:
    completer = good()
    completer.fail(*errors)
    return completer


def error(failure: Failure, *, retry_after: float | None = None, sent: bool = False) -> CompletionError:
    return CompletionError(failure, f"The server says {failure}.", retry_after=retry_after, sent=sent)


class Watched(ReplayCompleter):
    """Counts the calls that are out at once."""

    out = most = 0

    async def send(self, request: CompletionRequest, leaving: Leaving = None) -> CompletionAnswer:
        self.out += 1
        self.most = max(self.most, self.out)
        await asyncio.sleep(0.001)
        self.out -= 1
        return await super().send(request, leaving)


def test_every_item_gets_one_answer(ledger: Ledger) -> None:
    completer = good()
    tally = ledger.ask(completer, list(texts(50)))
    assert len(completer.asked) == tally.requests == tally.answered == 50
    assert (tally.cached, tally.unanswered, tally.lost) == (0, 0, 0)
    assert ledger.votes() == [("vote", "HAM")] * 50
    assert ledger.statuses() == ["answered"] * 50
    readings = answered(ledger.store, VOTER.version)
    assert sorted(readings.items) == sorted(each.digest for each in texts(50))


def test_what_it_cost_is_settled_from_the_usage(ledger: Ledger) -> None:
    tally = ledger.ask(good(), list(texts(50)))
    costs = [PRICE.of(Usage(*usage)) for usage in ledger.calls("input_tokens", "output_tokens")]
    assert tally.cost == pytest.approx(sum(costs)) == pytest.approx(tally.spent)
    assert [cost for (cost,) in ledger.calls("cost")] == pytest.approx(costs)


def test_again_costs_nothing_and_asks_nobody(ledger: Ledger) -> None:
    before = ledger.ask(good(), list(texts(50)))
    completer = good()
    tally = ledger.ask(completer, list(texts(50)))
    assert completer.asked == []
    assert (tally.requests, tally.answered, tally.cached, tally.cost) == (0, 50, 50, 0.0)
    assert tally.spent == before.spent


def test_without_a_price_tokens_are_counted_and_no_cost(ledger: Ledger) -> None:
    tally = ledger.ask(good(), list(texts(5)), price=None, budget=0.0)
    assert (tally.answered, tally.cost, tally.spent) == (5, None, None)
    assert tally.tokens.output > 0


def test_no_more_at_once_than_allowed(ledger: Ledger) -> None:
    completer = Watched(lambda request: GOOD)
    ledger.ask(completer, list(texts(60)), in_flight=6)
    assert completer.most == 6


def test_the_first_call_fills_the_cache_alone(ledger: Ledger) -> None:
    class Cache(Watched):
        at_first = 0

        async def send(self, request: CompletionRequest, leaving: Leaving = None) -> CompletionAnswer:
            answer = await super().send(request, leaving)
            self.at_first = self.at_first or self.most
            return answer

    completer = Cache(lambda request: GOOD)
    ledger.ask(completer, list(texts(30)), replace(VOTER, cache_ttl="5m"))
    assert (completer.at_first, completer.most) == (1, 4)
    other = Cache(lambda request: GOOD)
    ledger.ask(other, list(texts(30, start=100)))
    assert other.at_first > 1


def test_the_cache_is_filled_though_the_first_call_fails(ledger: Ledger, slept: list[float]) -> None:
    tally = ledger.ask(
        failing(*[error(Failure.SERVER)] * ATTEMPTS), list(texts(9)), replace(VOTER, cache_ttl="1h")
    )
    assert (tally.answered, tally.unanswered) == (8, 1)


def test_a_bad_answer_is_repaired_once(ledger: Ledger) -> None:
    def said(request: CompletionRequest) -> str:
        return GOOD if len(request.turns) == 3 else "HAM"

    tally = ledger.ask(ReplayCompleter(said), list(texts(5)))
    assert (tally.requests, tally.answered) == (10, 5)
    assert ledger.votes() == [("vote", "HAM")] * 5
    assert Counter(ledger.calls("turn")) == {(0,): 5, (1,): 5}


def test_what_stays_bad_abstains_with_its_reason(ledger: Ledger) -> None:
    eggs = json.dumps({"label": "EGGS", "confidence": "low"})
    said: dict[int, str] = {0: "prose", 1: eggs, 2: '{"label": "ABSTAIN", "confidence": "low"}', 3: GOOD}
    tally = ledger.ask(
        ReplayCompleter(lambda request: said[int(request.turns[0].text.split()[2][:-1])]), list(texts(4))
    )
    assert tally.abstained == {"unreadable": 1, "invalid_label": 1, "abstain": 1}
    assert tally.abstained_by_class == {"EGGS": {"invalid_label": 1}}
    assert Counter(label for _, label in ledger.votes()) == {None: 3, "HAM": 1}


def test_a_refusal_is_an_abstention(ledger: Ledger) -> None:
    refusal = CompletionAnswer("", "refusal", Usage(5, 1), VOTER.model, None, "cyber")
    tally = ledger.ask(ReplayCompleter(lambda request: refusal), list(texts(1)))
    assert tally.abstained == {"refusal": 1}
    assert ledger.calls("stop_reason", "stop_detail") == [("refusal", "cyber")]


def test_an_item_that_is_too_long_abstains_and_is_not_asked_again(ledger: Ledger) -> None:
    tally = ledger.ask(failing(error(Failure.TOO_LARGE)), list(texts(1)))
    assert (tally.answered, tally.abstained) == (1, {"too_long": 1})
    assert ledger.calls("status", "failure") == [("refunded", "too_large")]
    again = good()
    ledger.ask(again, list(texts(1)))
    assert again.asked == []


@pytest.mark.parametrize("failure", [Failure.SERVER, Failure.CONNECTION, Failure.TIMEOUT])
def test_a_failure_is_asked_again_with_backoff(ledger: Ledger, slept: list[float], failure: Failure) -> None:
    tally = ledger.ask(failing(error(failure), error(failure)), list(texts(1)))
    assert (tally.answered, tally.requests) == (1, 3)
    assert ledger.statuses() == ["refunded", "refunded", "answered"]
    assert slept == [backoff(1, 0.5), backoff(2, 0.5)]


def test_a_call_that_may_have_been_billed_is_lost_at_its_worst(ledger: Ledger, slept: list[float]) -> None:
    tally = ledger.ask(failing(error(Failure.TIMEOUT, sent=True)), list(texts(1)))
    assert ledger.calls("status", "failure") == [("lost", "timeout"), ("answered", None)]
    assert (tally.lost, tally.answered) == (1, 1)
    assert tally.cost is not None
    assert tally.spent == pytest.approx(tally.cost + WORST)


def test_an_item_that_fails_for_good_stays_unanswered_and_is_asked_by_the_next_run(
    ledger: Ledger, slept: list[float]
) -> None:
    tally = ledger.ask(failing(*[error(Failure.SERVER)] * ATTEMPTS), list(texts(1)))
    assert (tally.answered, tally.unanswered, tally.abstained) == (0, 1, {"provider_error": 1})
    assert ledger.votes() == []
    assert ledger.ask(good(), list(texts(1))).answered == 1


def test_a_request_that_will_not_do_is_passed_over_at_once(ledger: Ledger, slept: list[float]) -> None:
    tally = ledger.ask(failing(error(Failure.INVALID)), list(texts(3)))
    assert (tally.answered, tally.unanswered, slept) == (2, 1, [])


def test_many_failures_in_a_row_end_the_run_with_the_servers_words(ledger: Ledger) -> None:
    completer = failing(*[error(Failure.INVALID)] * 100)
    with pytest.raises(Unavailable, match=rf"{IN_A_ROW} times in a row.*The server says invalid_request"):
        ledger.ask(completer, list(texts(100)), in_flight=1)
    assert len(ledger.calls("id")) == IN_A_ROW


def test_failures_that_are_not_in_a_row_do_not(ledger: Ledger) -> None:
    errors = [error(Failure.INVALID), None] * 20
    tally = ledger.ask(failing(*errors), list(texts(40)), in_flight=1)
    assert (tally.answered, tally.unanswered) == (20, 20)


@pytest.mark.parametrize("failure", [Failure.RATE_LIMIT, Failure.OVERLOADED])
def test_refusals_slow_the_run_down_and_cost_no_item(
    ledger: Ledger, slept: list[float], failure: Failure
) -> None:
    errors = [*[error(failure)] * (PATIENCE - 1), None] * 4
    tally = ledger.ask(failing(*errors), list(texts(10)), in_flight=1)
    assert (tally.answered, tally.unanswered) == (10, 0)
    assert ledger.statuses().count("refunded") == 4 * (PATIENCE - 1)
    assert max(slept) == 30.0


def test_a_server_that_refuses_for_ever_ends_the_run(ledger: Ledger, slept: list[float]) -> None:
    completer = failing(*[error(Failure.OVERLOADED)] * 1000)
    with pytest.raises(Unavailable, match="The server says overloaded"):
        ledger.ask(completer, list(texts(100)))
    assert set(ledger.statuses()) == {"refunded"}
    assert sum(slept) > 100


def test_retry_after_is_honoured(ledger: Ledger, slept: list[float]) -> None:
    ledger.ask(failing(error(Failure.RATE_LIMIT, retry_after=17.0)), list(texts(1)))
    assert slept == [17.0]


def test_a_wait_that_is_too_long_ends_the_run(ledger: Ledger, slept: list[float]) -> None:
    with pytest.raises(Unavailable, match="2 hours"):
        ledger.ask(failing(error(Failure.RATE_LIMIT, retry_after=7200.0)), list(texts(5)))
    assert slept == []


@pytest.mark.parametrize(
    ("failure", "kind"),
    [
        (Failure.SPEND_LIMIT, Unavailable),
        (Failure.PAYMENT, Unavailable),
        (Failure.AUTHENTICATION, InputError),
        (Failure.PERMISSION, InputError),
        (Failure.NOT_FOUND, InputError),
    ],
)
def test_what_no_call_can_mend_ends_the_run_at_once(
    ledger: Ledger, failure: Failure, kind: type[Exception]
) -> None:
    tally = Tally()
    with pytest.raises(kind, match="answers are kept"):
        ledger.ask(failing(None, error(failure)), list(texts(500)), in_flight=1, tally=tally)
    assert (tally.answered, tally.requests) == (1, 2)
    assert ledger.votes() == [("vote", "HAM")]


def test_calls_that_are_out_come_in_when_the_run_ends(ledger: Ledger) -> None:
    class Slow(ReplayCompleter):
        async def send(self, request: CompletionRequest, leaving: Leaving = None) -> CompletionAnswer:
            number = len(self.asked)
            self.asked.append(request)
            await asyncio.sleep(0.001 if number == 3 else 0.05)
            if number == 3:
                raise error(Failure.PAYMENT)
            return self._answered(request)

    with pytest.raises(Unavailable):
        ledger.ask(Slow(lambda request: GOOD), list(texts(100)))
    assert Counter(ledger.statuses()) == {"answered": 3, "refunded": 1}
    assert len(ledger.votes()) == 3


def test_who_comes_back_from_a_call_waits_for_nothing(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Slow(ReplayCompleter):
        async def send(self, request: CompletionRequest, leaving: Leaving = None) -> CompletionAnswer:
            number = len(self.asked)
            self.asked.append(request)
            await asyncio.sleep(0.01 if number else 0.05)
            if number:
                raise error(Failure.PAYMENT)
            return self._answered(request)

    def items() -> Iterator[Item]:
        yield from texts(2)
        time.sleep(0.2)
        yield from texts(2, start=2)

    monkeypatch.setattr(feed, "BLOCK", 2)
    spending = replace(ledger.spending, completer=Slow(lambda request: GOOD))
    with pytest.raises(Unavailable):
        asyncio.run(asyncio.wait_for(ask(spending, VOTER, items()), 10))
    assert Counter(ledger.statuses()) == {"answered": 1, "refunded": 1}


def test_a_call_that_fails_when_the_run_has_ended_is_not_waited_for(
    ledger: Ledger, slept: list[float]
) -> None:
    class Slow(ReplayCompleter):
        async def send(self, request: CompletionRequest, leaving: Leaving = None) -> CompletionAnswer:
            self.asked.append(request)
            if len(self.asked) == 1:
                await asyncio.sleep(0.05)
                raise error(Failure.SERVER)
            raise error(Failure.PAYMENT)

    with pytest.raises(Unavailable, match="Add credit"):
        ledger.ask(Slow(), list(texts(2)))
    assert (ledger.statuses(), slept) == (["refunded", "refunded"], [])


def test_the_budget_is_a_hard_cap_and_a_larger_one_goes_on(ledger: Ledger) -> None:
    first = Tally()
    with pytest.raises(GateRefused, match="raise `budget`"):
        ledger.ask(good(), list(texts(100)), budget=5 * WORST, tally=first)
    assert first.spent is not None
    assert first.spent <= 5 * WORST
    assert 0 < first.answered == len(ledger.votes()) < 100
    second = ledger.ask(good(), list(texts(100)), budget=1.0)
    assert (second.requests, second.answered) == (100 - first.answered, 100)


def test_a_budget_that_allows_nothing_asks_nothing(ledger: Ledger) -> None:
    completer = good()
    with pytest.raises(GateRefused):
        ledger.ask(completer, list(texts(100)), budget=WORST / 2)
    assert completer.asked == []
    assert ledger.calls("id") == []


def test_calls_of_a_dead_run_are_lost_and_count_against_the_budget(ledger: Ledger) -> None:
    request = VOTER.request(next(texts(1)))
    with ledger.store.write() as tx:
        llm_calls.intend(tx, [CallIntent(1, VOTER.version, "x", 0, request.digest, VOTER.model, 0.25)])
    tally = ledger.ask(good(), list(texts(1)), budget=1.0)
    assert ledger.statuses() == ["lost", "answered"]
    assert tally.lost == 1
    assert tally.spent is not None
    assert tally.spent > 0.25


def test_the_same_request_is_sent_once(ledger: Ledger) -> None:
    completer = Watched(lambda request: GOOD)
    twins = [item("same text", author=f"{i}") for i in range(40)]
    tally = ledger.ask(completer, twins, in_flight=8)
    assert len(completer.asked) == tally.requests == 1
    assert (tally.answered, tally.cached) == (40, 39)
    assert len(ledger.votes()) == 40


def test_the_same_request_that_fails_fails_for_all_who_wait(ledger: Ledger) -> None:
    completer = Watched(lambda request: GOOD)
    completer.fail(error(Failure.INVALID))
    twins = [item("same text", author=f"{i}") for i in range(4)]
    tally = ledger.ask(completer, twins)
    assert (tally.answered, tally.unanswered) == (0, 4)


def test_another_voter_with_the_same_request_takes_the_answer(ledger: Ledger) -> None:
    ledger.ask(good(), list(texts(600)))
    completer = good()
    tally = ledger.ask(completer, list(texts(600)), replace(VOTER, name="other@m"))
    assert completer.asked == []
    assert (tally.answered, tally.cached) == (600, 600)
    assert len(ledger.votes()) == 1200


def test_another_reader_reads_again_and_asks_nobody(ledger: Ledger) -> None:
    ledger.ask(good(), list(texts(600)))
    completer = good()
    tally = ledger.ask(completer, list(texts(600)), replace(VOTER, reader=2))
    assert (completer.asked, tally.answered, tally.cached) == ([], 600, 600)
    assert set(answered(ledger.store, VOTER.version).readers) == {2}


def test_items_given_twice_are_asked_once(ledger: Ledger) -> None:
    completer = good()
    ledger.ask(completer, [*texts(5), *texts(5)])
    assert len(completer.asked) == 5


def test_progress_is_shown(ledger: Ledger) -> None:
    shown: list[tuple[str, int, int]] = []
    ledger.ask(good(), list(texts(50)), progress=lambda *seen: shown.append(seen), budget=1.0)
    what, done, total = shown[-1]
    assert (done, total) == (50, 50)
    assert what.startswith("plain@claude-haiku-4-5: ")
    assert "of $1.00 spent" in what


def test_limits_of_the_server_are_followed(ledger: Ledger, slept: list[float]) -> None:
    completer = good()
    completer.limits = RateLimits(requests=60, requests_left=10)
    ledger.ask(completer, list(texts(70)), in_flight=1)
    assert sum(slept) == pytest.approx(59.0, abs=2.0)


def test_items_are_drawn_as_they_are_needed(ledger: Ledger) -> None:
    drawn = []

    def items() -> Iterator[Item]:
        for each in texts(5000):
            drawn.append(each)
            yield each

    async def scene() -> None:
        completer = failing(*[error(Failure.PAYMENT)] * 9)
        await ask(replace(ledger.spending, completer=completer), VOTER, items())

    with pytest.raises(Unavailable):
        asyncio.run(scene())
    assert 0 < len(drawn) < 2000


def test_an_error_of_the_items_ends_the_run(ledger: Ledger) -> None:
    def items() -> Iterator[Item]:
        yield from texts(10)
        raise OSError("the disk")

    with pytest.raises(OSError, match="the disk"):
        asyncio.run(ask(replace(ledger.spending, completer=good()), VOTER, items()))


def test_an_error_of_the_completer_loses_its_call(ledger: Ledger) -> None:
    def broken(request: CompletionRequest) -> str:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        ledger.ask(ReplayCompleter(broken), list(texts(3)), in_flight=1)
    assert ledger.statuses() == ["lost"]


def test_a_run_without_its_lease_asks_nobody(ledger: Ledger) -> None:
    with ledger.store.write() as tx:
        tx.execute(update(leases).values(token=99))
    completer = good()
    with pytest.raises(Unavailable, match="taken over"):
        ledger.ask(completer, list(texts(3)))
    assert completer.asked == []


def test_no_items_are_no_work(ledger: Ledger) -> None:
    assert ledger.ask(good(), []).items == 0


def test_nothing_is_asked_one_by_one_while_a_batch_is_out(ledger: Ledger) -> None:
    with ledger.store.write() as tx:
        batch = llm_batches.intend(tx, VOTER.model, 40)
    completer = good()
    with pytest.raises(InputError, match="got 1 with 40 requests"):
        ledger.ask(completer, list(texts(3)))
    assert not completer.asked
    with ledger.store.write() as tx:
        llm_batches.ended(tx, batch.number)
    assert ledger.ask(completer, list(texts(3))).answered == 3

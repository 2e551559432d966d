from __future__ import annotations

from labeling.spending.budget import Budget
from labeling.spending.meter import SHOW_SECONDS, Meter, describe
from labeling.spending.tally import Tally

Shown = list[tuple[str, int, int]]


def meter(shown: Shown, total: int, now: list[float]) -> Meter:
    return Meter(lambda *seen: shown.append(seen), "spam@m", total, clock=lambda: now[0])


def test_rate_spending_and_time_left() -> None:
    shown: Shown = []
    now = [0.0]
    showing = meter(shown, 100, now)
    now[0] = 10.0
    showing.show(Tally(answered=39, cached=20, unanswered=1), Budget("m", 5.0, spent=1.25))
    assert shown == [("spam@m: 2.0/s, $1.25 of $5.00 spent, 30 s left", 40, 100)]


def test_not_more_than_a_few_times_per_second_but_at_the_end() -> None:
    shown: Shown = []
    now = [0.0]
    showing = meter(shown, 100, now)
    for i in range(100):
        showing.show(Tally(answered=i), Budget("m", None))
        now[0] += SHOW_SECONDS / 9.5
    assert [done for _, done, _ in shown] == list(range(0, 100, 10))
    showing.show(Tally(answered=100), Budget("m", None), last=True)
    assert shown[-1][1:] == (100, 100)


def test_nothing_where_nobody_knows_how_many() -> None:
    shown: Shown = []
    meter(shown, 0, [0.0]).show(Tally(answered=1), Budget("m", None), last=True)
    assert shown == []


def test_words() -> None:
    assert describe("v", 12.0, None, Budget("m", None), None) == "v: 12.0/s"
    assert describe("v", 0.5, 1.5, Budget("m", None), 600) == "v: 0.5/s, $1.50 spent, 10 min left"
    assert describe("v", 1.0, None, Budget("m", None), 9000) == "v: 1.0/s, 2.5 h left"

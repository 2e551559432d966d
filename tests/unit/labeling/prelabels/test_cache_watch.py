from __future__ import annotations

import pytest

from labeling.prelabels.watching import IDLE, UNREAD, CacheWatch, cache_remark
from labeling.spending import Tally
from labeling.types import CompletionAnswer, Outcome, Reading, Usage


def tally(*usages: Usage, cached: int = 0) -> Tally:
    found = Tally()
    for usage in usages:
        found.read(Reading(Outcome.VOTE, "HAM"), cached=False)
        found.paid(CompletionAnswer("", "end_turn", usage, "m"), None)
    for _ in range(cached):
        found.read(Reading(Outcome.VOTE, "HAM"), cached=True)
    return found


@pytest.mark.parametrize(
    ("usages", "remark"),
    [
        ([Usage(10, 1), Usage(10, 1)], IDLE),
        ([Usage(5, 1, cache_write=5), Usage(5, 1, cache_read=5)], None),
        ([Usage(5, 1, cache_write=5), Usage(5, 1, cache_write=5)], UNREAD),
        ([], None),
    ],
)
def test_what_is_said_of_a_cache(usages: list[Usage], remark: str | None) -> None:
    assert cache_remark(tally(*usages)) == remark


def said(counts: Tally, *, expected: bool = True) -> list[str]:
    lines: list[str] = []
    watch = CacheWatch("spam@m", counts, lambda what, done, total: lines.append(what), expected)
    for i in range(3):
        watch(f"spam@m: {i}", i, 3)
    return [line for line in lines if "cach" in line]


def test_it_is_said_once_and_not_before_the_second_answer_of_this_run() -> None:
    assert said(tally(Usage(10, 1), Usage(10, 1), cached=5)) == [f"spam@m: {IDLE}"]
    assert said(tally(Usage(10, 1), cached=5)) == []
    assert said(tally(Usage(10, 1), Usage(10, 1)), expected=False) == []

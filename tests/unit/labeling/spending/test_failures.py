from __future__ import annotations

import pytest

from labeling.errors import InputError, Unavailable
from labeling.spending.failures import (
    INPUT,
    LONGEST_WAIT,
    REMEDIES,
    VERDICTS,
    Verdict,
    gave_up,
    stopped,
    verdict,
)
from labeling.types import CompletionError, Failure


def test_every_failure_has_a_verdict_and_every_stop_a_remedy() -> None:
    assert VERDICTS.keys() == set(Failure)
    assert {failure for failure, said in VERDICTS.items() if said is Verdict.STOP} == REMEDIES.keys()
    assert REMEDIES.keys() >= INPUT


@pytest.mark.parametrize("failure", sorted(REMEDIES))
def test_a_stop_says_what_happened_and_what_to_do(failure: Failure) -> None:
    error = stopped("claude-x", CompletionError(failure, "The server's words."))
    assert isinstance(error, InputError if failure in INPUT else Unavailable)
    for part in ("claude-x", "The server's words.", REMEDIES[failure], "run it again", "answers are kept"):
        assert part in str(error)


@pytest.mark.parametrize("failure", [Failure.RATE_LIMIT, Failure.OVERLOADED, Failure.SERVER])
def test_a_wait_is_honoured_up_to_a_cap(failure: Failure) -> None:
    short = CompletionError(failure, "", retry_after=LONGEST_WAIT)
    assert verdict(short) is VERDICTS[failure]
    assert verdict(CompletionError(failure, "", retry_after=LONGEST_WAIT + 1)) is Verdict.STOP


def test_a_long_wait_says_when_to_come_back() -> None:
    said = str(stopped("m", CompletionError(Failure.RATE_LIMIT, "Slow down.", retry_after=7200)))
    assert "2 hours" in said
    assert "UTC" in said
    assert "5 minutes" in str(stopped("m", CompletionError(Failure.RATE_LIMIT, "", retry_after=300)))


def test_an_item_that_is_too_long_abstains_whatever_the_headers_say() -> None:
    assert verdict(CompletionError(Failure.TOO_LARGE, "", retry_after=1e6)) is Verdict.TOO_LONG


def test_many_failures_repeat_the_words_of_the_server() -> None:
    said = str(gave_up("m", CompletionError(Failure.SERVER, "Internal server error"), 10))
    assert "10 times in a row" in said
    assert "Internal server error" in said

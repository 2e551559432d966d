from __future__ import annotations

import asyncio

import pytest

from labeling.errors import InputError, QuorumError, Unavailable
from labeling.spending import pacing
from labeling.spending.batch_patience import PATIENCE, patiently
from labeling.types import CompletionError, Failure


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pacing, "BASE_SECONDS", 0.0)


def ask(*errors: CompletionError) -> tuple[str, int]:
    left, calls = list(errors), 0

    async def once() -> str:
        nonlocal calls
        calls += 1
        if left:
            raise left.pop(0)
        return "here"

    return asyncio.run(patiently("m", once)), calls


def test_passing_faults_are_waited_out() -> None:
    faults = [CompletionError(f, "no") for f in (Failure.OVERLOADED, Failure.SERVER, Failure.TIMEOUT)]
    assert ask(*faults) == ("here", 4)


def test_a_short_wait_is_kept_to() -> None:
    assert ask(CompletionError(Failure.RATE_LIMIT, "slow", retry_after=0.01)) == ("here", 2)


def test_patience_ends() -> None:
    fault = CompletionError(Failure.CONNECTION, "gone", sent=True)
    with pytest.raises(Unavailable, match=f"{PATIENCE} times in a row .* gone"):
        ask(*[fault] * PATIENCE)


@pytest.mark.parametrize(
    ("error", "kind", "words"),
    [
        (CompletionError(Failure.AUTHENTICATION, "bad key"), InputError, "ANTHROPIC_API_KEY"),
        (CompletionError(Failure.RATE_LIMIT, "slow", retry_after=9000.0), Unavailable, "2 hours"),
        (CompletionError(Failure.INVALID, "odd"), Unavailable, "odd Set mode: direct"),
        (CompletionError(Failure.UNSUPPORTED, "takes no batches."), InputError, "another mode"),
    ],
)
def test_what_waiting_does_not_help_ends_at_once(
    error: CompletionError, kind: type[QuorumError], words: str
) -> None:
    with pytest.raises(kind, match=words):
        ask(error)

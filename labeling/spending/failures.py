"""What to do when a call brings no answer: send it again, pass over the item, or stop with a next step."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from enum import Enum

from labeling.errors import InputError, QuorumError, Unavailable
from labeling.types import CompletionError, Failure

LONGEST_WAIT = 60.0
"""Seconds that a server may ask to wait; above them the run stops."""


class Verdict(Enum):
    """What follows from a failure.

    ``SLOW_DOWN``: the same again, when the server can. ``RETRY``: the same again, a few times. ``TOO_LONG``:
    the item's abstention. ``PASS_OVER``: the item stays unanswered. ``STOP``: none will do better.
    """

    SLOW_DOWN = "slow down"
    RETRY = "retry"
    TOO_LONG = "too long"
    PASS_OVER = "pass over"
    STOP = "stop"


VERDICTS: Mapping[Failure, Verdict] = {
    Failure.RATE_LIMIT: Verdict.SLOW_DOWN,
    Failure.OVERLOADED: Verdict.SLOW_DOWN,
    Failure.SERVER: Verdict.RETRY,
    Failure.TIMEOUT: Verdict.RETRY,
    Failure.CONNECTION: Verdict.RETRY,
    Failure.EXPIRED: Verdict.RETRY,
    Failure.TOO_LARGE: Verdict.TOO_LONG,
    Failure.INVALID: Verdict.PASS_OVER,
    Failure.SPEND_LIMIT: Verdict.STOP,
    Failure.AUTHENTICATION: Verdict.STOP,
    Failure.PAYMENT: Verdict.STOP,
    Failure.PERMISSION: Verdict.STOP,
    Failure.NOT_FOUND: Verdict.STOP,
    Failure.UNSUPPORTED: Verdict.STOP,
}

REMEDIES: Mapping[Failure, str] = {
    Failure.SPEND_LIMIT: "Raise the spend limit in the vendor's console, or wait until it is renewed",
    Failure.AUTHENTICATION: "Set ANTHROPIC_API_KEY to a key that is valid",
    Failure.PAYMENT: "Add credit to the account in the vendor's console",
    Failure.PERMISSION: "Use a key that may use this model, or name another model in the config",
    Failure.NOT_FOUND: "Check `model` and `base_url` under voters.llm in the config",
    Failure.UNSUPPORTED: "Name another server or another mode under voters.llm in the config",
}
INPUT = frozenset({Failure.AUTHENTICATION, Failure.PERMISSION, Failure.NOT_FOUND, Failure.UNSUPPORTED})
"""Failures of what the user wrote or set."""


def verdict(error: CompletionError) -> Verdict:
    """Give what follows from an error; a wait that is too long stops the run."""
    if (error.retry_after or 0.0) > LONGEST_WAIT and VERDICTS[error.failure] is not Verdict.TOO_LONG:
        return Verdict.STOP
    return VERDICTS[error.failure]


def stopped(model: str, error: CompletionError) -> QuorumError:
    """Say that a run stops for an error, and what to do."""
    if error.failure in REMEDIES:
        kind = InputError if error.failure in INPUT else Unavailable
        return kind(f"{model}: {error.message} {REMEDIES[error.failure]}, then run it again; {KEPT}.")
    wait = timedelta(seconds=error.retry_after or 0.0)
    moment = (datetime.now(UTC) + wait).strftime("%Y-%m-%d %H:%M UTC")
    return Unavailable(
        f"{model}: {error.message} The server asks to wait {_span(wait)}. "
        f"Run it again after {moment}; {KEPT}."
    )


def gave_up(model: str, error: CompletionError, times: int) -> Unavailable:
    """Say that a run stops since the server failed too often in a row."""
    return Unavailable(
        f"{model}: {times} times in a row the server failed, last with: {error.message} "
        f"Run it again when it is well; {KEPT}."
    )


KEPT = "all answers are kept"


def _span(wait: timedelta) -> str:
    minutes = round(wait.total_seconds() / 60)
    return f"{minutes} minutes" if minutes < 120 else f"{minutes / 60:.0f} hours"

"""Asking a server for what can be asked again and again, until it answers or patience ends."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import TypeVar

from labeling.errors import QuorumError, Unavailable
from labeling.spending.failures import Verdict, gave_up, stopped, verdict
from labeling.spending.pacing import backoff
from labeling.types import CompletionError

T = TypeVar("T")

PATIENCE = 10
"""Failures in a row after which a run stops."""


async def patiently(model: str, ask: Callable[[], Awaitable[T]]) -> T:
    """Ask until there is an answer.

    Raises
    ------
    QuorumError
        The server will not do better soon.
    """
    failures = 0
    while True:
        try:
            return await ask()
        except CompletionError as error:
            failures += 1
            await pause(model, error, failures)


async def pause(model: str, error: CompletionError, failures: int) -> None:
    """Wait before the next attempt.

    Parameters
    ----------
    failures : int
        How many there were in a row, from 1.

    Raises
    ------
    QuorumError
        None is of use.
    """
    if verdict(error) in (Verdict.STOP, Verdict.PASS_OVER, Verdict.TOO_LONG):
        raise _hopeless(model, error)
    if failures >= PATIENCE:
        raise gave_up(model, error, failures)
    await asyncio.sleep(max(error.retry_after or 0.0, backoff(failures, random.random())))


def _hopeless(model: str, error: CompletionError) -> QuorumError:
    if verdict(error) is Verdict.STOP:
        return stopped(model, error)
    return Unavailable(f"{model}: the server refuses the batch: {error.message} Set mode: direct instead.")

"""Interruptions that wait until a transaction is whole."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

HELD = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def held_signals() -> Iterator[None]:
    """Let an interruption wait for the end of the block; a second one does not.

    A transaction that is interrupted in the driver may stay open, and then locks out its own process.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    handlers = {number: signal.getsignal(number) for number in HELD}
    callables: dict[int, Callable[[int, FrameType | None], Any]] = {
        number: handler for number, handler in handlers.items() if callable(handler)
    }
    waiting: list[int] = []

    def hold(number: int, frame: FrameType | None) -> None:
        waiting.append(number)
        if len(waiting) > 1:
            callables[number](number, frame)

    for number in callables:
        signal.signal(number, hold)
    try:
        yield
    finally:
        for number, handler in callables.items():
            signal.signal(number, handler)
        if len(waiting) == 1:
            callables[waiting[0]](waiting[0], None)

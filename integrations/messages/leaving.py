"""The moment at which a request leaves: told to whoever waits for it, right before its body is written."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import httpx2

BODY = ".send_request_body.started"

_leaving: ContextVar[Callable[[], None]] = ContextVar("leaving")


@contextmanager
def tell_when_leaving(leaving: Callable[[], None] | None) -> Iterator[None]:
    """Have ``leaving`` called before each request of the block leaves."""
    if leaving is None:
        yield
        return
    token = _leaving.set(leaving)
    try:
        yield
    finally:
        _leaving.reset(token)


async def watch(request: httpx2.Request) -> None:
    """Watch a request on its way: a hook of the HTTP client."""
    leaving = _leaving.get(None)
    if leaving is None:
        return

    async def trace(event: str, _: dict[str, Any]) -> None:
        if event.endswith(BODY):
            leaving()

    request.extensions["trace"] = trace

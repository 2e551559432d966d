"""The moment at which a request leaves: told to whoever waits for it, right before its body is written."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import httpx2

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
    if leaving is not None and isinstance(request.stream, httpx2.AsyncByteStream):
        request.stream = _Watched(request.stream, leaving)


class _Watched(httpx2.AsyncByteStream):
    """A body that is drawn once the connection stands and the headers are out."""

    def __init__(self, body: httpx2.AsyncByteStream, leaving: Callable[[], None]) -> None:
        self._body, self._leaving = body, leaving

    async def __aiter__(self) -> AsyncIterator[bytes]:
        self._leaving()
        async for part in self._body:
            yield part

    async def aclose(self) -> None:
        await self._body.aclose()

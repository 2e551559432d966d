"""A local server that speaks the Messages API over real sockets, as a thread or a process of its own.

As a thread::

    with MessagesServer(answer=lambda params: answering("SPAM")) as server:
        server.fail("429:1", "drop")
        ... server.url, server.billed

As a process: ``python -m tests.messages_server --port 0 --log FILE`` prints its address in one line, then
serves until it is ended; ``tests.messages_process.running`` starts and ends one.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Self

from tests.messages_api import KEY, KINDS, MODELS, MessagesAPI
from tests.messages_http import requests, respond

__all__ = ["KEY", "KINDS", "MODELS", "MessagesServer"]


@dataclass
class MessagesServer(MessagesAPI):
    """The API on a port of the loopback interface; 0 takes any that is free."""

    port: int = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        self._writers: set[asyncio.StreamWriter] = set()
        self._ready = threading.Event()

    @contextmanager
    def refusing(self) -> Iterator[None]:
        """Refuse connections, and break those that are open, as a server that is not there does."""
        asyncio.run_coroutine_threadsafe(self._shut(), self._loop).result()
        try:
            yield
        finally:
            asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result()

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        self._ready.wait()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stopped.set)
        self._thread.join()

    def _run(self) -> None:
        asyncio.run(self.serve())

    async def serve(self) -> None:
        """Serve until stopped."""
        self._loop, self._stopped = asyncio.get_running_loop(), asyncio.Event()
        await self._listen()
        self._ready.set()
        await self._stopped.wait()
        await self._shut()
        self.bill.close()

    async def announce(self) -> None:
        """Serve, after saying where."""
        serving = asyncio.create_task(self.serve())
        while not self._ready.is_set():
            await asyncio.sleep(0.01)
        print(self.url, flush=True)  # noqa: T201
        await serving

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._connection, "127.0.0.1", self.port, backlog=1024)
        self.port = self._server.sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"

    async def _shut(self) -> None:
        self._server.close()
        for writer in list(self._writers):
            writer.transport.abort()
        await asyncio.sleep(0)

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            async for request in requests(reader):
                if not await respond(writer, await self.handle(request)):
                    break
        except asyncio.CancelledError:
            pass
        finally:
            self._writers.discard(writer)
            writer.close()


if __name__ == "__main__":
    from tests.messages_process import main

    main()

"""HTTP/1.1 by hand over asyncio: just as much as a local server of tests needs, and fast."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, urlsplit

REASONS = {status.value: status.phrase for status in HTTPStatus} | {529: "Overloaded"}


@dataclass(frozen=True, slots=True)
class HTTPRequest:
    """What a client sent; header names are in lower case."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class HTTPResponse:
    """What is sent back; with ``cut``, only that share of the bytes before the connection is broken."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: float | None = None


def json_response(status: int, document: Any, headers: Mapping[str, str] | None = None) -> HTTPResponse:
    """Answer with a JSON document."""
    return HTTPResponse(status, json.dumps(document).encode(), headers or {})


async def requests(reader: asyncio.StreamReader) -> AsyncIterator[HTTPRequest]:
    """Give the requests of one connection until the client closes it."""
    with suppress(asyncio.IncompleteReadError, ConnectionError):
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            start, *lines = head[:-4].decode("latin-1").split("\r\n")
            method, target, _ = start.split(" ", 2)
            headers = {
                name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)
            }
            body = await reader.readexactly(int(headers.get("content-length", "0")))
            url = urlsplit(target)
            yield HTTPRequest(method, url.path, dict(parse_qsl(url.query)), headers, body)


async def respond(writer: asyncio.StreamWriter, response: HTTPResponse) -> bool:
    """Write a response; whether the connection goes on."""
    headers = {
        "content-type": "application/json",
        "content-length": str(len(response.body)),
        **response.headers,
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    raw = f"HTTP/1.1 {response.status} {REASONS[response.status]}\r\n{head}\r\n".encode() + response.body
    if response.cut is not None:
        raw = raw[: int(len(raw) * response.cut)]
    with suppress(ConnectionError):
        writer.write(raw)
        await writer.drain()
        return response.cut is None
    return False

"""What a Messages server does with a request: admits, judges, answers and bills it, or goes wrong."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from tests.messages_batches import Batches
from tests.messages_documents import Bill, error_document, model_info
from tests.messages_faults import Chance, Fault, fault
from tests.messages_http import HTTPRequest, HTTPResponse, json_response
from tests.messages_model import Answer, Model, by_digest
from tests.messages_rules import BATCH_BYTES, MESSAGE_BYTES, batch_problem, problem

KEY = "a-test-key"
MODELS = ("claude-haiku-4-5", "claude-haiku-5-5", "claude-sonnet-5", "claude-sonnet-5-5", "claude-opus-5-5")


@dataclass(frozen=True)
class Kind:
    """What a server can do; the hosted one can all of it and is strict."""

    schema: Literal["honours", "ignores", "rejects"] = "honours"
    count_tokens: bool = True
    batches: bool = True
    models: bool = True
    strict: bool = True


KINDS: dict[str, Kind] = {
    "hosted": Kind(),
    "ollama": Kind("ignores", count_tokens=False, batches=False, models=False, strict=False),
    "llama.cpp": Kind("ignores", batches=False, models=False, strict=False),
    "vllm": Kind(batches=False, models=False, strict=False),
    "old": Kind("rejects", count_tokens=False, batches=False, models=False, strict=False),
}


class _Refused(Exception):
    """A request is answered with an error of the API."""

    def __init__(self, status: int, kind: str, message: str) -> None:
        self.fault = Fault(status, kind, message)
        super().__init__(message)


@dataclass
class MessagesAPI:
    """Answers requests as the Messages API does.

    Attributes
    ----------
    answer : callable
        Gives the model's answer (text or `Reply`) to the parameters of a request.
    kind : str
        One of ``KINDS``.
    log : Path, optional
        Where what was billed is appended, one JSON object to a line.
    latency : float
        Seconds per answer.
    batch_seconds : float
        Seconds until a batch has ended.
    in_flight : int, optional
        More requests than that at once get a 429.
    per_minute : int
        The limit of requests that the headers tell; it is not enforced.
    chance : Chance
        Faults at random for messages, beside those that are queued by `fail`.
    context : int
        Tokens that a prompt may have.
    cache_minimum : int
        Tokens that a prompt must share to be cached.
    url : str
        The address, without ``/v1``.
    """

    answer: Answer = field(default_factory=by_digest)
    kind: str = "hosted"
    log: Path | None = None
    models: Sequence[str] = MODELS
    latency: float = 0.0
    batch_seconds: float = 0.0
    in_flight: int | None = None
    per_minute: int = 4000
    context: int = 200_000
    cache_minimum: int = 1024
    chance: Chance = field(default_factory=lambda: Chance([], 0.0))
    url: str = ""

    def __post_init__(self) -> None:
        self.can = KINDS[self.kind]
        self.model = Model(lambda params: self.answer(params), self.cache_minimum)
        self.batches = Batches(self.batch_seconds)
        self.faults: dict[str, deque[Fault]] = {}
        self.bill = Bill(self.log)
        self.calls: dict[str, int] = {}
        self.most_in_flight = 0
        self._now_in_flight = 0

    @property
    def billed(self) -> list[dict[str, Any]]:
        """What was billed so far, oldest first."""
        return self.bill.rows

    def fail(self, *names: str, route: str = "messages") -> None:
        """Queue faults for the next requests to a route.

        Routes: messages, count_tokens, models, batches (create), batch (retrieve, list), results, and
        batch_items: the requests of batches, in their order.
        """
        self.faults.setdefault(route, deque()).extend(fault(name) for name in names)

    async def handle(self, request: HTTPRequest) -> HTTPResponse:
        """Answer one request."""
        self._now_in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self._now_in_flight)
        try:
            self._admit(request)
            return await self._route(request)
        except _Refused as refused:
            return self._error(refused.fault)
        finally:
            self._now_in_flight -= 1

    def _admit(self, request: HTTPRequest) -> None:
        if self.in_flight is not None and self._now_in_flight > self.in_flight:
            raise _Refused(
                429, "rate_limit_error", "Number of concurrent connections has exceeded your rate limit."
            )
        if not self.can.strict:
            return
        key = request.headers.get("authorization", "").removeprefix("Bearer ") or request.headers.get(
            "x-api-key"
        )
        if key != KEY:
            raise _Refused(401, "authentication_error", "invalid x-api-key")
        if "anthropic-version" not in request.headers:
            raise _Refused(400, "invalid_request_error", "anthropic-version: header is required")

    async def _route(self, request: HTTPRequest) -> HTTPResponse:
        parts = request.path.removeprefix("/v1/").split("/")
        match request.method, parts:
            case "POST", ["messages"]:
                return await self._faulty("messages", request, self._message)
            case "POST", ["messages", "count_tokens"] if self.can.count_tokens:
                return await self._faulty("count_tokens", request, self._count)
            case "POST", ["messages", "batches"] if self.can.batches:
                return await self._faulty("batches", request, self._create_batch)
            case _, ["messages", "batches", *_] if self.can.batches:
                route = "results" if parts[-1] == "results" else "batch"
                return await self._faulty(route, request, self._batch)
            case "GET", ["models", *_] if self.can.models:
                return await self._faulty("models", request, self._models)
        raise _Refused(404, "not_found_error", f"Not found: {request.path}")

    async def _faulty(self, route: str, request: HTTPRequest, handler: Any) -> HTTPResponse:
        self.calls[route] = self.calls.get(route, 0) + 1
        queue = self.faults.get(route)
        wrong = queue.popleft() if queue else (self.chance.draw() if route == "messages" else None) or Fault()
        if wrong.status == 0:
            return HTTPResponse(500, b"", cut=0.0)
        if wrong.status != 200:
            await asyncio.sleep(wrong.delay)
            return self._error(wrong)
        response: HTTPResponse = handler(request, wrong)
        if seconds := wrong.delay + (self.latency if route == "messages" else 0.0):
            await asyncio.sleep(seconds)
        body = response.body[: len(response.body) // 2] if wrong.truncate else response.body
        headers = {**response.headers, **self._limits(), **wrong.headers}
        return HTTPResponse(response.status, body, headers, wrong.cut)

    def _message(self, request: HTTPRequest, wrong: Fault) -> HTTPResponse:
        if len(request.body) > MESSAGE_BYTES:
            raise _Refused(413, "request_too_large", "Request exceeds the maximum size")
        params = self._judged(_parsed(request.body))
        return json_response(200, self._answered(params, wrong, {}))

    def _answered(self, params: dict[str, Any], wrong: Fault, place: Mapping[str, str]) -> dict[str, Any]:
        reply = wrong.reply(self.model.reply(params))
        message = self.model.message(params, reply)
        self.bill.add(params, message["usage"], place)
        return message

    def _judged(self, params: Any, *, counting: bool = False) -> dict[str, Any]:
        if self.can.strict and (wrong := problem(params, counting=counting)):
            raise _Refused(400, "invalid_request_error", wrong)
        if self.can.strict and params["model"] not in self.models:
            raise _Refused(404, "not_found_error", f"model: {params['model']}")
        if self.can.schema == "rejects" and "output_config" in params:
            raise _Refused(400, "invalid_request_error", "output_config: Extra inputs are not permitted")
        if self.can.schema == "ignores":
            params = {key: value for key, value in params.items() if key != "output_config"}
        if (asked := self.model.input_tokens(params)) > self.context:
            raise _Refused(
                400, "invalid_request_error", f"prompt is too long: {asked} tokens > {self.context} maximum"
            )
        return dict(params)

    def _count(self, request: HTTPRequest, wrong: Fault) -> HTTPResponse:
        params = self._judged(_parsed(request.body), counting=True)
        return json_response(200, {"input_tokens": self.model.input_tokens(params)})

    def _create_batch(self, request: HTTPRequest, wrong: Fault) -> HTTPResponse:
        if len(request.body) > BATCH_BYTES:
            raise _Refused(413, "request_too_large", "Request exceeds the maximum size of 256 MB")
        body = _parsed(request.body)
        if complaint := batch_problem(body):
            raise _Refused(400, "invalid_request_error", complaint)
        return json_response(200, self.batches.create(body["requests"], self._batch_item).document(self.url))

    def _batch_item(self, batch_id: str, custom_id: str, params: Any) -> dict[str, Any]:
        queue = self.faults.get("batch_items")
        wrong = queue.popleft() if queue else Fault()
        if wrong.status == 0:
            return {"type": wrong.kind}
        try:
            if wrong.status != 200:
                raise _Refused(wrong.status, wrong.kind, wrong.message)
            message = self._answered(self._judged(params), wrong, {"batch": batch_id, "custom_id": custom_id})
        except _Refused as refused:
            return {"type": "errored", "error": error_document(refused.fault, None)}
        return {"type": "succeeded", "message": message}

    def _batch(self, request: HTTPRequest, wrong: Fault) -> HTTPResponse:
        _, _, *rest = request.path.removeprefix("/v1/").split("/")
        if not rest:
            return json_response(200, self.batches.page(request.query, self.url))
        batch = self.batches.made.get(rest[0])
        if batch is None:
            raise _Refused(404, "not_found_error", f"No batch found for ID {rest[0]}")
        if rest[1:] == ["results"]:
            if not batch.ended:
                raise _Refused(404, "not_found_error", "The results are not there yet.")
            return HTTPResponse(200, batch.jsonl(), {"content-type": "application/x-jsonl"})
        if rest[1:] == ["cancel"]:
            batch.cancel()
        return json_response(200, batch.document(self.url))

    def _models(self, request: HTTPRequest, wrong: Fault) -> HTTPResponse:
        _, *rest = request.path.removeprefix("/v1/").split("/")
        if not rest:
            data = [model_info(name) for name in self.models]
            return json_response(
                200, {"data": data, "has_more": False, "first_id": data[0]["id"], "last_id": data[-1]["id"]}
            )
        if rest[0] not in self.models:
            raise _Refused(404, "not_found_error", f"model: {rest[0]}")
        return json_response(200, model_info(rest[0]))

    def _error(self, wrong: Fault) -> HTTPResponse:
        request_id = f"req_{len(self.billed):08d}"
        if wrong.kind == "html":
            return HTTPResponse(wrong.status, wrong.message.encode(), {"content-type": "text/html"})
        headers = {"request-id": request_id, **self._limits(), **wrong.headers}
        return json_response(wrong.status, error_document(wrong, request_id), headers)

    def _limits(self) -> dict[str, str]:
        if not self.can.strict:
            return {}
        left = max(0, self.per_minute - len(self.billed) % self.per_minute)
        return {
            "request-id": f"req_{len(self.billed):08d}",
            "anthropic-ratelimit-requests-limit": str(self.per_minute),
            "anthropic-ratelimit-requests-remaining": str(left),
            "anthropic-ratelimit-requests-reset": "2026-01-01T00:00:00Z",
            "anthropic-ratelimit-input-tokens-limit": "2000000",
            "anthropic-ratelimit-input-tokens-remaining": "1999000",
            "anthropic-ratelimit-output-tokens-limit": "400000",
            "anthropic-ratelimit-output-tokens-remaining": "399000",
        }


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        raise _Refused(400, "invalid_request_error", "The request body is not valid JSON") from None

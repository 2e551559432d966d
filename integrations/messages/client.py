"""The real client of the Messages API as the engine's port."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

import anthropic
import httpx2

from integrations.messages import batches
from integrations.messages.answers import read_answer
from integrations.messages.connection import VENDOR, address_of, connect, key_for
from integrations.messages.errors import Translator
from integrations.messages.headers import rate_limits
from integrations.messages.leaving import tell_when_leaving
from integrations.messages.probe import capabilities
from integrations.messages.requests import Form, counted, parameters
from labeling.types import (
    Batch,
    BatchResult,
    Capabilities,
    CompletionAnswer,
    CompletionError,
    CompletionRequest,
    Failure,
    RateLimits,
)

ANSWER_SECONDS = 120.0
MESSAGES = "/v1/messages"


class AnthropicCompleter:
    """Sends requests with the vendor's own client; made by `open_completer`.

    A server that refuses the schema of answers is asked without it from then on.
    """

    def __init__(self, client: anthropic.AsyncAnthropic, translator: Translator, less: Form) -> None:
        self._client = client
        self._translator = translator
        self._limits = RateLimits()
        self._known: dict[str, Capabilities] = {}
        self._less = less
        self._forms: dict[str, Form] = {}
        self._taken: set[str] = set()

    @property
    def limits(self) -> RateLimits:
        """What the server allows, as far as it has said."""
        return self._limits

    async def probe(self, model: str) -> Capabilities:
        """Find out what the server can do; asked once, then known. A model that is not there is an error."""
        if model not in self._known:
            known = await capabilities(self._client, model, self._translator)
            self._known[model] = known
            if known.models and not known.schema:
                self._forms[model] = self._less
        return self._known[model]

    async def send(
        self, request: CompletionRequest, leaving: Callable[[], None] | None = None
    ) -> CompletionAnswer:
        """Ask and wait for the answer; ``leaving`` is called right before a question leaves the process."""
        form = self._form(request)
        with tell_when_leaving(leaving):
            try:
                answer = await self._send(request, form)
            except CompletionError as error:
                if not self._may_be_the_schema(request, form, error):
                    raise
                return await self._without_schema(request, error)
        if request.schema is not None and form is Form.SCHEMA:
            self._taken.add(request.model)
        return answer

    async def count_tokens(self, request: CompletionRequest) -> int:
        """Let the server count the input tokens of a request."""
        known = self._known.get(request.model)
        if known is not None and not known.count_tokens:
            raise CompletionError(Failure.UNSUPPORTED, f"{self._translator.address} counts no tokens.")
        asked = counted(request, self._form(request))
        with self._translator.failures():
            return int((await self._client.messages.count_tokens(**asked)).input_tokens)

    async def submit(self, requests: Sequence[tuple[str, CompletionRequest]]) -> Batch:
        """Start a batch of (custom id, request); not idempotent."""
        known = self._known.get(requests[0][1].model)
        if known is not None and not known.batches:
            raise CompletionError(Failure.UNSUPPORTED, f"{self._translator.address} takes no batches.")
        asked = [(name, parameters(request, self._form(request))) for name, request in requests]
        return await batches.submit(self._client, self._translator, asked)

    async def poll(self, batch_id: str) -> Batch:
        """Look how far a batch is."""
        return await batches.poll(self._client, self._translator, batch_id)

    def results(self, batch_id: str) -> AsyncIterator[BatchResult]:
        """Give the results of a batch that ended, in any order."""
        return batches.results(self._client, self._translator, batch_id)

    async def find(self, since: str) -> Sequence[Batch]:
        """List batches that were created at or after a time, ISO 8601 in UTC, oldest first."""
        return await batches.find(self._client, self._translator, since)

    async def close(self) -> None:
        """Close connections."""
        await self._client.close()

    async def _send(self, request: CompletionRequest, form: Form) -> CompletionAnswer:
        asked = parameters(request, form)
        with self._translator.failures():
            try:
                response = await self._client.post(MESSAGES, cast_to=httpx2.Response, body=asked)
            except anthropic.APIStatusError as error:
                self._limits = rate_limits(error.response.headers, self._limits)
                raise
            self._limits = rate_limits(response.headers, self._limits)
            return read_answer(response.content, response.headers.get("request-id"))

    def _form(self, request: CompletionRequest) -> Form:
        return self._forms.get(request.model, Form.SCHEMA)

    def _may_be_the_schema(self, request: CompletionRequest, form: Form, error: CompletionError) -> bool:
        untried = request.schema is not None and form is Form.SCHEMA and request.model not in self._taken
        return untried and error.failure is Failure.INVALID

    async def _without_schema(self, request: CompletionRequest, refused: CompletionError) -> CompletionAnswer:
        try:
            answer = await self._send(request, self._less)
        except CompletionError as error:
            raise refused if error.failure is Failure.INVALID else error from None
        self._forms[request.model] = self._less
        return answer


@asynccontextmanager
async def open_completer(
    base_url: str | None = None, *, seconds: float = ANSWER_SECONDS
) -> AsyncIterator[AnthropicCompleter]:
    """Connect to a server that speaks the Messages API, the vendor's where no address is given.

    The key is the environment's: ``ANTHROPIC_API_KEY``, else ``ANTHROPIC_AUTH_TOKEN``. Nothing is sent yet.

    Parameters
    ----------
    base_url : str, optional
        Address of the server, without ``/v1``.
    seconds : float
        How long an answer may take.

    Raises
    ------
    InputError
        The address or the key is none.
    Unavailable
        The vendor needs a key and there is none.
    """
    address = address_of(base_url)
    key = key_for(address)
    # Servers of other makers know neither part of the form, the vendor's models know effort at least.
    less = Form.EFFORT if address == VENDOR else Form.NOTHING
    completer = AnthropicCompleter(connect(address, key, seconds), Translator(address, key), less)
    try:
        yield completer
    finally:
        await completer.close()

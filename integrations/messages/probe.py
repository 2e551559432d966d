"""Finding out what a server can do."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any

import anthropic
from anthropic.types import ModelInfo

from integrations.messages.errors import Translator
from labeling.types import Capabilities, CompletionError, Failure

ABSENT = frozenset({Failure.NOT_FOUND, Failure.INVALID, Failure.SERVER, Failure.UNSUPPORTED})
"""How servers answer what they do not know: 404, 400, 405, 501, ..."""


async def capabilities(client: anthropic.AsyncAnthropic, model: str, translator: Translator) -> Capabilities:
    """Ask a server what it can do, without anything that is billed.

    Only a server that describes its models as the hosted one does is taken to enforce schemas; the batches of
    one that describes none are not looked for.

    Raises
    ------
    CompletionError
        The server has no such model, wants another key, or cannot be reached.
    """
    info = await _model(client, model, translator)
    says = info.capabilities if info is not None else None
    batches = bool(says and says.batch.supported) and await _answers(
        client.messages.batches.with_raw_response.list(limit=1), translator
    )
    turn: Any = {"role": "user", "content": "."}
    counts = await _answers(
        client.messages.with_raw_response.count_tokens(model=model, messages=[turn]), translator
    )
    return Capabilities(
        schema=bool(says and says.structured_outputs.supported),
        count_tokens=counts,
        batches=batches,
        models=info is not None,
    )


async def _model(client: anthropic.AsyncAnthropic, model: str, translator: Translator) -> ModelInfo | None:
    """Let the server describe the model; None where it describes none."""
    try:
        with translator.failures():
            info = await client.models.retrieve(model)
            return info if isinstance(info, ModelInfo) and info.type == "model" else None
    except CompletionError as error:
        if error.failure not in ABSENT:
            raise
        known = await _models(client, translator)
        if not known:
            return None
        names = ", ".join(known)
        raise CompletionError(Failure.NOT_FOUND, f"{model}: no model here; there are {names}.") from None


async def _models(client: anthropic.AsyncAnthropic, translator: Translator) -> list[str]:
    """List the models of a server that describes them as the hosted one does."""
    try:
        with translator.failures():
            page = await client.models.list(limit=100)
            return [info.id for info in page.data if info.type == "model"]
    except CompletionError:
        return []


async def _answers(call: Awaitable[Any], translator: Translator) -> bool:
    try:
        with translator.failures():
            response = await call
            return isinstance(await response.json(), dict)
    except CompletionError as error:
        if error.failure in ABSENT or error.sent:
            return False
        raise

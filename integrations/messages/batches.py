"""Message batches: started, looked at, listed and read."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from typing import Any

import anthropic
from anthropic.types.messages import MessageBatch, MessageBatchIndividualResponse

from integrations.messages.answers import answer_of
from integrations.messages.errors import Translator
from labeling.types import Batch, BatchResult, CompletionError, Failure

PAGE = 100
CREATE_SECONDS = 600.0


async def submit(
    client: anthropic.AsyncAnthropic,
    translator: Translator,
    requests: Sequence[tuple[str, dict[str, Any]]],
) -> Batch:
    """Start a batch of (custom id, parameters); a second time starts a second one."""
    asked: Any = [{"custom_id": name, "params": parameters} for name, parameters in requests]
    with translator.failures():
        return _batch(await client.messages.batches.create(requests=asked, timeout=CREATE_SECONDS))


async def poll(client: anthropic.AsyncAnthropic, translator: Translator, batch_id: str) -> Batch:
    """Look at a batch."""
    with translator.failures():
        return _batch(await client.messages.batches.retrieve(batch_id))


async def find(client: anthropic.AsyncAnthropic, translator: Translator, since: str) -> list[Batch]:
    """List batches that were created at or after a time, oldest first; the server gives the newest first."""
    found: list[Batch] = []
    with translator.failures():
        async for made in client.messages.batches.list(limit=PAGE):
            batch = _batch(made)
            if batch.created_at < since:
                break
            found.append(batch)
    return found[::-1]


async def results(
    client: anthropic.AsyncAnthropic, translator: Translator, batch_id: str
) -> AsyncIterator[BatchResult]:
    """Give the results of a batch that ended, as they are read."""
    with translator.failures():
        lines = await client.messages.batches.results(batch_id)
    try:
        while True:
            with translator.failures():
                line = await anext(lines, None)
                result = None if line is None else _result(line, translator)
            if result is None:
                break
            yield result
    finally:
        await lines.close()


def written(moment: datetime) -> str:
    """Write a time as the store does, ISO 8601 in UTC with microseconds."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def _batch(made: MessageBatch) -> Batch:
    counts = made.request_counts
    size = counts.processing + counts.succeeded + counts.errored + counts.canceled + counts.expired
    return Batch(made.id, made.processing_status == "ended", written(made.created_at), size)


def _result(line: MessageBatchIndividualResponse, translator: Translator) -> BatchResult:
    result = line.result
    if result.type == "succeeded":
        return BatchResult(line.custom_id, answer_of(result.message.to_dict(warnings=False), None))
    if result.type == "errored":
        error = result.error.error
        return BatchResult(line.custom_id, None, translator.failed(error.type, error.message))
    what = f"the request was {result.type} before its turn came"
    return BatchResult(line.custom_id, None, CompletionError(Failure.EXPIRED, what))

"""Messages of the API as answers."""

from __future__ import annotations

from anthropic.types import Message
from anthropic.types import Usage as BilledUsage

from labeling.types import CompletionAnswer, Usage


def answer_of(message: Message, request_id: str | None) -> CompletionAnswer:
    """Read a message; text blocks are chosen by their type, for thinking may come first.

    Raises
    ------
    ValueError
        It is no message: servers and what stands before them may send anything.
    """
    if not isinstance(message, Message) or not isinstance(message.content, list):
        raise ValueError("not a message")
    details = message.stop_details
    return CompletionAnswer(
        text="".join(block.text for block in message.content if block.type == "text"),
        stop_reason=message.stop_reason or "end_turn",
        usage=_usage(message.usage),
        model=message.model,
        request_id=request_id or message.id,
        stop_detail=details.category if details is not None else None,
    )


def _usage(billed: BilledUsage | None) -> Usage:
    if billed is None:
        raise ValueError("a message without usage")
    return Usage(
        input=billed.input_tokens or 0,
        output=billed.output_tokens or 0,
        cache_write=billed.cache_creation_input_tokens or 0,
        cache_read=billed.cache_read_input_tokens or 0,
    )

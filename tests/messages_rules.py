"""What the hosted Messages API rejects, in its own words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

FIELDS = frozenset(
    {
        *("model", "max_tokens", "messages", "system", "metadata", "stop_sequences", "stream", "thinking"),
        *("tools", "tool_choice", "output_config", "service_tier", "cache_control", "container"),
        *("diagnostics", "inference_geo", "speed"),
    }
)
COUNTED = FIELDS - {
    "max_tokens",
    "metadata",
    "stop_sequences",
    "stream",
    "service_tier",
    "container",
    "diagnostics",
}
EFFORTS = ("low", "medium", "high", "xhigh", "max")
KEYWORDS = frozenset(
    {
        *("type", "properties", "required", "additionalProperties", "enum", "const", "anyOf", "allOf"),
        *("items", "$ref", "$defs", "description", "title", "default", "format", "minItems", "pattern"),
    }
)
FORMATS = frozenset(
    {"date-time", "time", "date", "duration", "email", "hostname", "uri", "ipv4", "ipv6", "uuid"}
)
CUSTOM_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
BATCH_REQUESTS = 100_000
BATCH_BYTES = 256_000_000
MESSAGE_BYTES = 32_000_000


def problem(params: Any, *, counting: bool = False) -> str | None:
    """Give the first thing that is wrong with a request; None where there is none."""
    return next(_problems(params, COUNTED if counting else FIELDS), None)


def batch_problem(body: Any) -> str | None:
    """Give the first thing that is wrong with a batch; what its requests ask is judged later, one by one."""
    requests = body.get("requests") if isinstance(body, dict) else None
    if not isinstance(requests, list) or not requests:
        return "requests: List should have at least 1 item after validation, not 0"
    if extra := body.keys() - {"requests"}:
        return f"{min(extra)}: Extra inputs are not permitted"
    if len(requests) > BATCH_REQUESTS:
        return f"requests: List should have at most {BATCH_REQUESTS} items after validation"
    return _wrong_ids(requests)


def tokens(text: str) -> int:
    """Count tokens as good as any: four characters each."""
    return -(-len(text) // 4)


def system_text(params: Mapping[str, Any]) -> str:
    """Join what the request shares with others."""
    system = params.get("system") or ""
    return system if isinstance(system, str) else "\n".join(str(block["text"]) for block in system)


def turn_text(turn: Mapping[str, Any]) -> str:
    """Join what one side said."""
    content = turn["content"]
    return content if isinstance(content, str) else "\n".join(str(block.get("text", "")) for block in content)


def _wrong_ids(requests: Sequence[Any]) -> str | None:
    seen: set[str] = set()
    for i, request in enumerate(requests):
        if not isinstance(request, dict) or request.keys() != {"custom_id", "params"}:
            return f"requests.{i}: Field required: custom_id and params alone"
        name = request["custom_id"]
        if not isinstance(name, str) or not CUSTOM_ID.fullmatch(name):
            return f"requests.{i}.custom_id: String should match pattern '^[a-zA-Z0-9_-]{{1,64}}$'"
        if name in seen:
            return f"requests.{i}.custom_id: Custom ids must be unique: {name}"
        seen.add(name)
    return None


def _problems(params: Any, known: frozenset[str]) -> Iterator[str]:
    if not isinstance(params, dict):
        yield "Input should be a valid dictionary"
        return
    yield from (f"{name}: Extra inputs are not permitted" for name in sorted(params.keys() - known))
    if not isinstance(params.get("model"), str) or not params["model"]:
        yield "model: Field required"
    if "max_tokens" in known and "max_tokens" not in params:
        yield "max_tokens: Field required"
    if "max_tokens" in params and (type(params["max_tokens"]) is not int or params["max_tokens"] < 0):
        yield "max_tokens: Input should be greater than or equal to 0"
    yield from _wrong_turns(params.get("messages"))
    yield from _wrong_system(params.get("system", ""))
    yield from _wrong_output(params.get("output_config", {}))


def _wrong_turns(turns: Any) -> Iterator[str]:
    if not isinstance(turns, list) or not turns:
        yield "messages: at least one message is required"
        return
    for i, turn in enumerate(turns):
        if not isinstance(turn, dict) or turn.keys() != {"role", "content"}:
            yield f"messages.{i}: Field required: role and content alone"
        elif turn["role"] not in ("user", "assistant"):
            yield f"messages.{i}.role: Input should be 'user' or 'assistant'"
        elif not turn_text(turn).strip():
            yield f"messages.{i}: all messages must have non-empty content"
    if turns[0].get("role") != "user":
        yield 'messages: first message must use the "user" role'
    if turns[-1].get("role") == "assistant":
        yield "This model does not support assistant message prefill."


def _wrong_system(system: Any) -> Iterator[str]:
    if isinstance(system, str):
        return
    marked = 0
    for i, block in enumerate(system):
        if block.get("type") != "text" or not block.get("text", "").strip():
            yield f"system.{i}: text content blocks must be non-empty"
        if extra := block.keys() - {"type", "text", "cache_control"}:
            yield f"system.{i}.{min(extra)}: Extra inputs are not permitted"
        if cache := block.get("cache_control"):
            marked += 1
            if cache.get("type") != "ephemeral" or cache.get("ttl", "5m") not in ("5m", "1h"):
                yield f"system.{i}.cache_control.ttl: Input should be '5m' or '1h'"
    if marked > 4:
        yield "A maximum of 4 blocks with cache_control may be provided."


def _wrong_output(output: Mapping[str, Any]) -> Iterator[str]:
    yield from (
        f"output_config.{key}: Extra inputs are not permitted"
        for key in output
        if key not in ("effort", "format")
    )
    if output.get("effort") not in (None, *EFFORTS):
        yield f"output_config.effort: Input should be one of {', '.join(EFFORTS)}"
    if form := output.get("format"):
        if form.get("type") != "json_schema" or not isinstance(form.get("schema"), dict):
            yield "output_config.format.schema: Field required"
        else:
            yield from _wrong_schema(form["schema"])


def _wrong_schema(schema: Mapping[str, Any]) -> Iterator[str]:
    where = "output_config.format.schema"
    for key in schema.keys() - KEYWORDS:
        yield f"{where}: For '{schema.get('type')}' type, property '{key}' is not supported"
    if schema.get("type") == "object" and schema.get("additionalProperties") is not False:
        yield f"{where}: For 'object' type, 'additionalProperties' must be explicitly set to false"
    if schema.get("format") not in (None, *FORMATS):
        yield f"{where}: For 'string' type, format '{schema['format']}' is not supported"
    if schema.get("minItems", 0) > 1:
        yield f"{where}: For 'array' type, 'minItems' values other than 0 or 1 are not supported"
    parts = [*schema.get("properties", {}).values(), *schema.get("$defs", {}).values()]
    parts += [
        *schema.get("anyOf", ()),
        *schema.get("allOf", ()),
        *([schema["items"]] if "items" in schema else []),
    ]
    for part in parts:
        yield from _wrong_schema(part)

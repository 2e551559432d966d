"""A request as the parameters of the API."""

from __future__ import annotations

import json
from enum import Enum
from functools import lru_cache
from typing import Any

import anthropic

from labeling.types import CompletionRequest


class Form(Enum):
    """How much of what governs the form of an answer a server is given."""

    SCHEMA = "schema"
    EFFORT = "effort"
    NOTHING = "nothing"


def parameters(request: CompletionRequest, form: Form = Form.SCHEMA) -> dict[str, Any]:
    """Give the parameters of a call.

    Where the form is less than `Form.SCHEMA` the text of the request alone says how to answer.
    """
    return {**counted(request, form), "max_tokens": request.max_tokens}


def counted(request: CompletionRequest, form: Form = Form.SCHEMA) -> dict[str, Any]:
    """Give the parameters that make up the prompt."""
    given: dict[str, Any] = {
        "model": request.model,
        "messages": [{"role": turn.role, "content": turn.text} for turn in request.turns],
    }
    if request.system:
        given["system"] = [_system(request)]
    if output := _output(request, form):
        given["output_config"] = output
    return given


def _system(request: CompletionRequest) -> dict[str, Any]:
    block: dict[str, Any] = {"type": "text", "text": request.system}
    if request.cache_ttl:
        block["cache_control"] = {"type": "ephemeral", "ttl": request.cache_ttl}
    return block


def _output(request: CompletionRequest, form: Form) -> dict[str, Any]:
    output: dict[str, Any] = {}
    if request.effort and form is not Form.NOTHING:
        output["effort"] = request.effort
    if request.schema is not None and form is Form.SCHEMA:
        output["format"] = {"type": "json_schema", "schema": _schema(json.dumps(request.schema))}
    return output


@lru_cache
def _schema(text: str) -> dict[str, Any]:
    """Write a schema as the API takes it; all requests of a voter have the same."""
    return anthropic.transform_schema(json.loads(text))

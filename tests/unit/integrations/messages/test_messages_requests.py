from __future__ import annotations

from typing import Any

import pytest

from integrations.messages.requests import Form, counted, parameters
from labeling.types import CompletionRequest, Turn
from tests.messages_rules import problem

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "evidence": {"type": "string", "maxLength": 200},
        "label": {"type": "string", "enum": ["HAM", "SPAM", "ABSTAIN"]},
    },
    "required": ["evidence", "label"],
}
TURNS = (Turn("user", "one"), Turn("assistant", "two"), Turn("user", "three"))


def request(**parts: Any) -> CompletionRequest:
    return CompletionRequest(
        **({"model": "m", "system": "Be brief.", "turns": TURNS, "max_tokens": 64} | parts)
    )


def test_a_plain_request() -> None:
    assert parameters(request()) == {
        "model": "m",
        "max_tokens": 64,
        "system": [{"type": "text", "text": "Be brief."}],
        "messages": [
            {"role": "user", "content": "one"},
            {"role": "assistant", "content": "two"},
            {"role": "user", "content": "three"},
        ],
    }


def test_an_empty_system_prompt_is_left_out() -> None:
    assert "system" not in parameters(request(system=""))


@pytest.mark.parametrize("ttl", ["5m", "1h"])
def test_the_system_prompt_is_marked_for_the_cache(ttl: str) -> None:
    [block] = parameters(request(cache_ttl=ttl))["system"]
    assert block["cache_control"] == {"type": "ephemeral", "ttl": ttl}


def test_a_schema_is_written_as_the_server_takes_it() -> None:
    asked = parameters(request(schema=SCHEMA, effort="low"))
    form = asked["output_config"]["format"]
    assert form["type"] == "json_schema"
    assert form["schema"]["additionalProperties"] is False
    assert form["schema"]["properties"]["label"]["enum"] == ["HAM", "SPAM", "ABSTAIN"]
    assert list(form["schema"]["properties"]) == ["evidence", "label"]
    assert asked["output_config"]["effort"] == "low"
    assert problem(asked) is None
    assert SCHEMA["properties"]["evidence"]["maxLength"] == 200


@pytest.mark.parametrize(
    ("form", "output"),
    [(Form.EFFORT, {"effort": "low"}), (Form.NOTHING, None)],
)
def test_less_is_asked_where_a_server_can_do_less(form: Form, output: dict[str, str] | None) -> None:
    asked = parameters(request(schema=SCHEMA, effort="low"), form)
    assert asked.get("output_config") == output


def test_counting_asks_the_same_without_a_limit() -> None:
    full = request(schema=SCHEMA, cache_ttl="1h")
    asked = counted(full)
    assert {**asked, "max_tokens": 64} == parameters(full)
    assert problem(asked, counting=True) is None

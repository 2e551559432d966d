from __future__ import annotations

import json
from typing import Any

import pytest
from anthropic.types import Message
from hypothesis import given
from hypothesis import strategies as st

from integrations.messages.answers import answer_of, read_answer
from labeling.types import CompletionAnswer, Usage

MESSAGE: dict[str, Any] = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "model": "claude-x",
    "content": [
        {"type": "thinking", "thinking": "Let me see.", "signature": "c2ln"},
        {"type": "text", "text": "yes", "citations": None},
        {"type": "text", "text": " and no"},
    ],
    "stop_reason": "refusal",
    "stop_details": {"type": "refusal", "category": "cyber"},
    "usage": {
        "input_tokens": 1,
        "output_tokens": 2,
        "cache_creation_input_tokens": 3,
        "cache_read_input_tokens": 4,
    },
}
ANSWER = CompletionAnswer("yes and no", "refusal", Usage(1, 2, 3, 4), "claude-x", "req_1", "cyber")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from([*MESSAGE, "text", "x"]), inner),
    max_leaves=10,
)


def test_a_message_is_read() -> None:
    assert read_answer(json.dumps(MESSAGE).encode(), "req_1") == ANSWER
    assert read_answer(json.dumps(MESSAGE).encode(), None).request_id == "msg_1"


def test_so_is_one_that_the_client_has_built() -> None:
    built = Message.construct(**MESSAGE)
    assert answer_of(built.to_dict(warnings=False), "req_1") == ANSWER


def test_what_lesser_servers_leave_out_is_made_up_for() -> None:
    least = {"model": "m", "content": [], "usage": {"input_tokens": None}}
    assert answer_of(least, None) == CompletionAnswer("", "end_turn", Usage(0, 0), "m")


def test_halves_of_pairs_are_kept() -> None:
    body = json.dumps({**MESSAGE, "content": [{"type": "text", "text": "\ud83d"}]}).encode()
    assert read_answer(body, None).text == "\ud83d"


@pytest.mark.parametrize("missing", ["content", "usage", "model"])
def test_what_misses_a_part_is_no_message(missing: str) -> None:
    with pytest.raises(ValueError, match="not a message"):
        answer_of({name: part for name, part in MESSAGE.items() if name != missing}, None)


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"id": "msg_1"', b"\xff\xfe", b"[]", b"null", b'"text"'])
def test_pages_of_something_else_are_no_message(body: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        read_answer(body, None)


@given(JSON)
def test_whatever_comes_is_an_answer_or_none(document: Any) -> None:
    try:
        answer = answer_of(document, None)
    except ValueError:
        return
    assert {type(part) for part in (answer.text, answer.stop_reason, answer.model)} == {str}
    assert {type(part) for part in (answer.request_id, answer.stop_detail)} <= {str, type(None)}


@given(st.sampled_from(sorted(MESSAGE)), JSON)
def test_whatever_stands_in_a_part_is_an_answer_or_none(name: str, part: Any) -> None:
    try:
        answer = answer_of({**MESSAGE, name: part}, None)
    except ValueError:
        return
    assert {type(part) for part in (answer.text, answer.stop_reason, answer.model)} == {str}
    assert {type(part) for part in (answer.request_id, answer.stop_detail)} <= {str, type(None)}

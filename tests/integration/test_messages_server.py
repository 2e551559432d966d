"""The local Messages server is as strict as the hosted one, and keeps count of what it bills."""

from __future__ import annotations

import http.client
import json
from pathlib import Path
from typing import Any

import pytest

from tests.messages_batches import Batches
from tests.messages_documents import digest, read_log
from tests.messages_faults import Chance
from tests.messages_model import CACHE_MINIMUM, answering, by_digest, recorded
from tests.messages_process import running
from tests.messages_rules import BATCH_REQUESTS, batch_problem
from tests.messages_server import KEY, MODELS, MessagesServer

HEADERS = {"authorization": f"Bearer {KEY}", "anthropic-version": "2023-06-01"}
GOOD: dict[str, Any] = {
    "model": MODELS[0],
    "max_tokens": 10,
    "messages": [{"role": "user", "content": "hello"}],
}
Answer = tuple[int, dict[str, str], Any]


def call(url: str, method: str, path: str, body: Any = None, headers: dict[str, str] = HEADERS) -> Answer:
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=10)
    raw = body if isinstance(body, str) else json.dumps(body)
    connection.request(method, path, raw if body is not None else None, headers)
    response = connection.getresponse()
    text = response.read()
    connection.close()
    return response.status, {k.lower(): v for k, v in response.getheaders()}, json.loads(text)


def ask(url: str, **changes: Any) -> Answer:
    params = {key: value for key, value in (GOOD | changes).items() if value is not None}
    return call(url, "POST", "/v1/messages", params)


@pytest.fixture(scope="module")
def server() -> Any:
    with MessagesServer() as started:
        yield started


def output(schema: dict[str, Any]) -> dict[str, Any]:
    return {"format": {"type": "json_schema", "schema": schema}}


USER = {"role": "user", "content": "hello"}
REJECTED: dict[str, tuple[dict[str, Any], str]] = {
    "no limit": ({"max_tokens": None}, "max_tokens: Field required"),
    "a limit in words": ({"max_tokens": "10"}, "max_tokens: Input"),
    "no model": ({"model": None}, "model: Field required"),
    "temperature": ({"temperature": 0}, "temperature: Extra inputs are not permitted"),
    "no turns": ({"messages": []}, "at least one message"),
    "assistant first": ({"messages": [{"role": "assistant", "content": "a"}, USER]}, "first message must"),
    "assistant last": ({"messages": [USER, {"role": "assistant", "content": "a"}]}, "prefill"),
    "empty turn": ({"messages": [{"role": "user", "content": " "}]}, "non-empty content"),
    "odd role": ({"messages": [USER, {"role": "system", "content": "a"}]}, "messages.1.role"),
    "empty system block": ({"system": [{"type": "text", "text": ""}]}, "system.0: text content blocks"),
    "odd ttl": (
        {"system": [{"type": "text", "text": "a", "cache_control": {"type": "ephemeral", "ttl": "1d"}}]},
        "cache_control.ttl",
    ),
    "odd effort": ({"output_config": {"effort": "extreme"}}, "output_config.effort"),
    "odd output": ({"output_config": {"schema": {}}}, "output_config.schema: Extra inputs"),
    "open object": ({"output_config": output({"type": "object", "properties": {}})}, "additionalProperties"),
    "a range": ({"output_config": output({"type": "integer", "minimum": 1})}, "property 'minimum'"),
    "a length deep down": (
        {
            "output_config": output(
                {
                    "type": "object",
                    "additionalProperties": False,
                    "properties": {"a": {"type": "array", "items": {"type": "string", "maxLength": 3}}},
                }
            )
        },
        "property 'maxLength'",
    ),
    "too long": ({"messages": [{"role": "user", "content": "a" * 900_000}]}, "prompt is too long"),
}


@pytest.mark.parametrize(("changes", "complaint"), REJECTED.values(), ids=REJECTED.keys())
def test_what_the_hosted_one_rejects_is_rejected(
    server: MessagesServer, changes: dict[str, Any], complaint: str
) -> None:
    before = len(server.billed)
    status, _, body = ask(server.url, **changes)
    assert status == 400
    assert (body["type"], body["error"]["type"]) == ("error", "invalid_request_error")
    assert complaint in body["error"]["message"]
    assert len(server.billed) == before


def test_a_good_request_is_answered_billed_and_told_its_limits(server: MessagesServer) -> None:
    before = len(server.billed)
    status, headers, body = ask(server.url)
    assert status == 200
    assert body["content"][0]["type"] == "text"
    assert headers["request-id"]
    assert int(headers["anthropic-ratelimit-requests-limit"]) > int(
        headers["anthropic-ratelimit-requests-remaining"]
    )
    [row] = server.billed[before:]
    assert row["digest"] == digest(GOOD)
    assert (row["input_tokens"], row["item"]) == (body["usage"]["input_tokens"], "hello")


def test_doors(server: MessagesServer) -> None:
    def status(*request: Any, headers: dict[str, str] = HEADERS) -> int:
        return call(server.url, *request, headers=headers)[0]

    assert status("POST", "/v1/messages", GOOD, headers={}) == 401
    assert status("POST", "/v1/messages", GOOD, headers=HEADERS | {"authorization": "Bearer other"}) == 401
    assert status("POST", "/v1/messages", GOOD, headers={"authorization": f"Bearer {KEY}"}) == 400
    assert status("POST", "/v1/messages", "{") == 400
    assert status("POST", "/v1/messages", GOOD | {"model": "claude-nothing"}) == 404
    assert status("GET", "/v1/models/claude-nothing") == 404
    assert status("GET", f"/v1/models/{MODELS[0]}") == 200
    assert status("GET", "/v1/models") == 200
    assert status("GET", "/v1/nothing") == 404
    assert status("GET", "/v1/messages/batches/none") == 404
    assert status("POST", "/v1/messages/count_tokens", GOOD) == 400
    del (counted := dict(GOOD))["max_tokens"]
    assert status("POST", "/v1/messages/count_tokens", counted) == 200


@pytest.mark.parametrize("name", ["", "a b", "x" * 65, "a.b", 3])
def test_ids_of_batches_are_checked(name: Any) -> None:
    assert "custom_id" in (batch_problem({"requests": [{"custom_id": name, "params": {}}]}) or "")


def test_batches_have_limits() -> None:
    one = {"custom_id": "a", "params": GOOD}
    assert batch_problem({"requests": [one]}) is None
    assert batch_problem({"requests": []})
    assert batch_problem({"requests": [one, one]})
    assert batch_problem({"requests": [one], "extra": 1})
    many = [{"custom_id": str(i), "params": GOOD} for i in range(BATCH_REQUESTS + 1)]
    assert batch_problem({"requests": many})
    assert batch_problem({"requests": many[:-1]}) is None


def test_a_batch_judges_its_requests_one_by_one() -> None:
    with MessagesServer(batch_seconds=0.0) as server:
        requests = [
            {"custom_id": "good", "params": GOOD},
            {"custom_id": "bad", "params": GOOD | {"temperature": 1}},
        ]
        status, _, batch = call(server.url, "POST", "/v1/messages/batches", {"requests": requests})
        assert (status, batch["processing_status"]) == (200, "ended")
        assert (batch["request_counts"]["succeeded"], batch["request_counts"]["errored"]) == (1, 1)
        [row] = server.billed
        assert (row["batch"], row["custom_id"]) == (batch["id"], "good")


def test_a_batch_that_goes_on_can_be_cancelled_and_is_listed_newest_first() -> None:
    with MessagesServer(batch_seconds=60) as server:
        body = {"requests": [{"custom_id": "a", "params": GOOD}]}
        ids = [call(server.url, "POST", "/v1/messages/batches", body)[2]["id"] for _ in range(3)]
        page = call(server.url, "GET", "/v1/messages/batches?limit=2")[2]
        assert [batch["id"] for batch in page["data"]] == ids[:0:-1]
        assert page["has_more"] is True
        rest = call(server.url, "GET", f"/v1/messages/batches?limit=2&after_id={page['last_id']}")[2]
        assert ([batch["id"] for batch in rest["data"]], rest["has_more"]) == (ids[:1], False)
        cancelled = call(server.url, "POST", f"/v1/messages/batches/{ids[0]}/cancel", {})[2]
        assert cancelled["request_counts"]["canceled"] == 1


def test_results_stand_in_any_order() -> None:
    requests = [{"custom_id": str(i), "params": GOOD} for i in range(50)]
    batch = Batches(0.0).create(requests, lambda *_: {"type": "expired"})
    names = [line["custom_id"] for line in batch.results]
    assert sorted(names, key=int) == [str(i) for i in range(50)] != names


@pytest.mark.parametrize(("size", "cached"), [(CACHE_MINIMUM, True), (CACHE_MINIMUM - 1, False)])
def test_a_long_prompt_is_cached_and_a_short_one_is_not(size: int, cached: bool) -> None:
    block = {"type": "text", "text": "abcd" * size, "cache_control": {"type": "ephemeral", "ttl": "1h"}}
    with MessagesServer() as server:
        first, second = (ask(server.url, system=[block])[2]["usage"] for _ in range(2))
        other = ask(server.url, system=[block], model=MODELS[1])[2]["usage"]
    shared = size if cached else 0
    assert first["cache_creation_input_tokens"] == other["cache_creation_input_tokens"] == shared
    assert first["cache_creation"]["ephemeral_1h_input_tokens"] == shared
    assert second["cache_read_input_tokens"] == shared
    assert second["input_tokens"] == 2 + size - shared


def test_too_many_at_once_are_turned_away() -> None:
    with MessagesServer(in_flight=0) as server:
        status, _, body = ask(server.url)
    assert (status, body["error"]["type"]) == (429, "rate_limit_error")


def test_answers_are_the_same_to_the_same_and_of_the_schema() -> None:
    schema = {"properties": {"label": {"enum": ["A", "B"]}}}
    answer = by_digest()
    said = [
        json.loads(
            str(answer({"messages": [{"role": "user", "content": str(i)}], "output_config": output(schema)}))
        )
        for i in range(40)
    ]
    assert {one["label"] for one in said} == {"A", "B"}
    assert all(one["evidence"] == str(i) for i, one in enumerate(said))


def test_recorded_answers_are_played(tmp_path: Path) -> None:
    rows = [
        {"match": "first text", "text": "one"},
        {"match": "first text", "model": "m", "text": "other"},
        {"match": "second\ntext", "text": "two"},
    ]
    path = tmp_path / "answers.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in rows), "utf-8")
    answer = recorded(path)

    def said(text: str, model: str = "any") -> Any:
        return answer({"model": model, "messages": [{"role": "user", "content": text}]})

    assert said("<item>\nfirst text\n</item>") == "one"
    assert said("first text", "m") == "other"
    assert said("<item>second\ntext</item>") == "two"
    assert said("third") == answering("ABSTAIN")


def test_faults_at_random_come_as_often_as_was_asked() -> None:
    chance = Chance(["429", "drop"], 0.25, seed=1)
    drawn = [chance.draw() for _ in range(2000)]
    assert 400 < sum(fault is not None for fault in drawn) < 600
    assert Chance([], 1.0).draw() is None


def test_as_a_process_it_keeps_its_bill_in_a_file(tmp_path: Path) -> None:
    log = tmp_path / "bill.jsonl"
    with running(log, "--labels", "A,B", "--kind", "ollama", "--faults", "500") as url:
        assert [ask(url)[0] for _ in range(3)] == [500, 200, 200]
        assert [row["digest"] for row in read_log(log)] == [digest(GOOD)] * 2

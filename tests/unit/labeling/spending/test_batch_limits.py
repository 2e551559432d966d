from __future__ import annotations

import json
import re

from hypothesis import given
from hypothesis import strategies as st

from integrations.messages.requests import parameters
from labeling.spending.batch_limits import custom_id, first_that_fit, request_bytes
from labeling.types import CompletionRequest, Turn
from tests.llm_voters import SCHEMA, PlainVoter, item

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


def question(text: str, system: str = "") -> CompletionRequest:
    return CompletionRequest("m", system, (Turn("user", text),), 10)


@given(TEXTS, TEXTS)
def test_no_request_is_larger_than_it_is_taken(system: str, text: str) -> None:
    request = CompletionRequest("m", system, (Turn("user", text),), 10, SCHEMA, cache_ttl="1h")
    sent = json.dumps({"custom_id": "x" * 32, "params": parameters(request)}, ensure_ascii=False)
    assert len(sent.encode()) <= request_bytes(request)


@given(st.lists(TEXTS, max_size=12), st.integers(1, 6), st.integers(1, 5000))
def test_batches_are_full_or_the_next_does_not_fit(texts: list[str], most: int, size: int) -> None:
    requests = [question(text) for text in texts]
    taken = list(first_that_fit(requests, most, size))
    assert taken == requests[: len(taken)]
    assert len(taken) <= most
    assert sum(map(request_bytes, taken)) <= size or len(taken) == 1
    if len(taken) < min(most, len(requests)):
        assert sum(map(request_bytes, requests[: len(taken) + 1])) > size


def test_a_request_that_fits_nowhere_goes_alone() -> None:
    assert list(first_that_fit([question("a" * 99), question("b")], 5, 10)) == [question("a" * 99)]


def test_ids_are_short_and_differ_by_batch_call_and_request() -> None:
    ids = {
        custom_id(at, call, request)
        for at in ("2026-01-01T00:00:00.000001+00:00", "2026-01-01T00:00:00.000002+00:00")
        for call in (1, 2)
        for request in ("a", "b")
    }
    assert len(ids) == 8
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{1,64}", each) for each in ids)
    assert custom_id("t", 1, "a") == custom_id("t", 1, "a")


def test_a_voters_request_has_a_size() -> None:
    short, long = PlainVoter().request(item("a")), PlainVoter().request(item("ab"))
    assert request_bytes(long) - request_bytes(short) == 1

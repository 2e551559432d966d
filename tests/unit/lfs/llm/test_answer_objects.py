"""The JSON object within what a model wrote."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lfs.llm.objects import answer_object, named_label

SPAM = '{"evidence": "a {b} c", "label": "SPAM"}'
HAM = '{"label": "HAM"}'


@pytest.mark.parametrize(
    "text",
    [
        SPAM,
        f"\n {SPAM}\n",
        f"```json\n{SPAM}\n```",
        f"Sure! {{curly}} Here it is:\n{SPAM}\nIs there {{more}}?",
        f"{SPAM}\n{SPAM}",
        f'{{"answer": {SPAM}}}',
        f"[{SPAM}]",
        f"<think>{{ hm</think>{SPAM}",
        f'{{"reason": "none"}} {SPAM}',
    ],
)
def test_one_object_is_found_wherever_it_stands(text: str) -> None:
    assert answer_object(text) == {"evidence": "a {b} c", "label": "SPAM"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "SPAM",
        "null",
        '"SPAM"',
        "[]",
        "{}",
        '{"evidence": "x"}',
        SPAM[:-1],
        SPAM.replace('"', "'"),
        f"{SPAM} {HAM}",
        f"I would say {HAM}, no: {SPAM}",
        '{"label": "HAM", "label": "SPAM"}',
        '{"label": "SPAM", "label": "SPAM"}',
        "{" * 100_000,
        "[" * 100_000,
        '{"a":' * 100_000,
        '{"label": ' + "[" * 100_000,
        '{"label": ' + "9" * 10_000 + "}",
    ],
)
def test_what_is_no_object_or_leaves_doubt_is_none(text: str) -> None:
    assert answer_object(text) is None


def test_an_object_within_an_answer_does_not_count_beside_it() -> None:
    assert answer_object(f'{{"label": "HAM", "note": {SPAM}}} done') == {
        "label": "HAM",
        "note": {"evidence": "a {b} c", "label": "SPAM"},
    }


def test_long_nonsense_costs_little() -> None:
    started = time.process_time()
    assert answer_object('{"a": 1, ' * 40_000) is None
    assert answer_object('{"a": {}}' * 40_000) is None
    assert time.process_time() - started < 2


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ('{"evidence": "x", "label": "SPAM", "conf', "SPAM"),
        ('{"label" : "SPAM"} {"label":"SPAM"}', "SPAM"),
        ('{"label": "SPAM"} {"label": "HAM"}', None),
        ('{"label": "SPA', None),
        ("SPAM", None),
    ],
)
def test_a_broken_answer_may_name_a_label(text: str, label: str | None) -> None:
    assert named_label(text) == label


@given(st.text(st.sampled_from('{}[]":,label\\ 0a\n')))
def test_nothing_raises(text: str) -> None:
    found = answer_object(text)
    assert found is None or "label" in found
    named_label(text)

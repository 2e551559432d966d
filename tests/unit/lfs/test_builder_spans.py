"""The parts of a text that builders highlight."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeling.lf.vector import VectorFunction
from labeling.types import Item
from lfs import all_of, any_of, field_pattern, keyword, lookup, regex, threshold, unless

TEXT = "Free art at the party: ärt, FREE!"


def shown(function: VectorFunction, text: str = TEXT) -> list[str]:
    return [text[a:b] for a, b in function.spans(text)]


@pytest.mark.parametrize(
    ("function", "found"),
    [
        (keyword("free", "art", label="A"), ["Free", "art", "FREE"]),
        (keyword("free", label="A", case=True), []),
        (keyword("art", label="A", whole_words=False), ["art", "art"]),
        (regex("[a-zä]rt", label="A"), ["art", "art", "ärt"]),
        (regex("free", label="A", case=False), ["Free", "FREE"]),
        (regex("x*", label="A"), []),
        (lookup({"party": "A", "free": "B"}), ["Free", "party", "FREE"]),
        (any_of(keyword("art", label="A"), keyword("party", label="B"), label="A"), ["art", "party"]),
        (all_of(keyword("art", label="A"), regex("a", label="A"), label="A"), ["a", "art", "a", "a"]),
        (unless(keyword("art", label="A"), keyword("party", label="B")), ["art"]),
    ],
)
def test_what_is_found_is_highlighted(function: VectorFunction, found: list[str]) -> None:
    assert sorted(shown(function)) == sorted(found)


@pytest.mark.parametrize(
    "function",
    [
        threshold("stars", above=1, label="A"),
        field_pattern("channel", "a", label="A"),
        keyword("art", field="channel", label="A"),
        lookup({"art": "A"}, match="value"),
        regex("(a+)+$", label="A", engine="re"),
    ],
)
def test_nothing_where_it_reads_another_field_or_cannot_tell(function: VectorFunction) -> None:
    assert function.spans(TEXT) == ()


def test_a_text_with_the_mark_is_left_alone() -> None:
    assert keyword("art", label="A").spans("art\0art") == ()


@given(st.text("abc é€\U0001f600", max_size=20), st.sampled_from(["a", "ab+", "[é€]", "b|c ", "."]))
def test_spans_are_those_of_pythons_engine(text: str, pattern: str) -> None:
    assert list(regex(pattern, label="A").spans(text)) == [m.span() for m in re.finditer(pattern, text)]


@given(st.text("art pé.", max_size=20))
def test_a_keyword_is_highlighted_where_it_votes(text: str) -> None:
    function = keyword("art", "p", label="A")
    assert bool(function.spans(text)) == (function(Item("0", {"text": text})) is not None)

"""Regular expressions: the linear engine against Python's, and what each refuses."""

from __future__ import annotations

import re
import time
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labeling.errors import InputError
from labeling.lf.vector import vote_frame
from lfs import Item, field_pattern, regex

LETTERS = "abkKsSß\u1e9e\u017f\u212aéÉσςΣжЖ"
CHARACTERS = st.sampled_from(LETTERS + "019 _-.\n\t€\u0663\u4e2d") | st.characters(
    categories=("Lu", "Ll", "Lo", "Nd", "Zs", "Pd", "Po", "Sc"), exclude_characters="\u0130\u0131"
)
TEXTS = st.text(CHARACTERS, max_size=12).map(lambda text: text.rstrip("\n"))


def patterns() -> st.SearchStrategy[str]:
    atoms = st.sampled_from(
        [*map(re.escape, LETTERS), ".", r"\d", r"\w", r"\s", r"\D", r"\W", r"\S", "[a-k]"]
    )
    more = st.sampled_from(["[^a0]", r"[\d_]", "€", r"\.", " ", r"\t", r"\b", "^", "$", r"[^\W\d]", "中"])

    def larger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        quantifiers = st.sampled_from(["*", "+", "?", "{0,2}", "{2}", "{1,}", "*?", "+?"])
        return (
            st.tuples(inner, inner).map("".join)
            | st.tuples(inner, inner).map(lambda two: f"(?:{two[0]}|{two[1]})")
            | st.tuples(inner, quantifiers).map(lambda two: f"(?:{two[0]}){two[1]}")
            | inner.map(lambda p: f"({p})")
            | inner.map(lambda p: f"(?s:{p})")
        )

    return st.recursive(atoms | more, larger, max_leaves=8)


@settings(max_examples=400, deadline=None)
@given(patterns(), st.lists(TEXTS, min_size=1, max_size=8), st.booleans())
def test_the_linear_engine_finds_what_python_finds(pattern: str, texts: list[str], case: bool) -> None:
    [votes] = vote_frame([regex(pattern, label="A", case=case)], pl.DataFrame({"text": texts}))
    python = re.compile(pattern, 0 if case else re.IGNORECASE)
    assert votes.tolist() == [0 if python.search(text) else -1 for text in texts]


@settings(max_examples=100, deadline=None)
@given(patterns(), TEXTS, st.booleans())
def test_both_engines_vote_alike_on_what_they_share(pattern: str, text: str, case: bool) -> None:
    item = Item("0", {"text": text})
    linear = regex(pattern, label="A", case=case)
    python = regex(pattern, label="A", case=case, engine="re")
    assert linear(item) == python(item)


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("a(?=b)", "look-around"),
        ("(?<!a)b", "look-around"),
        (r"(a)\1", "back-reference"),
        (r"a\Z", "escape"),
        ("a{,3}", "lower limit"),
        ("{name}", "repetition"),
        ("a{", "brace"),
        ("a++", "possessive"),
        (r"[a+]*+b", "possessive"),
        ("(?>a)", "group"),
        (r"(\w{100}){100}", "10 MB"),
    ],
)
def test_what_the_linear_engine_cannot_do_is_refused_with_the_way_out(pattern: str, reason: str) -> None:
    with pytest.raises(
        InputError, match=r'^regex: pattern: expected what the linear .*engine="re"'
    ) as refused:
        regex(pattern, label="A")
    assert reason in str(refused.value)
    assert repr(pattern) in str(refused.value)
    if not pattern.startswith("{"):
        assert regex(pattern, label="A", engine="re").needs_python


@pytest.mark.parametrize("pattern", [r"\++", r"[*+]+", r"a\{2\}+b", "a+(?:b+)+", r"[]*+]+"])
def test_a_plus_after_a_literal_is_no_possessive_quantifier(pattern: str) -> None:
    assert regex(pattern, label="A").classes == ("A",)


@pytest.mark.parametrize("engine", ["linear", "re"])
@pytest.mark.parametrize("pattern", ["(", "[z-a]", "*", "(?P<1>a)"])
def test_what_no_engine_understands_is_no_expression(pattern: str, engine: Any) -> None:
    with pytest.raises(InputError, match=r"expected a regular expression, got .*position"):
        regex(pattern, label="A", engine=engine)


def test_time_is_linear_in_the_text_whatever_the_pattern() -> None:
    start = time.perf_counter()
    [votes] = vote_frame([regex("(a+)+$", label="A")], pl.DataFrame({"text": ["a" * 50_000 + "b"]}))
    assert votes.tolist() == [-1]
    assert time.perf_counter() - start < 5


@pytest.mark.parametrize("case", [True, False])
def test_case_counts_when_asked(case: bool) -> None:
    shouts = [regex("[A-Z]{3}", label="A", case=case, engine=engine) for engine in ("linear", "re")]
    assert [f(Item("0", {"text": "abc"})) for f in shouts] == [None if case else "A"] * 2


def test_a_field_pattern_is_a_regex_on_a_field() -> None:
    mail = field_pattern("channel", "^mail", label="A")
    assert mail(Item("0", {"text": "phone", "channel": "mail"})) == "A"
    assert mail(Item("0", {"text": "mail", "channel": None})) is None
    assert mail.fingerprint == regex("^mail", label="A", field="channel").fingerprint


@pytest.mark.parametrize("engine", ["linear", "re"])
def test_values_that_are_no_text_are_read_as_one(engine: Any) -> None:
    values = [5, 5.0, 5.5, True, None, float("nan"), ["5"], {"a": 5}, "5"]
    five = regex("5", label="A", field="x", engine=engine)
    votes = [five(Item("0", {"text": "", "x": value})) is not None for value in values]
    assert votes == [True, True, True, False, False, False, True, True, True]

"""Literal words: whole or part, in any number, against a plain definition in Python."""

from __future__ import annotations

import re

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labeling.errors import InputError
from labeling.lf.vector import vote_frame
from lfs import Item, keyword, parameters, regex, words

ALPHABET = "abAB+.$(\\é -_\n"
TERMS = st.text(ALPHABET, min_size=1, max_size=3)
TEXTS = st.text(ALPHABET, max_size=12)


def found(text: str, term: str, *, whole: bool, case: bool) -> bool:
    pattern = rf"(?<!\w){re.escape(term)}(?!\w)" if whole else re.escape(term)
    return re.search(pattern, text, 0 if case else re.IGNORECASE) is not None


@settings(max_examples=300, deadline=None)
@given(st.lists(TERMS, min_size=1, max_size=9), st.lists(TEXTS, min_size=1), st.booleans(), st.booleans())
def test_words_are_found_literally(terms: list[str], texts: list[str], whole: bool, case: bool) -> None:
    function = keyword(*terms, label="A", whole_words=whole, case=case)
    [votes] = vote_frame([function], pl.DataFrame({"text": texts}))
    expected = [any(found(text, term, whole=whole, case=case) for term in terms) for text in texts]
    assert (votes == 0).tolist() == expected


@settings(max_examples=100, deadline=None)
@given(st.sets(TERMS, min_size=3, max_size=6), st.lists(TEXTS, min_size=1), st.integers(1, 3))
def test_different_words_are_counted(terms: set[str], texts: list[str], at_least: int) -> None:
    function = keyword(*terms, label="A", case=True, at_least=at_least)
    [votes] = vote_frame([function], pl.DataFrame({"text": texts}))
    counts = [sum(found(text, term, whole=True, case=True) for term in terms) for text in texts]
    assert (votes == 0).tolist() == [count >= at_least for count in counts]


@pytest.mark.parametrize("n", [1, words.PREFILTERED, words.PREFILTERED + 1, words.CHUNK + 1])
@pytest.mark.parametrize(
    "text", ["key0", "a key0.", "mykey0", "key0x", "key0\u0301", "_key0", "é key0é", "KEY0"]
)
def test_boundaries_do_not_depend_on_the_number_of_words(n: int, text: str) -> None:
    function = keyword(*(f"key{i}" for i in range(n)), label="A")
    assert (function(Item("0", {"text": text})) is not None) == (text in {"key0", "a key0.", "KEY0"})


def test_words_may_begin_and_end_with_any_character() -> None:
    function = keyword("c++", ".net", "$5", label="CODE")
    votes = [
        function(Item("0", {"text": t})) for t in ("I like C++!", "abc++", "a .NET b", "asp.net", "$5", "$50")
    ]
    assert votes == ["CODE", None, "CODE", None, "CODE", None]


@pytest.mark.parametrize("text", ["STRASSE", "strasse"])
def test_one_character_never_equals_two(text: str) -> None:
    assert keyword("straße", label="A")(Item("0", {"text": text})) is None
    assert keyword("straße", label="A")(Item("0", {"text": "STRAẞE"})) == "A"


def test_spellings_of_one_word_count_once() -> None:
    with pytest.raises(InputError, match="from 1 to 1, the number of different words, got 2"):
        keyword("Free", "free", label="A", at_least=2)
    assert keyword("Free", "free", label="A", at_least=2, case=True)(Item("0", {"text": "Free free"})) == "A"


def test_thousands_of_long_words_are_within_the_engines_limits() -> None:
    terms = [f"{i} жёлтая-подводная-лодка-{i}" for i in range(3_000)]
    function = keyword(*terms, label="A")
    frame = pl.DataFrame({"text": [terms[-1].upper(), "лодка"]})
    assert vote_frame([function], frame)[0].tolist() == [0, -1]


def test_very_long_words_are_within_the_engines_limits() -> None:
    longest = "ж" * parameters.LONGEST_WORD
    assert keyword(*(f"{i}{longest[1:]}" for i in range(9)), label="A")(Item("0", {"text": longest})) is None
    assert keyword(longest, "b", label="A")(Item("0", {"text": longest.upper()})) == "A"
    with pytest.raises(InputError, match="at most 10000 characters, got 10001"):
        keyword(longest + "x", label="A")


def test_words_agree_with_the_expression_that_one_would_write() -> None:
    frame = pl.DataFrame({"text": ["free", "carefree", "FREE offer", "click  here", "click here"]})
    one, other = vote_frame(
        [
            keyword("free", "click here", label="A"),
            regex(r"\b(free|click here)\b", case=False, label="A"),
        ],
        frame,
    )
    assert one.tolist() == other.tolist() == [0, -1, 0, -1, 0]

"""Dictionaries of terms: given or read from files, within texts or as whole values."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labeling.errors import InputError
from labeling.lf.vector import vote_frame
from lfs import Item, keyword, lookup

WORDS = ["ab", "b", "a b", "c", "é", "d.", "EF"]
TEXTS = st.lists(st.sampled_from([*WORDS, "x", "AB", ".", "ef"]), max_size=4).map(" ".join)


@settings(max_examples=150, deadline=None)
@given(
    st.dictionaries(st.sampled_from(WORDS), st.sampled_from("PQR"), min_size=1),
    st.lists(TEXTS, min_size=1),
    st.booleans(),
)
def test_terms_of_one_class_give_it(terms: dict[str, str], texts: list[str], case: bool) -> None:
    function = lookup(terms, case=case)
    items = [Item(str(i), {"text": text}) for i, text in enumerate(texts)]
    single = {term: keyword(term, label=name, case=case) for term, name in terms.items()}
    for item, code in zip(items, vote_frame([function], pl.DataFrame({"text": texts}))[0], strict=True):
        found = {f(item) for f in single.values()} - {None}
        assert (None if code < 0 else function.classes[code]) == (found.pop() if len(found) == 1 else None)


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(st.sampled_from(WORDS), st.sampled_from("PQ"), min_size=1), TEXTS, st.booleans())
def test_a_whole_value_is_a_term_or_not(terms: dict[str, str], value: str, case: bool) -> None:
    function = lookup(terms, field="kind", case=case)
    known = terms if case else {term.lower(): name for term, name in terms.items()}
    expected = known.get(value if case else value.lower())
    assert function(Item("0", {"text": "", "kind": value})) == expected


def test_how_a_field_is_matched_can_be_chosen() -> None:
    item = Item("0", {"text": "red", "kind": "dark red"})
    assert lookup(["red"], label="A", field="kind")(item) is None
    assert lookup(["red"], label="A", field="kind", match="words")(item) == "A"
    assert lookup(["red"], label="A", match="value")(item) == "A"


def test_numbers_are_looked_up_as_texts() -> None:
    zips = lookup({"10115": "BERLIN"}, field="zip")
    assert [zips(Item("0", {"text": "", "zip": z})) for z in (10115, 10115.0, "10115", None)] == [
        "BERLIN",
        "BERLIN",
        "BERLIN",
        None,
    ]


def test_terms_of_a_text_file(tmp_path: Path) -> None:
    path = tmp_path / "brands.txt"
    path.write_text("\ufeffAcme\n\n  Lumora \n", encoding="utf-8")
    function = lookup(path, label="BRAND")
    assert function.fingerprint == lookup(["Acme", "Lumora"], label="BRAND").fingerprint
    path.write_text("Acme\n", encoding="utf-8")
    assert function.fingerprint != lookup(path, label="BRAND").fingerprint


def test_terms_of_a_table(tmp_path: Path) -> None:
    path = tmp_path / "cities.csv"
    path.write_text('term,class,note\n"Rome, Italy",ITALY,\nBonn,GERMANY,old\n', encoding="utf-8")
    function = lookup(path)
    assert function.fingerprint == lookup({"Rome, Italy": "ITALY", "Bonn": "GERMANY"}).fingerprint


@pytest.mark.parametrize(
    ("content", "given_label", "said"),
    [
        (b"term,class\n", None, "one or more, got none"),
        (b"term,class\nRome\n", None, r"cities.csv: expected a term and its class, got \['Rome'\]"),
        (b"term,class\nRome,\n", None, "expected the name of a class, got ''"),
        (b"term,class\nRome,A\nROME,B\n", None, "one class for 'rome', got A and B"),
        (b"term,class\nRome,A\n", "A", "cities.csv names the class of each term"),
        (b"term,class\nR\xe9me,A\n", None, "cities.csv: expected UTF-8"),
        (None, None, "cities.csv: expected a file that can be read, got No such file"),
    ],
)
def test_faulty_files_are_refused(
    tmp_path: Path, content: bytes | None, given_label: str | None, said: str
) -> None:
    path = tmp_path / "cities.csv"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match=said):
        lookup(path, label=given_label)


def test_a_relative_path_is_refused() -> None:
    with pytest.raises(InputError, match=r'Write Path\(__file__\).parent / "cities.csv"'):
        lookup(Path("cities.csv"))


@pytest.mark.parametrize(
    ("terms", "options", "said"),
    [
        ({}, {}, "one or more, got none"),
        (["a"], {}, "label: expected the class of terms that come without one"),
        ({"a": "A"}, {"label": "A"}, "a mapping names the class of each term"),
        ("abc", {"label": "A"}, "expected a mapping, a sequence of terms or a Path, got 'abc'"),
        (3, {"label": "A"}, "expected a mapping, a sequence of terms or a Path, got 3"),
        ({1: "A"}, {}, "terms: expected a text that is not empty, got 1"),
        ({"a": None}, {}, "'a': label: expected the name of a class, got None"),
        ({"us": "A", "US": "B"}, {}, "one class for 'us', got A and B"),
        ({"a": "A"}, {"match": "parts"}, 'match: expected "words" or "value", got \'parts\''),
        ({str(i): f"C{i}" for i in range(128)}, {}, "at most 127 classes, got 128"),
        ({"a": "A", "b": "B"}, {"examples": [("a", "C")]}, "The function votes for A, B or None"),
    ],
)
def test_faulty_terms_are_refused(terms: Any, options: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said) as refused:
        lookup(terms, **options)
    assert str(refused.value).startswith("lookup: ")


def test_two_spellings_are_two_terms_where_case_counts() -> None:
    function = lookup({"us": "PRONOUN", "US": "COUNTRY"}, case=True)
    assert [function(Item("0", {"text": text})) for text in ("US", "us", "us US")] == [
        "COUNTRY",
        "PRONOUN",
        None,
    ]

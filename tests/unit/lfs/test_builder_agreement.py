"""A builder votes on one item as it votes on a column, whatever the values and however they are stored."""

from __future__ import annotations

import json
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labeling.lf.vector import VectorFunction, vote_frame
from lfs import Item, all_of, any_of, field_pattern, keyword, lookup, model_score, regex, threshold, unless

FREE = keyword("free", "ça", label="P")
MANY = threshold("x", above=1, label="P")
FUNCTIONS: list[VectorFunction] = [
    FREE,
    keyword("free", "now", "5", label="P", at_least=2, field="x"),
    keyword("1", "e", label="P", whole_words=False, field="x"),
    regex(r"^\w+ $|\d", label="P"),
    field_pattern("x", "(?i)^[t5n{]|null", label="P"),
    lookup({"free": "P", "now": "Q"}),
    lookup({"5": "P", "True": "Q", "free": "Q"}, field="x"),
    MANY,
    threshold("x", between=(-1, 1), label="Q"),
    model_score(lambda texts: [len(text) for text in texts], label="P", above=3, field="x"),
    all_of(FREE, MANY, label="P"),
    any_of(FREE, MANY, label="Q"),
    unless(lookup({"free": "P", "now": "Q"}), MANY),
]
WORDS = st.lists(st.sampled_from(["free", "FREE", "now", "ça", "5", "é", "x", "\x1c"]), max_size=3).map(
    " ".join
)
TEXTS = st.none() | WORDS | st.text(max_size=5)
NUMBERS = st.integers(-(2**63), 2**63 - 1) | st.sampled_from([0, 1, 2, 5])
FLOATS = st.floats(allow_subnormal=False) | st.sampled_from([0.5, 1.0, 5.0])
NESTED = st.lists(NUMBERS, max_size=2) | st.dictionaries(WORDS, TEXTS, max_size=2)
COLUMNS = {
    pl.String: TEXTS | st.sampled_from(["1", "5.0", "-1e0", "inf"]),
    pl.Int64: st.none() | NUMBERS,
    pl.Float64: st.none() | FLOATS,
    pl.Boolean: st.none() | st.booleans(),
    pl.Object: st.none() | WORDS | NUMBERS | FLOATS | st.booleans() | NESTED,
}


def names(function: VectorFunction, codes: Any) -> list[str | None]:
    return [None if code < 0 else function.classes[code] for code in codes]


@pytest.mark.parametrize("kind", COLUMNS)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_one_item_is_voted_on_as_a_column_is(kind: Any, data: st.DataObject) -> None:
    rows = data.draw(st.lists(st.tuples(TEXTS, COLUMNS[kind]), min_size=1, max_size=3))
    texts, values = zip(*rows, strict=True)
    frame = pl.DataFrame({"body": pl.Series(texts, dtype=pl.String), "x": pl.Series(values, dtype=kind)})
    items = [Item("0", {"body": text, "x": value}, "body") for text, value in rows]
    votes = vote_frame(FUNCTIONS, frame, "body")
    for function, codes in zip(FUNCTIONS, votes, strict=True):
        assert names(function, codes) == [function(item) for item in items]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(TEXTS, COLUMNS[pl.Object]), min_size=1, max_size=3))
def test_json_is_read_before_it_is_voted_on(rows: list[tuple[str | None, Any]]) -> None:
    texts, values = zip(*rows, strict=True)
    encoded = [None if value is None else json.dumps(value) for value in values]
    frame = pl.DataFrame(
        {"body": pl.Series(texts, dtype=pl.String), "x": pl.Series(encoded, dtype=pl.String)}
    )
    items = [Item("0", {"body": text, "x": value}, "body") for text, value in rows]
    for function, codes in zip(FUNCTIONS, vote_frame(FUNCTIONS, frame, "body", ["x"]), strict=True):
        assert names(function, codes) == [function(item) for item in items]

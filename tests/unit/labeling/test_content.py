from __future__ import annotations

import json
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeling.items.content import is_json, join_chunks, json_cells, json_values, named, to_arrow, to_python
from labeling.items.identity import content_digests
from labeling.items.tables import Gatherer
from labeling.types import digest_of

whole = st.one_of(st.integers(-9, 9), st.integers(2**52, 2**54), st.integers(2**62, 2**65), st.just(-(2**63)))
numbers = st.one_of(whole, st.floats(), st.floats(-9, 9).map(round).map(float))
texts = st.one_of(st.text(max_size=5), st.text('a\ud83d\u2028\0"\\\x1f\x7f', max_size=4))
leaves = st.one_of(st.none(), st.booleans(), numbers, texts)
nested = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=5,
)
columns = st.one_of(
    st.lists(st.none() | texts),
    st.lists(st.none() | st.booleans()),
    st.lists(st.none() | whole),
    st.lists(st.none() | numbers),
    st.lists(nested),
)


def typed(values: Any) -> str:
    """Write values so that 1, 1.0 and True differ; the order of keys does not count."""
    return json.dumps(values, sort_keys=True)


def decoded(array: pa.Array, json_cells: bool) -> list[Any]:
    return to_python(array, named("x", array, json_cells))


@pytest.mark.parametrize(
    ("values", "kind", "json_cells"),
    [
        (["a", None, ""], pa.large_string(), False),
        ([None, ""], pa.large_string(), False),
        ([True, None], pa.bool_(), False),
        ([1, 2.0], pa.int64(), False),
        ([1, 2.5], pa.float64(), False),
        ([2.0**60, 1], pa.float64(), False),
        ([2**53, 2.5], pa.large_string(), True),
        ([2**63], pa.large_string(), True),
        ([True, 1], pa.large_string(), True),
        (["a", 1], pa.large_string(), True),
        ([["a"]], pa.large_string(), True),
        (["a\ud83d"], pa.large_string(), True),
        ([np.float64(2), np.int64(3)], pa.int64(), False),
    ],
)
def test_types_of_columns(values: list[Any], kind: pa.DataType, json_cells: bool) -> None:
    array, found = to_arrow(values)
    assert (array.type, found) == (kind, json_cells)


def test_json_cells_are_canonical_and_marked() -> None:
    array, json_cells = to_arrow([{"b": [1.0], "a": "ü"}, None])
    assert array.to_pylist() == ['{"a":"ü","b":[1]}', None]
    assert is_json(named("x", array, json_cells))
    assert not is_json(named("x", array, False))


@given(columns)
def test_values_come_back_as_json_values(values: list[Any]) -> None:
    assert typed(decoded(*to_arrow(values))) == typed(json_values(values))


@given(columns, st.data())
def test_chunks_are_as_if_they_had_come_at_once(values: list[Any], data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(values)), max_size=3)))
    ends = zip([0, *cuts], [*cuts, len(values)], strict=True)
    joined, json_cells = join_chunks([to_arrow(values[start:end]) for start, end in ends])
    at_once, expected = to_arrow(values)
    assert (joined.type, json_cells) == (at_once.type, expected)
    assert typed(decoded(joined, json_cells)) == typed(decoded(at_once, expected))


@pytest.mark.parametrize(("number", "kind"), [(2**53 - 1, pa.float64()), (2**53, pa.large_string())])
def test_numbers_of_several_chunks_stay_exact(number: int, kind: pa.DataType) -> None:
    joined, json_cells = join_chunks([to_arrow([number]), to_arrow([0.5])])
    assert joined.type == kind
    assert decoded(joined, json_cells) == [number, 0.5]


@given(columns)
def test_json_of_cells_is_what_json_writes(values: list[Any]) -> None:
    array, is_json_column = to_arrow(values)
    expected = [
        None if v is None else json.dumps(v, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        for v in json_values(values)
    ]
    assert list(json_cells(array, named("x", array, is_json_column))) == expected


@given(st.lists(st.dictionaries(st.text('ab"ü', max_size=2), nested, max_size=3), min_size=1, max_size=5))
def test_digests_are_those_of_the_rows_as_mappings(rows: list[dict[str, Any]]) -> None:
    rows = [{**row, "text": "t"} for row in rows]
    names = dict.fromkeys(name for row in rows for name in row)
    clean = {name: json_values([row.get(name) for row in rows]) for name in names}
    gatherer = Gatherer("p")
    gatherer.add(clean, len(rows))
    expected = [
        digest_of({name: values[i] for name, values in clean.items() if values[i] is not None})
        for i in range(len(rows))
    ]
    assert [digest.hex() for digest in content_digests(gatherer.table()).to_pylist()] == expected


def test_a_column_may_come_late_and_go() -> None:
    gatherer = Gatherer("p")
    gatherer.add({"a": ["x"]}, 1)
    gatherer.add({"b": [1, 2]}, 2)
    gatherer.add({"a": [None], "b": [None]}, 1)
    table = gatherer.table()
    assert table.to_pydict() == {"a": ["x", None, None, None], "b": [None, 1, 2, None]}
    assert table.schema.types == [pa.large_string(), pa.int64()]

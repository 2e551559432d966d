"""JSON values as Arrow columns, and back."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from types import NoneType
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

JSON_CELLS = {b"json": b"1"}
"""Metadata of a field whose cells are canonical JSON."""

EXACT = 2**53
"""Whole numbers below it are the same as floats."""


def to_arrow(values: Sequence[Any]) -> tuple[pa.Array, bool]:
    """Give values as an Arrow array, and whether its cells are JSON.

    Texts become ``large_string``, truth values ``bool``, numbers ``int64`` or ``float64``; a mixture, and
    whatever has parts, becomes ``large_string`` of canonical JSON. Missing values, NaN and empty texts are
    null.

    Examples
    --------
    >>> array, is_json = to_arrow([1.0, None, 2])
    >>> array.type, array.to_pylist(), is_json
    (DataType(int64), [1, None, 2], False)
    """
    values = json_values(list(values))
    kind = _arrow_type(values)
    if kind is not None:
        try:
            return pa.array(values, kind), False
        except UnicodeEncodeError:  # half of a surrogate pair, which only JSON can write
            pass
    return _json_array(values), True


def to_python(column: pa.Array | pa.ChunkedArray, field: pa.Field) -> list[Any]:
    """Give the JSON values that a column holds."""
    cells: list[Any] = column.to_pylist()
    if is_json(field):
        return [None if cell is None else json.loads(cell) for cell in cells]
    if pa.types.is_floating(field.type):
        return [json_value(cell) for cell in cells]
    return cells


def is_json(field: pa.Field) -> bool:
    """Say whether a field's cells are canonical JSON."""
    return bool(field.metadata) and b"json" in field.metadata


def is_text(field: pa.Field) -> bool:
    """Say whether a field's cells are plain texts."""
    return bool(pa.types.is_large_string(field.type)) and not is_json(field)


def named(name: str, column: pa.ChunkedArray, json_cells: bool) -> pa.Field:
    """Give the field of a column."""
    return pa.field(name, column.type, metadata=JSON_CELLS if json_cells else None)


def join_chunks(chunks: Sequence[tuple[pa.Array, bool]]) -> tuple[pa.ChunkedArray, bool]:
    """Put arrays of :func:`to_arrow` under one another: as if all values had been given to it at once."""
    kind = _common_type(chunks)
    arrays = [_cast(array, json_cells, kind) for array, json_cells in chunks]
    return pa.chunked_array(arrays, kind or pa.large_string()), kind is None


def to_json(value: Any) -> str:
    """Give the canonical JSON of a value; half of a surrogate pair is written as an escape."""
    text = _canonical(value)
    return (
        text
        if text.isascii() or _is_whole(text)
        else json.dumps(value, sort_keys=True, separators=(",", ":"))
    )


def json_cells(column: pa.Array, field: pa.Field) -> Iterable[str | None]:
    """Give the canonical JSON of each cell; missing ones are None."""
    if is_json(field):
        return (_unescaped(cell) if cell and "\\ud" in cell else cell for cell in column.to_pylist())
    encode = json.encoder.encode_basestring if is_text(field) else json.dumps
    return (None if cell is None else encode(cell) for cell in to_python(column, field))


def json_values(values: list[Any]) -> list[Any]:
    """Bring values into one form for all formats, so that equal contents have equal digests."""
    if set(map(type, values)) <= {str, NoneType}:
        return [value or None for value in values] if "" in values else values
    return [json_value(value) for value in values]


def json_value(value: Any) -> Any:
    """Give a JSON value: NaN and empty text are None, whole floats integers, dates and the like text.

    Examples
    --------
    >>> json_value({"stars": 4.0, "note": "", "seen": float("nan")})
    {'stars': 4, 'note': None, 'seen': None}
    """
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, bool | int | str):
        return None if value == "" else value
    if isinstance(value, float):
        if math.isnan(value):
            return None
        return int(value) if value.is_integer() and abs(value) < EXACT else value
    if isinstance(value, Mapping):
        return {str(key): json_value(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return json_values(list(value))
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _arrow_type(values: Sequence[Any]) -> pa.DataType | None:
    types = set(map(type, values)) - {NoneType}
    if types <= {str}:
        return pa.large_string()
    if types == {bool}:
        return pa.bool_()
    if types == {int} and all(-(2**63) <= v < 2**63 for v in values if v is not None):
        return pa.int64()
    exact = (abs(v) < EXACT for v in values if type(v) is int)
    return pa.float64() if float in types and types <= {int, float} and all(exact) else None


def _common_type(chunks: Sequence[tuple[pa.Array, bool]]) -> pa.DataType | None:
    """Give the type that holds the values of all chunks, None for JSON."""
    filled = [(array, json_cells) for array, json_cells in chunks if array.null_count < len(array)]
    types = {array.type for array, _ in filled}
    if any(json_cells for _, json_cells in filled):
        return None
    if len(types) <= 1:
        return types.pop() if types else pa.large_string()
    numbers = types == {pa.int64(), pa.float64()}
    whole = [array for array, _ in filled if array.type == pa.int64()]
    return pa.float64() if numbers and all(map(_is_exact, whole)) else None


def _is_exact(array: pa.Array) -> bool:
    ends = pc.min_max(array)
    return bool(ends["min"].as_py() > -EXACT and ends["max"].as_py() < EXACT)


def _cast(array: pa.Array, json_cells: bool, kind: pa.DataType | None) -> pa.Array:
    if array.null_count == len(array):
        return pa.nulls(len(array), kind or pa.large_string())
    if kind is not None:
        return array.cast(kind)
    return array if json_cells else _json_array(to_python(array, pa.field("", array.type)))


def _json_array(values: Sequence[Any]) -> pa.Array:
    return pa.array([None if v is None else to_json(v) for v in values], pa.large_string())


def _canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def _unescaped(cell: str) -> str:
    return _canonical(json.loads(cell))


def _is_whole(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True

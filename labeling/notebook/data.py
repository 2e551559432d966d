"""Data as a notebook has them, brought into the form that functions take."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from labeling.errors import InputError
from labeling.items.content import named, to_arrow

if TYPE_CHECKING:
    import pandas as pd

    Data = pd.DataFrame | Iterable[Mapping[str, Any]] | Iterable[str]


def content_table(data: Data, text: str) -> pa.Table:
    """Give n items as a table, a column per field, in the types that a project has.

    Parameters
    ----------
    data : DataFrame, or iterable of mappings, or iterable of texts
    text : str
        The field that ``item.text`` gives; texts alone become this field.

    Raises
    ------
    InputError
        The data are none of these, or a text is missing.
    """
    columns = {name: to_arrow(values) for name, values in _columns(data, text).items()}
    fields = [named(name, array, json_cells) for name, (array, json_cells) in columns.items()]
    table = pa.table([array for array, _ in columns.values()], schema=pa.schema(fields))
    if text in columns and (missing := table[text].null_count):
        first = table[text].is_null().index(True).as_py()
        raise InputError(f"data: {missing} rows have no {text!r}, the first is row {first}. Drop these rows.")
    return table


def texts_of(data: Data, text: str) -> list[str]:
    """Give the texts of the data, length n.

    Raises
    ------
    InputError
        There is no such column.
    """
    columns = _columns(data, text)
    if text not in columns:
        raise InputError(f"data: no column {text!r}, there are {', '.join(columns)}. Name it with text=.")
    return [str(value) for value in columns[text]]


def _columns(data: Data, text: str) -> dict[str, list[Any]]:
    import pandas as pd

    if hasattr(data, "to_pandas"):
        data = data.to_pandas()
    if isinstance(data, pd.DataFrame):
        return {str(name): data[name].tolist() for name in data.columns}
    rows: list[Any] = list(data)
    if all(isinstance(row, str) for row in rows):
        return {text: rows}
    if all(isinstance(row, Mapping) for row in rows):
        return _of_mappings(rows)
    kinds = ", ".join(sorted({type(row).__name__ for row in rows}))
    raise InputError(f"data: expected a DataFrame, a list of dicts or a list of texts, got {kinds}.")


def _of_mappings(rows: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    names = dict.fromkeys(name for row in rows for name in row)
    return {name: [row.get(name) for row in rows] for name in names}

"""Checks of every row: ids that are there and differ, texts that a person can read."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from labeling.errors import InputError
from labeling.items.columns import Columns
from labeling.items.content import is_json, is_text, to_python
from labeling.items.tables import Table, capped


def check_rows(table: Table, columns: Columns) -> pa.ChunkedArray:
    """Give the row ids as text, shape (n_rows,).

    Raises
    ------
    InputError
        An id is empty or stands twice, a text is empty or no text, a cell holds broken characters.
    """
    checked = dict.fromkeys((columns.id, *columns.content))
    checks = (
        _bad_ids(table, columns.id),
        _repeated_ids(table, columns.id),
        _bad_texts(table, columns.text),
        *(_bad_characters(table, name) for name in checked),
    )
    problems = [problem for check in checks for problem in capped(list(check), table.name)]
    if problems:
        raise InputError(*problems)
    return _ids(table, columns.id)


def _ids(table: Table, column: str) -> pa.ChunkedArray:
    cells = table.data[column]
    if is_text(table.data.schema.field(column)) or pa.types.is_int64(cells.type):
        return cells.cast(pa.large_string())
    return pa.chunked_array([pa.array(map(_id, _cells(table, column)), pa.large_string())])


def _id(cell: Any) -> str:
    return "" if cell is None or isinstance(cell, bool | list | dict) else str(cell)


def _cells(table: Table, column: str) -> Iterator[Any]:
    """Give the values of a column, of which only one chunk at a time is in Python's hands."""
    field = table.data.schema.field(column)
    return chain.from_iterable(to_python(chunk, field) for chunk in table.data[column].chunks)


def _bad_ids(table: Table, column: str) -> Iterator[str]:
    for row, cell in enumerate(_cells(table, column)):
        if not _id(cell).strip():
            got = "nothing" if cell is None else repr(cell)[:40]
            yield f"{table.place(row)} {column}: expected an id, got {got}. Give the row an id of its own."


def _repeated_ids(table: Table, column: str) -> Iterator[str]:
    if is_text(table.data.schema.field(column)) and pc.count_distinct(table.data[column]).as_py() == len(
        table
    ):
        return
    first: dict[str, int] = {}
    for row, row_id in enumerate(map(_id, _cells(table, column))):
        if row_id and first.setdefault(row_id, row) != row:
            yield (
                f'{table.place(row)} {column}: expected an id of its own, got "{row_id}" as in '
                f"{table.place(first[row_id])}. Give one of them another id."
            )


def _bad_texts(table: Table, column: str) -> Iterator[str]:
    for row, cell in enumerate(_cells(table, column)):
        if isinstance(cell, list | dict):
            yield f"{table.place(row)} {column}: expected text, got a list or object. Write it out as text."
        elif cell is None or (isinstance(cell, str) and not cell.strip()):
            yield f"{table.place(row)} {column}: expected text, got nothing. Fill it in or take the row out."


def _bad_characters(table: Table, column: str) -> Iterator[str]:
    if not _may_be_broken(table, column):
        return
    for row, cell in enumerate(_cells(table, column)):
        if isinstance(cell, str) and _is_broken(cell):
            yield (
                f"{table.place(row)} {column}: expected characters, got NUL or half of a surrogate pair. "
                "Take it out."
            )


def _may_be_broken(table: Table, column: str) -> bool:
    field = table.data.schema.field(column)
    if not is_text(field):
        return is_json(field)
    return bool(pc.any(pc.match_substring(table.data[column], "\0")).as_py())


def _is_broken(text: str) -> bool:
    if "\0" in text:
        return True
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return True
    return False

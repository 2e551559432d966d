"""Checks of every row: ids that are there and differ, texts that a person can read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from labeling.errors import InputError
from labeling.items.columns import Columns
from labeling.items.tables import Table, capped


def check_rows(table: Table, columns: Columns) -> list[str]:
    """Give the row ids as text.

    Raises
    ------
    InputError
        An id is empty or stands twice, a text is empty or no text, a cell holds broken characters.
    """
    cells = table.columns[columns.id]
    ids = [_id(cell) for cell in cells]
    checks = (
        _bad_ids(ids, cells, table, columns.id),
        _repeated_ids(ids, table, columns.id),
        _bad_texts(table, columns.text),
        *(_bad_characters(table, name) for name in dict.fromkeys((columns.id, *columns.content))),
    )
    problems = [problem for check in checks for problem in capped(list(check), table.name)]
    if problems:
        raise InputError(*problems)
    return ids


def _id(cell: Any) -> str:
    return "" if cell is None or isinstance(cell, bool | list | dict) else str(cell)


def _bad_ids(ids: list[str], cells: Any, table: Table, column: str) -> Iterator[str]:
    for row, (row_id, cell) in enumerate(zip(ids, cells, strict=True)):
        if not row_id.strip():
            got = "nothing" if cell is None else repr(cell)[:40]
            yield f"{table.place(row)} {column}: expected an id, got {got}. Give the row an id of its own."


def _repeated_ids(ids: list[str], table: Table, column: str) -> Iterator[str]:
    first = dict(zip(reversed(ids), reversed(range(len(ids))), strict=True))
    if len(first) == len(ids):
        return
    for row, row_id in enumerate(ids):
        if row_id and first[row_id] != row:
            yield (
                f'{table.place(row)} {column}: expected an id of its own, got "{row_id}" as in '
                f"{table.place(first[row_id])}. Give one of them another id."
            )


def _bad_texts(table: Table, column: str) -> Iterator[str]:
    for row, cell in enumerate(table.columns[column]):
        if isinstance(cell, list | dict):
            yield f"{table.place(row)} {column}: expected text, got a list or object. Write it out as text."
        elif cell is None or (isinstance(cell, str) and not cell.strip()):
            yield f"{table.place(row)} {column}: expected text, got nothing. Fill it in or take the row out."


def _bad_characters(table: Table, column: str) -> Iterator[str]:
    cells = table.columns[column]
    if not _is_broken("".join(cell for cell in cells if isinstance(cell, str))):
        return
    for row, cell in enumerate(cells):
        if isinstance(cell, str) and _is_broken(cell):
            yield (
                f"{table.place(row)} {column}: expected characters, got NUL or half of a surrogate pair. "
                "Take it out."
            )


def _is_broken(text: str) -> bool:
    if "\0" in text:
        return True
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return True
    return False

"""Reading json and jsonl: objects with named values."""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from labeling.errors import InputError
from labeling.items.blocks import text_blocks
from labeling.items.tables import Gatherer, Part, Table, capped

CHUNK_ROWS = 16_384

Row = Mapping[str, Any]


def read_lines(pieces: Iterable[bytes], name: str) -> Table:
    """Read one object a line; empty lines do not count.

    Raises
    ------
    InputError
        Faults of the text; or lines that hold something else, the first few of them.
    """
    lines, gatherer, problems = array("q"), Gatherer(name), []
    for first, text in text_blocks(pieces, name):
        rows: list[Row] = []
        for number, line in enumerate(text.split("\n"), start=first):
            if not line or line.isspace():
                continue
            lines.append(number)
            try:
                rows.append(_object(json.loads(line)))
            except (ValueError, RecursionError) as error:
                place = f"{name}:{number} row {len(lines)}"
                problems.append(f"{place}: expected one JSON object, got {_fault(error)}. Correct the line.")
        gatherer.add(_columns(rows), len(rows))
    if problems:
        raise InputError(*capped(problems, name))
    return Table((Part(name, len(lines), np.array(lines)),), gatherer.table())


def read_json(pieces: Iterable[bytes], name: str) -> Table:
    """Read a list of objects, or ``{"data": [...]}``, all at once.

    Raises
    ------
    InputError
        Faults of the text; or the file holds something else.
    """
    try:
        value = json.loads("".join(text for _, text in text_blocks(pieces, name)))
    except (ValueError, RecursionError) as error:
        line = f":{error.lineno}" if isinstance(error, json.JSONDecodeError) else ""
        raise InputError(f"{name}{line}: expected JSON, got {_fault(error)}. Correct it.") from None
    rows = value.get("data") if isinstance(value, dict) else value
    if not isinstance(rows, list):
        raise InputError(f'{name}: expected a list of objects or {{"data": [...]}}, got something else.')
    wrong = [i for i, row in enumerate(rows, start=1) if not isinstance(row, dict)]
    if wrong:
        raise InputError(
            *capped([f"{name} row {i}: expected an object with named values." for i in wrong], name)
        )
    gatherer = Gatherer(name)
    for start in range(0, len(rows), CHUNK_ROWS):
        chunk = rows[start : start + CHUNK_ROWS]
        gatherer.add(_columns(chunk), len(chunk))
    return Table((Part(name, len(rows)),), gatherer.table())


def _object(value: Any) -> Row:
    if not isinstance(value, dict):
        raise ValueError(f"no object but {json.dumps(value)[:40]}")
    return value


def _fault(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg[0].lower()}{error.msg[1:]} at column {error.colno}"
    return f"a value that cannot be read ({error})"


def _columns(rows: Sequence[Row]) -> dict[str, list[Any]]:
    names = dict.fromkeys(key for row in rows for key in row)
    return {name: [row.get(name) for row in rows] for name in names}

"""File formats: each read into columns of JSON values."""

from __future__ import annotations

import codecs
import csv
import io
import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from types import NoneType
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from labeling.errors import InputError
from labeling.items.sources import SourceFile, read_bytes
from labeling.items.tables import Part, Table, capped, stack

Row = Mapping[str, Any]


def read_tables(sources: Sequence[SourceFile]) -> Table:
    """Read files and put their rows under one another.

    Raises
    ------
    InputError
        What :func:`read_table` says of each file, together; or their columns differ.
    """
    tables: list[Table] = []
    problems: list[str] = []
    for source in sources:
        try:
            tables.append(read_table(source))
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(*problems)
    return stack(tables)


def read_table(source: SourceFile) -> Table:
    """Read a file by its format: csv, tsv, json, jsonl, ndjson or parquet, as its name ends.

    Raises
    ------
    InputError
        The file is empty, damaged or not of its format; faults of several rows appear together.
    """
    suffix = source.suffixes[0]
    read = FORMATS.get(suffix)
    if read is None:
        raise InputError(
            f'{source.name}: expected one of {", ".join(FORMATS)}, got ".{suffix}". Save it as one.'
        )
    data = read_bytes(source)
    if not data.strip(codecs.BOM_UTF8 + b" \t\r\n"):
        raise InputError(f"{source.name}: expected rows, got an empty file. Write data to it.")
    table = read(data, source.name)
    if not len(table):
        raise InputError(f"{source.name}: expected rows, got none. Write data to it.")
    return table


def _text(data: bytes, name: str) -> str:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise InputError(f"{name}: expected UTF-8, got UTF-16. Save the file as UTF-8.")
    nul = data.find(b"\0")
    if nul >= 0:
        raise InputError(f"{_at(data, nul, name)}: expected text, got a NUL byte. Take it out.")
    try:
        return data.removeprefix(codecs.BOM_UTF8).decode("utf-8")
    except UnicodeDecodeError as error:
        start = error.start + (3 if data.startswith(codecs.BOM_UTF8) else 0)
        raise InputError(
            f"{_at(data, start, name)}: expected UTF-8, got byte 0x{data[start]:02x}. Save the file as UTF-8."
        ) from None


def _at(data: bytes, offset: int, name: str) -> str:
    line = data.count(b"\n", 0, offset) + 1
    return f"{name}:{line} byte {offset}"


def _read_delimited(data: bytes, name: str, *, delimiter: str) -> Table:
    rows, lines = _cells(_text(data, name), name, delimiter)
    header, *rows = rows
    _check_header(header, name)
    part = Part(name, len(rows), lines[1:])
    separator = "tab" if delimiter == "\t" else "comma"
    problems = [
        f"{part.place(i)}: expected {len(header)} cells, got {len(row)}. Quote cells that hold a {separator}."
        for i, row in enumerate(rows)
        if len(row) != len(header)
    ]
    if problems:
        raise InputError(*capped(problems, name))
    columns = zip(*rows, strict=True) if rows else ([] for _ in header)
    return Table((part,), {key: [v or None for v in c] for key, c in zip(header, columns, strict=True)})


def _cells(text: str, name: str, delimiter: str) -> tuple[list[list[str]], list[int]]:
    """Give the rows that are not empty, header first, with the line at which each begins."""
    csv.field_size_limit(2**31 - 1)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[list[str]] = []
    lines: list[int] = []
    start = 1
    try:
        for row in reader:
            if row:
                rows.append(row)
                lines.append(start)
            start = reader.line_num + 1
    except csv.Error as error:
        raise InputError(
            f"{name}:{start} row {len(rows)}: expected quotes in pairs, got: {error}. "
            'Write a quote within quotes as "".'
        ) from None
    return rows, lines


def _check_header(header: Sequence[str], name: str) -> None:
    if "" in header:
        raise InputError(
            f"{name}:1: expected a name for each column, got none for column {header.index('') + 1}. "
            "Name it or take it out, as an index that was saved along."
        )
    twice = sorted({column for column in header if header.count(column) > 1})
    if twice:
        raise InputError(f"{name}:1: expected each column once, got {', '.join(twice)} again. Rename one.")


def _read_lines(data: bytes, name: str) -> Table:
    rows: list[Row] = []
    lines: list[int] = []
    problems: list[str] = []
    for number, line in enumerate(_text(data, name).split("\n"), start=1):
        if not line or line.isspace():
            continue
        lines.append(number)
        try:
            rows.append(_object(json.loads(line)))
        except (ValueError, RecursionError) as error:
            problems.append(
                f"{name}:{number} row {len(lines)}: expected one JSON object, got {_fault(error)}."
            )
    if problems:
        raise InputError(*capped([f"{p} Correct the line." for p in problems], name))
    return Table((Part(name, len(rows), lines),), _columns(rows))


def _read_json(data: bytes, name: str) -> Table:
    try:
        value = json.loads(_text(data, name))
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
    return Table((Part(name, len(rows)),), _columns(rows))


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
    return {name: json_values([row.get(name) for row in rows]) for name in names}


def _read_parquet(data: bytes, name: str) -> Table:
    try:
        table = pq.read_table(pa.BufferReader(data))
    except (pa.ArrowException, OSError) as error:
        first = str(error).splitlines()[0]
        raise InputError(f"{name}: expected a Parquet file, got: {first}. Write it again.") from None
    # pandas saves an index along; as content it would make every row an item of its own
    names = [key for key in table.column_names if not re.fullmatch(r"__index_level_\d+__", key)]
    _check_header(names, name)
    columns = {key: json_values(table[key].to_pylist()) for key in names}
    return Table((Part(name, table.num_rows),), columns)


FORMATS: Mapping[str, Callable[[bytes, str], Table]] = {
    "csv": partial(_read_delimited, delimiter=","),
    "tsv": partial(_read_delimited, delimiter="\t"),
    "json": _read_json,
    "jsonl": _read_lines,
    "ndjson": _read_lines,
    "parquet": _read_parquet,
}


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
    if value is None or isinstance(value, bool | int | str):
        return None if value == "" else value
    if isinstance(value, float):
        if math.isnan(value):
            return None
        return int(value) if value.is_integer() and abs(value) < 2**53 else value
    if isinstance(value, Mapping):
        return {str(key): json_value(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return json_values(list(value))
    return value.isoformat() if hasattr(value, "isoformat") else str(value)

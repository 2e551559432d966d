"""Reading csv and tsv."""

from __future__ import annotations

import csv
import io
from array import array
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

import numpy as np

from labeling.errors import InputError
from labeling.items.blocks import text_blocks
from labeling.items.tables import Gatherer, Part, Table, capped

CHUNK_ROWS = 16_384

Row = tuple[int, list[str]]
"""The line at which a row begins, and its cells."""


def read_delimited(pieces: Iterable[bytes], name: str, *, delimiter: str) -> Table:
    """Read rows of cells that are text; the first row is the header.

    Raises
    ------
    InputError
        Faults of the text, the header, the quotes; or rows of another length than the header's.
    """
    rows = _rows(pieces, name, delimiter)
    _, header = next(rows, (1, []))
    check_header(header, name)
    lines, gatherer, problems = array("q"), Gatherer(name), []
    separator = "tab" if delimiter == "\t" else "comma"
    while chunk := _take(rows):
        problems += [
            f"{name}:{line} row {number}: expected {len(header)} cells, got {len(row)}. "
            f"Quote cells that hold a {separator}."
            for number, (line, row) in enumerate(chunk, start=len(lines) + 1)
            if len(row) != len(header)
        ]
        lines.extend(line for line, _ in chunk)
        if not problems:
            columns = zip(*(row for _, row in chunk), strict=True)
            gatherer.add(dict(zip(header, columns, strict=True)), len(chunk))
    if problems:
        raise InputError(*capped(problems, name))
    return Table((Part(name, len(lines), np.array(lines)),), gatherer.table())


def _take(rows: Iterator[Row]) -> list[Row]:
    return [row for _, row in zip(range(CHUNK_ROWS), rows, strict=False)]


def _rows(pieces: Iterable[bytes], name: str, delimiter: str) -> Iterator[Row]:
    """Give the rows that are not empty, header first."""
    csv.field_size_limit(2**31 - 1)
    texts = (io.StringIO(text, newline="") for _, text in text_blocks(pieces, name))
    reader = csv.reader(chain.from_iterable(texts), delimiter=delimiter, strict=True)
    count, start = 0, 1
    try:
        for row in reader:
            if row:
                yield start, row
                count += 1
            start = reader.line_num + 1
    except csv.Error as error:
        raise InputError(
            f"{name}:{start} row {count}: expected quotes in pairs, got: {error}. "
            'Write a quote within quotes as "".'
        ) from None


def check_header(header: Sequence[str], name: str) -> None:
    """Make sure that every column has a name of its own.

    Raises
    ------
    InputError
        One has none, or two have the same.
    """
    if "" in header:
        raise InputError(
            f"{name}:1: expected a name for each column, got none for column {header.index('') + 1}. "
            "Name it or take it out, as an index that was saved along."
        )
    twice = sorted({column for column in header if header.count(column) > 1})
    if twice:
        raise InputError(f"{name}:1: expected each column once, got {', '.join(twice)} again. Rename one.")

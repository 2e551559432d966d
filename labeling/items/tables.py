"""Columns of JSON values, as read from one file or stacked from several, with the place of every row."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from labeling.errors import InputError
from labeling.items.content import is_json, join_chunks, named, to_arrow, to_python

SHOWN = 5
"""How many faults of one kind are spelled out."""


@dataclass(frozen=True)
class Part:
    """The rows of one file: its name, their number, and the line of each in formats that have lines."""

    name: str
    n_rows: int
    lines: npt.NDArray[np.int64] | None = field(default=None, repr=False)

    def without(self, gone: npt.NDArray[np.bool_]) -> Part:
        """Give the same without some rows, shape (n_rows,)."""
        lines = None if self.lines is None else self.lines[~gone]
        return Part(self.name, int((~gone).sum()), lines)

    def place(self, row: int) -> str:
        """Name a row (from 0) in messages, where it is counted from 1."""
        line = "" if self.lines is None else f":{self.lines[row]}"
        return f"{self.name}{line} row {row + 1}"


@dataclass(frozen=True)
class Places:
    """Where each row comes from."""

    parts: tuple[Part, ...]

    def __len__(self) -> int:
        return sum(part.n_rows for part in self.parts)

    @property
    def name(self) -> str:
        """The first file, as messages show it."""
        return self.parts[0].name

    def place(self, row: int) -> str:
        """Name a row (from 0): ``data/pool.jsonl:18 row 17``."""
        starts = [0, *accumulate(part.n_rows for part in self.parts)]
        i = bisect_right(starts, row) - 1
        return self.parts[i].place(row - starts[i])

    def without(self, gone: npt.NDArray[np.bool_]) -> Places:
        """Give the places without some rows, shape (rows,)."""
        ends = list(accumulate(part.n_rows for part in self.parts))
        return Places(
            tuple(
                part.without(gone[end - part.n_rows : end])
                for part, end in zip(self.parts, ends, strict=True)
            )
        )


@dataclass(frozen=True)
class Table(Places):
    """Columns of equal length.

    Parameters
    ----------
    parts : tuple of Part
        The files, in order.
    data : pyarrow.Table
        JSON values as :func:`~labeling.items.content.to_arrow` gives them; null is a missing value, as is
        every empty text.
    """

    data: pa.Table = field(repr=False)

    @property
    def names(self) -> list[str]:
        """Names of the columns, in order."""
        return list(self.data.column_names)

    @cached_property
    def columns(self) -> Mapping[str, list[Any]]:
        """All values, by column."""
        return {name: self.values(name) for name in self.names}

    def values(self, name: str) -> list[Any]:
        """Give the values of one column."""
        return to_python(self.data[name], self.data.schema.field(name))


class Gatherer:
    """Puts columns together that come chunk by chunk, and not each of them in every chunk.

    Parameters
    ----------
    name : str
        The file, as messages show it.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.rows = 0
        self._chunks: dict[str, list[tuple[pa.Array, bool]]] = {}

    def add(self, columns: Mapping[str, Sequence[Any] | pa.Array], rows: int) -> None:
        """Take the next ``rows`` rows; a column of texts may come as an Arrow array."""
        for name, values in columns.items():
            known = self._chunks.setdefault(name, [(pa.nulls(self.rows), False)] if self.rows else [])
            known.append((values, False) if isinstance(values, pa.Array) else to_arrow(values))
        for name in self._chunks.keys() - columns.keys():
            self._chunks[name].append((pa.nulls(rows), False))
        self.rows += rows

    def table(self) -> pa.Table:
        """Give all rows; the chunks are let go on the way.

        Raises
        ------
        InputError
            The name of a column cannot be written as text.
        """
        self._check_names()
        columns, fields = [], []
        for name in list(self._chunks):
            column, json_cells = join_chunks(self._chunks.pop(name))
            columns.append(column)
            fields.append(named(name, column, json_cells))
        return pa.table(columns, pa.schema(fields))

    def _check_names(self) -> None:
        broken = [
            name for name in self._chunks if name.encode(errors="replace") != name.encode(errors="ignore")
        ]
        if broken:
            raise InputError(
                f"{self.name}: expected names of characters, got {broken[0]!a}, which holds half of a "
                "surrogate pair. Rename the column."
            )


def stack(tables: Sequence[Table]) -> Table:
    """Put tables of the same columns, in whatever order, under one another.

    Raises
    ------
    InputError
        Columns differ; the message names each file with what it lacks and has too many.
    """
    first = tables[0]
    problems = [_difference(first, table) for table in tables if {*table.names} != {*first.names}]
    if problems:
        raise InputError(*capped(problems, first.name))
    if len(tables) == 1:
        return first
    columns, fields = [], []
    for name in first.names:
        chunks = [(a, is_json(t.data.schema.field(name))) for t in tables for a in t.data[name].chunks]
        column, json_cells = join_chunks(chunks)
        columns.append(column)
        fields.append(named(name, column, json_cells))
    return Table(
        tuple(part for table in tables for part in table.parts), pa.table(columns, pa.schema(fields))
    )


def _difference(first: Table, other: Table) -> str:
    lacks = [name for name in first.names if name not in other.names]
    extra = [name for name in other.names if name not in first.names]
    got = " and ".join(
        f"{word} {', '.join(names)}" for word, names in (("without", lacks), ("also", extra)) if names
    )
    return f"{other.name}: expected the columns of {first.name}, got them {got}. Make them equal."


def capped(problems: Sequence[str], name: str) -> list[str]:
    """Give the first few problems and say how many more there are."""
    more = len(problems) - SHOWN
    return [*problems[:SHOWN], *([f"{name}: and {more} more of this kind."] if more > 0 else [])]

"""Columns of JSON values, as read from one file or stacked from several, with the place of every row."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate, chain
from typing import Any

from labeling.errors import InputError

SHOWN = 5
"""How many faults of one kind are spelled out."""


@dataclass(frozen=True)
class Part:
    """The rows of one file: its name, their number, and the line of each in formats that have lines."""

    name: str
    n_rows: int
    lines: Sequence[int] | None = field(default=None, repr=False)

    def place(self, row: int) -> str:
        """Name a row (from 0) in messages, where it is counted from 1."""
        line = f":{self.lines[row]}" if self.lines else ""
        return f"{self.name}{line} row {row + 1}"


@dataclass(frozen=True)
class Table:
    """Columns of equal length.

    Parameters
    ----------
    parts : tuple of Part
        The files, in order.
    columns : mapping of str to list
        JSON values, one a row; None is a missing value, as is every empty text.
    """

    parts: tuple[Part, ...]
    columns: Mapping[str, Sequence[Any]] = field(repr=False)

    @property
    def name(self) -> str:
        """The first file, as messages show it."""
        return self.parts[0].name

    def __len__(self) -> int:
        return sum(part.n_rows for part in self.parts)

    def place(self, row: int) -> str:
        """Name a row (from 0): ``data/pool.jsonl:18 row 17``."""
        starts = [0, *accumulate(part.n_rows for part in self.parts)]
        i = bisect_right(starts, row) - 1
        return self.parts[i].place(row - starts[i])

    def without_columns(self) -> Table:
        """Give the places alone."""
        return replace(self, columns={})


def stack(tables: Sequence[Table]) -> Table:
    """Put tables of the same columns, in whatever order, under one another.

    Raises
    ------
    InputError
        Columns differ; the message names each file with what it lacks and has too many.
    """
    first = tables[0]
    problems = [_difference(first, table) for table in tables if table.columns.keys() != first.columns.keys()]
    if problems:
        raise InputError(*capped(problems, first.name))
    if len(tables) == 1:
        return first
    columns = {name: list(chain.from_iterable(t.columns[name] for t in tables)) for name in first.columns}
    return Table(tuple(part for table in tables for part in table.parts), columns)


def _difference(first: Table, other: Table) -> str:
    lacks = [name for name in first.columns if name not in other.columns]
    extra = [name for name in other.columns if name not in first.columns]
    got = " and ".join(
        f"{word} {', '.join(names)}" for word, names in (("without", lacks), ("also", extra)) if names
    )
    return f"{other.name}: expected the columns of {first.name}, got them {got}. Make them equal."


def capped(problems: Sequence[str], name: str) -> list[str]:
    """Give the first few problems and say how many more there are."""
    more = len(problems) - SHOWN
    return [*problems[:SHOWN], *([f"{name}: and {more} more of this kind."] if more > 0 else [])]

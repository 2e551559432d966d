"""Columns of class names as class indices, by row and by item."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from labeling.config.suggest import did_you_mean
from labeling.errors import InputError
from labeling.items.content import to_python
from labeling.types import ABSTAIN, Bools, Ints, LabelSchema

Codes = npt.NDArray[np.int8]

SHOWN = 5
"""How many unknown names of one column are spelled out."""


def encode_columns(columns: pa.Table, schema: LabelSchema, place: Callable[[int], str]) -> dict[str, Codes]:
    """Give class indices of each column of n rows, shape (n,), -1 for null.

    Raises
    ------
    InputError
        Cells that name no class, all of them by column; ``place`` names a row.
    """
    codes, problems = {}, []
    for field in columns.schema:
        codes[field.name], unknown = encode(columns[field.name], field, schema)
        problems += unknown_names(unknown, field.name, schema, place)
    if problems:
        raise InputError(*problems)
    return codes


def encode(
    column: pa.Array | pa.ChunkedArray, field: pa.Field, schema: LabelSchema
) -> tuple[Codes, dict[str, list[int]]]:
    """Give class indices, shape (n,), -1 for null, and the rows of each name that is not a class."""
    values, places = _distinct(column)
    names = [class_name(value) for value in to_python(values, field)]
    # Place -1, of a null, finds the last one.
    codes = np.array([*(schema.index.get(name, ABSTAIN) for name in names), ABSTAIN], dtype=np.int8)
    strangers = [i for i, name in enumerate(names) if name not in schema.index]
    unknown: dict[str, list[int]] = {}
    for row in np.flatnonzero(np.isin(places, strangers)).tolist():
        unknown.setdefault(names[places[row]], []).append(row)
    return codes[places], unknown


def _distinct(column: pa.Array | pa.ChunkedArray) -> tuple[pa.Array, Ints]:
    """Give the different values and which of them each row holds, shape (n,); -1 is null."""
    whole = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    coded = whole.dictionary_encode()
    return coded.dictionary, coded.indices.fill_null(-1).to_numpy()


def class_name(value: Any) -> str:
    """Read a cell as a class name: numbers and truth values are written out as JSON does."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def unknown_names(
    unknown: dict[str, list[int]], column: str, schema: LabelSchema, place: Callable[[int], str]
) -> list[str]:
    """Word one problem for each name that is not a class, up to ``SHOWN`` for a column."""
    problems = []
    for name, rows in list(unknown.items())[:SHOWN]:
        times = f" in {len(rows)} rows" if len(rows) > 1 else ""
        step = did_you_mean(name, schema.names) or f" The classes are {_some(schema.names)}."
        if name.casefold() in ("-1", "abstain", "none", "null", "nan"):
            step = " An abstention is an empty cell."
        problems.append(f'{place(rows[0])} {column}: expected a class or nothing, got "{name}"{times}.{step}')
    if len(unknown) > SHOWN:
        problems.append(f"{column}: and {len(unknown) - SHOWN} more names that are no classes.")
    return problems


def unanimous(codes: Codes, row_item: Ints, n_items: int) -> tuple[Codes, Bools]:
    """Give each item the class that its rows agree on, rows without one aside.

    Parameters
    ----------
    codes : array of int8, shape (n_rows,)
    row_item : array of int, shape (n_rows,)
        Item of each row.

    Returns
    -------
    labels : array of int8, shape (n_items,)
        -1 where the rows disagree or none has a class.
    conflicts : mask, shape (n_items,)
        Where they disagree.
    """
    voted = codes != ABSTAIN
    low = np.full(n_items, np.iinfo(np.int8).max, dtype=np.int8)
    high = np.full(n_items, ABSTAIN, dtype=np.int8)
    np.minimum.at(low, row_item[voted], codes[voted])
    np.maximum.at(high, row_item[voted], codes[voted])
    conflicts = (high != ABSTAIN) & (low != high)
    return np.where(conflicts, np.int8(ABSTAIN), high), conflicts


def majority(codes: Codes, row_item: Ints, n_items: int) -> Codes:
    """Give each item the class of most of its rows, shape (n_items,); -1 on a tie or without any."""
    voted = codes != ABSTAIN
    pairs, counts = np.unique(np.stack([row_item[voted], codes[voted]]), axis=1, return_counts=True)
    items, classes = pairs
    most = np.zeros(n_items, dtype=np.int64)
    np.maximum.at(most, items, counts)
    top = counts == most[items]
    alone = np.bincount(items[top], minlength=n_items) == 1
    labels = np.full(n_items, ABSTAIN, dtype=np.int8)
    labels[items[top]] = classes[top]
    return np.where(alone, labels, np.int8(ABSTAIN))


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:10]) + (f" and {len(names) - 10} more" if len(names) > 10 else "")

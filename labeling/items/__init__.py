"""The rows of a project's data and the unique contents, called items, that they amount to."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from labeling.config import Config
from labeling.config.suggest import did_you_mean
from labeling.errors import InputError
from labeling.items.classes import Codes, encode_columns, majority, unanimous
from labeling.items.columns import Columns, assign_columns
from labeling.items.identity import content_digests, text_cluster
from labeling.items.readers import read_tables
from labeling.items.rows import check_rows
from labeling.items.sources import SourceFile, find_sources
from labeling.items.tables import Table
from labeling.types import Ints, Item, LabelSchema, digest_of

Objects = npt.NDArray[np.object_]


@dataclass(frozen=True, repr=False)
class Items:
    """Rows of a file and the n unique contents in them, in the order in which they were first seen.

    Parameters
    ----------
    row_ids : array of str, shape (n_rows,)
    row_item : array of int, shape (n_rows,)
        Index of each row's item.
    first_row : array of int, shape (n,)
        Index of each item's first row.
    digests : array of str, shape (n,)
        Content digests.
    fields : DataFrame of n rows
        The content: JSON values, None where missing.
    text_field : str
    public_fields : tuple of str
        Those of ``fields`` that may be shown or sent.
    recorded : mapping of str to array, shape (n_rows,)
        Recorded votes by column, as read: None abstains.
    held_out : mapping of str to array, shape (n_rows,)
        Known labels by column, as read: no voter sees them.
    source : tuple of SourceFile
        The files, as they stood.
    """

    row_ids: Objects
    row_item: Ints
    first_row: Ints
    digests: Objects
    fields: pd.DataFrame
    text_field: str
    public_fields: tuple[str, ...]
    recorded: Mapping[str, Objects]
    held_out: Mapping[str, Objects]
    source: tuple[SourceFile, ...]
    _table: Table = field(repr=False)

    def __len__(self) -> int:
        return len(self.digests)

    def __repr__(self) -> str:
        files = ", ".join(source.name for source in self.source)
        fields = ", ".join(self._content)
        return f"Items({len(self)} items in {self.n_rows} rows of {files}; fields {fields})"

    def __iter__(self) -> Iterator[Item]:
        return (self.item(i) for i in range(len(self)))

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return len(self.row_ids)

    @property
    def row_digests(self) -> Objects:
        """Content digest of each row, shape (n_rows,)."""
        return self.digests[self.row_item]

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """Text of each item."""
        return tuple(map(str, self._content[self.text_field]))

    @cached_property
    def clusters(self) -> Objects:
        """Audit cluster of each item, shape (n,): digest of the normalised text alone."""
        return _objects(map(text_cluster, self.texts))

    @cached_property
    def digest(self) -> str:
        """Digest of all that was read: ids, contents, recorded votes, known labels."""
        columns = [{k: v.tolist() for k, v in part.items()} for part in (self.recorded, self.held_out)]
        return digest_of(self.row_ids.tolist(), self.row_digests.tolist(), *columns)

    def item(self, i: int) -> Item:
        """Give item ``i`` as a labelling function sees it."""
        content = {name: column[i] for name, column in self._content.items()}
        return Item(str(self.digests[i]), content, self.text_field)

    def shown(self, i: int) -> dict[str, str]:
        """Give the public fields of item ``i`` as text; what is missing is left out."""
        cells = {name: self._content[name][i] for name in self.public_fields}
        return {name: _written(cell) for name, cell in cells.items() if cell is not None}

    def item_of_row(self, row_id: str) -> int:
        """Give the index of the item that a row holds.

        Raises
        ------
        InputError
            No row has that id.
        """
        row = self._rows.get(row_id)
        if row is None:
            raise InputError(f'{self.source[0].name}: no row has the id "{row_id}". Check the id.')
        return int(self.row_item[row])

    def row_of_item(self, i: int) -> str:
        """Give the id of the first row that holds item ``i``."""
        return str(self.row_ids[self.first_row[i]])

    def place(self, row: int) -> str:
        """Name row ``row`` (from 0) for an error message: ``data/pool.jsonl:18 row 17``."""
        return self._table.place(row)

    @cached_property
    def _rows(self) -> dict[str, int]:
        return {row_id: row for row, row_id in enumerate(self.row_ids)}

    @cached_property
    def _content(self) -> dict[str, Objects]:
        return {str(name): self.fields[name].to_numpy(dtype=object) for name in self.fields}


def read_items(config: Config, *, held_out: Sequence[str] = ()) -> Items:
    """Read the rows of a project and find the unique contents among them.

    Parameters
    ----------
    config : Config
    held_out : sequence of str
        Columns of known labels beside those that the config names; no voter may see them.

    Raises
    ------
    InputError
        What is wrong with the files, their columns and rows; faults of one stage appear together.
    """
    sources = item_sources(config)
    table = read_tables(sources)
    return _items(table, assign_columns(config, table, held_out), sources)


def read_test(config: Config) -> Items:
    """Read the held-out rows, with their known labels in ``held_out``; recorded votes may be absent there.

    Raises
    ------
    InputError
        As :func:`read_items`; also where the config has no ``test``.
    """
    if config.test is None:
        raise InputError(f"{config.path}: expected test: {{path: F, column: C}}, got nothing. Add it.")
    sources = _find(config, config.test.path, "test.path")
    table = read_tables(sources)
    return _items(table, assign_columns(config, table, (config.test.column,), test=True), sources)


def item_sources(config: Config) -> tuple[SourceFile, ...]:
    """Find the files of a project without reading them: equal stamps mean that nothing changed."""
    return _find(config, config.items.path, "items.path")


def _find(config: Config, path: str, key: str) -> tuple[SourceFile, ...]:
    return find_sources(config.resolve(path), written=path, place=config.place(key))


def _items(table: Table, columns: Columns, sources: tuple[SourceFile, ...]) -> Items:
    ids = check_rows(table, columns)
    row_digests = content_digests({name: table.columns[name] for name in columns.content})
    position = {digest: i for i, digest in enumerate(dict.fromkeys(row_digests))}
    row_item = np.fromiter((position[digest] for digest in row_digests), np.int64, len(row_digests))
    first_row = np.unique(row_item, return_index=True)[1]
    content = {name: _objects(table.columns[name])[first_row] for name in columns.content}
    return Items(
        row_ids=_objects(ids),
        row_item=row_item,
        first_row=first_row,
        digests=_objects(position),
        fields=pd.DataFrame({name: pd.Series(cells, dtype=object) for name, cells in content.items()}),
        text_field=columns.text,
        public_fields=columns.public,
        recorded={name: _objects(table.columns[name]) for name in columns.recorded},
        held_out={name: _objects(table.columns[name]) for name in columns.held_out},
        source=sources,
        _table=table.without_columns(),
    )


@dataclass(frozen=True)
class RecordedVotes:
    """Recorded votes by column.

    Parameters
    ----------
    codes : mapping of str to array of int8, shape (n,)
        Class index by item, -1 abstains.
    conflicts : mapping of str to int
        Items whose rows hold different classes, which counts as an abstention.
    """

    codes: Mapping[str, Codes]
    conflicts: Mapping[str, int]


def recorded_votes(items: Items, config: Config) -> RecordedVotes:
    """Read recorded votes as one vote by item; rows without a vote do not disagree with the others.

    Raises
    ------
    InputError
        A cell holds something that is not a class.
    """
    codes = encode_columns(items.recorded, config.schema, items.place)
    agreed = {name: unanimous(column, items.row_item, len(items)) for name, column in codes.items()}
    return RecordedVotes(
        {name: labels for name, (labels, _) in agreed.items()},
        {name: int(conflicts.sum()) for name, (_, conflicts) in agreed.items()},
    )


@dataclass(frozen=True)
class KnownLabels:
    """A column of known labels.

    Parameters
    ----------
    labels : array of int8, shape (n,)
        Class of most rows of each item; -1 on a tie or without any.
    rows : array of int8, shape (n_rows,)
        Class of each row, -1 where it has none.
    conflicts : int
        Items whose rows hold different classes.
    """

    labels: Codes
    rows: Codes
    conflicts: int


def gold_labels(items: Items, column: str, schema: LabelSchema) -> KnownLabels:
    """Read a held-out column as class indices.

    Raises
    ------
    InputError
        No such column is held out, or a cell holds something that is not a class.
    """
    if column not in items.held_out:
        near = did_you_mean(column, items.held_out) or " Name it as gold.column."
        raise InputError(f'{items.source[0].name}: expected a column of known labels, got "{column}".{near}')
    rows = encode_columns({column: items.held_out[column]}, schema, items.place)[column]
    conflicts = unanimous(rows, items.row_item, len(items))[1]
    return KnownLabels(majority(rows, items.row_item, len(items)), rows, int(conflicts.sum()))


def _objects(values: Any) -> Objects:
    return np.fromiter(values, dtype=object, count=-1)


def _written(cell: Any) -> str:
    return cell if isinstance(cell, str) else json.dumps(cell, ensure_ascii=False)

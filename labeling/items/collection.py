"""The unique contents, called items, that the rows of a project's data amount to."""

from __future__ import annotations

import json
from binascii import hexlify
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from labeling.artifacts import content_digest
from labeling.errors import InputError
from labeling.items.content import is_json, to_python
from labeling.items.identity import DIGEST_BYTES, text_cluster
from labeling.items.sources import SourceFile
from labeling.items.tables import Places
from labeling.types import Ints, Item, digest_of

if TYPE_CHECKING:
    import pandas as pd

Objects = npt.NDArray[np.object_]

PAGE_ITEMS = 4_096
"""Items that are in Python's hands at once where items are asked for one by one."""


@dataclass(frozen=True, repr=False)
class Items:
    """Rows of a file and the n unique contents in them, in the order in which they were first seen.

    Arrow columns hold the data; all else is a view that is computed when it is asked for.

    Parameters
    ----------
    id_column : ChunkedArray of text, shape (n_rows,)
    row_item : array of int, shape (n_rows,)
        Index of each row's item.
    digest_column : FixedSizeBinaryArray, shape (n,)
        Content digests, 16 bytes each.
    content : pyarrow.Table of n rows
        The fields, as :func:`~labeling.items.content.to_arrow` gives them.
    text_field : str
    public_fields : tuple of str
        Those of the fields that may be shown or sent.
    recorded_columns : pyarrow.Table of n_rows rows
        Recorded votes, as read: null abstains.
    held_out_columns : pyarrow.Table of n_rows rows
        Known labels, as read: no voter sees them.
    source : tuple of SourceFile
        The files, as they stood.
    places : Places
        The file and line of each row.
    """

    id_column: pa.ChunkedArray
    row_item: Ints
    digest_column: pa.Array
    content: pa.Table
    text_field: str
    public_fields: tuple[str, ...]
    recorded_columns: pa.Table
    held_out_columns: pa.Table
    source: tuple[SourceFile, ...]
    places: Places

    def __len__(self) -> int:
        return len(self.digest_column)

    def __repr__(self) -> str:
        files = ", ".join(source.name for source in self.source)
        fields = ", ".join(self.content.column_names)
        return f"Items({len(self)} items in {self.n_rows} rows of {files}; fields {fields})"

    def __iter__(self) -> Iterator[Item]:
        return (self.item(i) for i in range(len(self)))

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return len(self.row_item)

    @cached_property
    def row_ids(self) -> Objects:
        """Id of each row, shape (n_rows,)."""
        return objects(self.id_column.to_pylist())

    @cached_property
    def first_row(self) -> Ints:
        """Index of each item's first row, shape (n,)."""
        return np.unique(self.row_item, return_index=True)[1]

    @cached_property
    def digests(self) -> Objects:
        """Content digest of each item in hex, shape (n,)."""
        return hex_digests(self.digest_column)

    @property
    def row_digests(self) -> Objects:
        """Content digest of each row, shape (n_rows,)."""
        return self.digests[self.row_item]

    @cached_property
    def fields(self) -> pd.DataFrame:
        """The content as a frame of n rows: JSON values, None where missing."""
        return self.frame(self.content.column_names)

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """Text of each item."""
        return tuple(map(str, _values(self.content, self.text_field)))

    @cached_property
    def clusters(self) -> Objects:
        """Audit cluster of each item, shape (n,): digest of the normalised text alone."""
        return objects(map(text_cluster, self.texts))

    @cached_property
    def cluster_groups(self) -> tuple[Objects, Ints]:
        """Names of the u clusters, ascending, shape (u,), and the index of each item's, shape (n,)."""
        _, first, unit = np.unique(self.clusters.astype(bytes), return_index=True, return_inverse=True)
        return self.clusters[first], unit

    @cached_property
    def recorded(self) -> Mapping[str, Objects]:
        """Recorded votes by column, shape (n_rows,) each: None abstains."""
        return _arrays(self.recorded_columns)

    @cached_property
    def held_out(self) -> Mapping[str, Objects]:
        """Known labels by column, shape (n_rows,) each."""
        return _arrays(self.held_out_columns)

    @cached_property
    def digest(self) -> str:
        """Digest of all that was read: ids, contents, recorded votes, known labels."""
        rows = pa.table({"id": self.id_column, "item": self.row_item.astype(np.int64)})
        parts = (rows, pa.table({"digest": self.digest_column}), self.recorded_columns, self.held_out_columns)
        return digest_of(
            [(content_digest(part), [is_json(field) for field in part.schema]) for part in parts]
        )

    def frame(self, names: Iterable[str]) -> pd.DataFrame:
        """Give some fields as a frame of n rows: JSON values, None where missing."""
        import pandas as pd

        return pd.DataFrame({n: pd.Series(_values(self.content, n), dtype=object) for n in names})

    def without(self, gone: npt.NDArray[np.bool_]) -> Items:
        """Give the same without some rows, shape (n_rows,), as a file without them would be read."""
        if not gone.any():
            return self
        rows = np.flatnonzero(~gone)
        kept, first, place = np.unique(self.row_item[rows], return_index=True, return_inverse=True)
        order = np.argsort(first)
        chosen = pa.array(kept[order])
        return replace(
            self,
            id_column=self.id_column.take(pa.array(rows)),
            row_item=np.argsort(order)[place],
            digest_column=self.digest_column.take(chosen),
            content=self.content.take(chosen),
            recorded_columns=self.recorded_columns.take(pa.array(rows)),
            held_out_columns=self.held_out_columns.take(pa.array(rows)),
            places=self.places.without(gone),
        )

    def item(self, i: int) -> Item:
        """Give item ``i`` as a labelling function sees it."""
        return Item(self.digest_column[i].as_py().hex(), self._cells(i), self.text_field)

    def shown(self, i: int) -> dict[str, str]:
        """Give the public fields of item ``i`` as text; what is missing is left out."""
        cells = self._cells(i)
        return {n: _written(cells[n]) for n in self.public_fields if cells[n] is not None}

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
        return str(self.id_column[int(self.first_row[i])])

    def place(self, row: int) -> str:
        """Name row ``row`` (from 0) for an error message: ``data/pool.jsonl:18 row 17``."""
        return self.places.place(row)

    def _cells(self, i: int) -> dict[str, Any]:
        number, place = divmod(i, PAGE_ITEMS)
        if number not in self._page:
            self._page.clear()
            page = self.content.slice(number * PAGE_ITEMS, PAGE_ITEMS)
            self._page[number] = {name: _values(page, name) for name in page.column_names}
        return {name: values[place] for name, values in self._page[number].items()}

    @cached_property
    def _page(self) -> dict[int, dict[str, list[Any]]]:
        """The last page of content that was asked for."""
        return {}

    @cached_property
    def _rows(self) -> dict[str, int]:
        return {row_id: row for row, row_id in enumerate(self.row_ids)}


def hex_digests(digests: pa.Array) -> Objects:
    """Write digests, shape (n,), in hex."""
    width = 2 * DIGEST_BYTES
    start = digests.offset * DIGEST_BYTES
    data = memoryview(digests.buffers()[1] or b"")[start : start + len(digests) * DIGEST_BYTES]
    text = hexlify(data).decode()
    return objects(text[i : i + width] for i in range(0, len(text), width))


def objects(values: Iterable[Any]) -> Objects:
    """Give an array of Python objects, shape (n,)."""
    return np.fromiter(values, dtype=object)


def _values(table: pa.Table, name: str) -> list[Any]:
    return to_python(table[name], table.schema.field(name))


def _arrays(table: pa.Table) -> dict[str, Objects]:
    return {name: objects(_values(table, name)) for name in table.column_names}


def _written(cell: Any) -> str:
    return cell if isinstance(cell, str) else json.dumps(cell, ensure_ascii=False)

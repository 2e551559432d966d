"""Reading a project's data: columns get their parts, rows are checked, equal contents become one item."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from labeling.config import Config
from labeling.errors import InputError
from labeling.items.collection import Items
from labeling.items.columns import Columns, assign_columns
from labeling.items.identity import content_digests
from labeling.items.readers import read_tables
from labeling.items.row_text import with_row_text
from labeling.items.rows import check_rows
from labeling.items.sources import SourceFile, find_sources
from labeling.items.tables import Places, Table
from labeling.types import Ints


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
    table = with_row_text(table, columns)
    ids = check_rows(table, columns)
    content = table.data.select(list(columns.content))
    digests, row_item = _unique(content_digests(content))
    if len(digests) < len(row_item):
        content = content.take(pa.array(np.unique(row_item, return_index=True)[1]))
    return Items(
        id_column=ids,
        row_item=row_item,
        digest_column=digests,
        content=content,
        text_field=columns.text,
        public_fields=columns.public,
        recorded_columns=table.data.select(list(columns.recorded)),
        held_out_columns=table.data.select(list(columns.held_out)),
        source=sources,
        places=Places(table.parts),
    )


def _unique(row_digests: pa.Array) -> tuple[pa.Array, Ints]:
    """Give the different digests in the order of their first row, and which of them each row has."""
    coded = row_digests.dictionary_encode()
    return coded.dictionary, coded.indices.to_numpy().astype(np.int64)

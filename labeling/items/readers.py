"""Reading files of every format into columns of JSON values."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import chain
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from labeling.errors import InputError
from labeling.items.delimited import check_header, read_delimited
from labeling.items.objects import read_json, read_lines
from labeling.items.sources import SourceFile, read_pieces
from labeling.items.tables import Gatherer, Part, Table, stack

BLANK = codecs.BOM_UTF8 + b" \t\r\n"
BATCH_ROWS = 16_384


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
    table = read(_filled(read_pieces(source), source.name), source.name)
    if not len(table):
        raise InputError(f"{source.name}: expected rows, got none. Write data to it.")
    return table


def _filled(pieces: Iterator[bytes], name: str) -> Iterator[bytes]:
    blank = []
    for piece in pieces:
        blank.append(piece)
        if piece.strip(BLANK):
            return chain(blank, pieces)
    raise InputError(f"{name}: expected rows, got an empty file. Write data to it.")


def _read_parquet(pieces: Iterable[bytes], name: str) -> Table:
    try:
        file = pq.ParquetFile(pa.BufferReader(b"".join(pieces)))
        # pandas saves an index along; as content it would make every row an item of its own
        names = [key for key in file.schema_arrow.names if not re.fullmatch(r"__index_level_\d+__", key)]
        check_header(names, name)
        gatherer = Gatherer(name)
        for batch in file.iter_batches(BATCH_ROWS, columns=names, use_threads=False):
            gatherer.add({key: _values(batch.column(key)) for key in names}, batch.num_rows)
    except (pa.ArrowException, OSError) as error:
        first = str(error).splitlines()[0]
        raise InputError(f"{name}: expected a Parquet file, got: {first}. Write it again.") from None
    return Table((Part(name, gatherer.rows),), gatherer.table())


def _values(column: pa.Array) -> Sequence[Any] | pa.Array:
    if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
        return list(column.to_pylist())
    return pc.if_else(pc.equal(column, ""), None, column).cast(pa.large_string())


FORMATS: Mapping[str, Callable[[Iterable[bytes], str], Table]] = {
    "csv": partial(read_delimited, delimiter=","),
    "tsv": partial(read_delimited, delimiter="\t"),
    "json": read_json,
    "jsonl": read_lines,
    "ndjson": read_lines,
    "parquet": _read_parquet,
}

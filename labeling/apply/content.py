"""Parts of a pool's content, as builders and workers take them."""

from __future__ import annotations

import pyarrow as pa

from labeling.items import Items
from labeling.lf.calling import DIGEST_COLUMN
from labeling.types import Ints


def take_rows(table: pa.Table, rows: Ints) -> pa.Table:
    """Take some rows of a table, shape (r,), in rising order; a run of neighbours is not copied."""
    if len(rows) and rows[-1] - rows[0] + 1 == len(rows):
        return table.slice(rows[0], len(rows))
    return table.take(pa.array(rows))


def chunk_bytes(items: Items, rows: Ints) -> memoryview:
    """Give the content of some items with their digests, as an Arrow stream."""
    digests = pa.table({DIGEST_COLUMN: items.digest_column})
    content = take_rows(items.content, rows)
    whole = content.append_column(
        pa.field(DIGEST_COLUMN, items.digest_column.type), take_rows(digests, rows).column(0)
    )
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, whole.schema) as stream:
        stream.write_table(whole)
    return memoryview(sink.getvalue())

"""The text of rows that have none: their fields, written out one a line."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pyarrow as pa

from labeling.config.sections import ROW_TEXT
from labeling.items.columns import Columns
from labeling.items.content import to_python
from labeling.items.tables import Table


def with_row_text(table: Table, columns: Columns) -> Table:
    """Give the table with a text column of its public fields, where the columns ask for one.

    Examples
    --------
    >>> written({"age": 41, "plan": "free", "joined": None})
    'age: 41\\nplan: free'
    """
    if columns.text != ROW_TEXT:
        return table
    shown = [name for name in columns.public if name != ROW_TEXT]
    cells = [to_python(table.data[name], table.data.schema.field(name)) for name in shown]
    texts = [written(dict(zip(shown, row, strict=True))) for row in zip(*cells, strict=True)]
    return replace(table, data=table.data.append_column(ROW_TEXT, pa.array(texts, pa.large_string())))


def written(fields: dict[str, Any]) -> str:
    """Write fields out, a line each; missing ones are left out."""
    return "\n".join(f"{name}: {_cell(value)}" for name, value in fields.items() if value is not None)


def _cell(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)

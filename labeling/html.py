"""HTML for notebooks: whatever comes from data is escaped."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence

LONGEST = 300
"""Characters of a cell that are shown."""


def escaped(value: object) -> str:
    """Give a value as HTML text, cut to ``LONGEST`` characters; None is empty.

    Examples
    --------
    >>> escaped("<b>1 & 2</b>"), escaped(None)
    ('&lt;b&gt;1 &amp; 2&lt;/b&gt;', '')
    """
    said = "" if value is None else str(value)
    return html.escape(said if len(said) <= LONGEST else f"{said[: LONGEST - 1]}…")


def table(columns: Sequence[str], rows: Iterable[Sequence[object]], *, left: int = 1, note: str = "") -> str:
    """Give a table; every cell is escaped.

    Parameters
    ----------
    columns : sequence of str, length c
    rows : iterable of sequences, each of length c
    left : int
        How many columns, from the first, stand to the left; the others are numbers.
    note : str
        Told above the table.
    """
    head = _row("th", columns, left)
    body = "".join(_row("td", cells, left) for cells in rows)
    return (
        f'{paragraph(note) if note else ""}<div style="overflow-x: auto"><table>'
        f"<thead>{head}</thead><tbody>{body}</tbody></table></div>"
    )


def paragraph(text: str) -> str:
    """Give a paragraph of escaped text."""
    return f"<p>{escaped(text)}</p>"


def folded(title: str, content: str) -> str:
    """Give HTML ``content`` that opens under a title, which is escaped."""
    return f"<details><summary>{escaped(title)}</summary>{content}</details>"


def _row(tag: str, cells: Sequence[object], left: int) -> str:
    sides = ("left" if i < left else "right" for i in range(len(cells)))
    written = (
        f'<{tag} style="text-align: {side}">{escaped(cell)}</{tag}>'
        for side, cell in zip(sides, cells, strict=True)
    )
    return f"<tr>{''.join(written)}</tr>"

"""HTML of the report: sections, tables and lists in which nothing of the data is taken for mark-up."""

from __future__ import annotations

import html
import re
from collections.abc import Collection, Iterable, Sequence

from labeling.html import LONGEST
from labeling.printable import printable

CODE = re.compile(r"`([^`]+)`")


def said(value: object) -> str:
    """Give a value as HTML text in one line, cut where it is long; None is a dash.

    Examples
    --------
    >>> said("<b>1 & 2</b>"), said(None), said(1234), said(True)
    ('&lt;b&gt;1 &amp; 2&lt;/b&gt;', '–', '1,234', 'yes')
    """
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = f"{value:,}" if isinstance(value, int) else printable(str(value))
    return html.escape(text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…")


def prose(text: str) -> str:
    """Give a paragraph, of any length; what stands between backticks is code.

    Examples
    --------
    >>> prose("run `quorum <run>`")
    '<p>run <code>quorum &lt;run&gt;</code></p>'
    """
    told = CODE.sub(r"<code>\1</code>", html.escape(printable(text)))
    return f"<p>{told}</p>"


def section(name: str, heading: str, parts: Iterable[str]) -> str:
    """Give a section that a link can lead to."""
    title = f'<h2 id="{name}-heading">{html.escape(heading)}</h2>'
    return f'<section id="{name}" aria-labelledby="{name}-heading">{title}{"".join(parts)}</section>'


def listed(lines: Iterable[str]) -> str:
    """Give a list of texts; nothing of no lines."""
    items = "".join(f"<li>{html.escape(printable(line))}</li>" for line in lines)
    return f"<ul>{items}</ul>" if items else ""


def table(
    caption: str, columns: Sequence[str], rows: Iterable[Sequence[object]], texts: Collection[int] = (0,)
) -> str:
    """Give a table whose first column names its rows; it is scrolled by itself where it is too wide.

    Parameters
    ----------
    caption : str
    columns : sequence of str, length c
    rows : iterable of sequences, each of length c
    texts : collection of int
        Columns that hold text; the others are numbers.
    """
    name = html.escape(printable(caption))
    head = "".join(
        f'<th scope="col"{_side(i, texts)}>{said(column)}</th>' for i, column in enumerate(columns)
    )
    body = "".join(_row(cells, texts) for cells in rows)
    return (
        f'<div class="wide" role="region" tabindex="0" aria-label="{name}"><table><caption>{name}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _row(cells: Sequence[object], texts: Collection[int]) -> str:
    first, *others = cells
    rest = "".join(f"<td{_side(i, texts)}>{said(cell)}</td>" for i, cell in enumerate(others, 1))
    return f'<tr><th scope="row"{_side(0, texts)}>{said(first)}</th>{rest}</tr>'


def _side(i: int, texts: Collection[int]) -> str:
    return "" if i in texts else ' class="number"'

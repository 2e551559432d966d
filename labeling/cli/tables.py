"""Tables of voters in a terminal: numbers stay whole, however narrow it is."""

from __future__ import annotations

from rich.cells import cell_len
from rich.table import Table
from rich.text import Text

from labeling.cli.display import OUT
from labeling.cli.texts import printable

LEAST_NAME = 16
"""Characters that names of voters keep in a line of a narrow terminal."""
UNBOUNDED = 10_000


def voters_table(*columns: str) -> Table:
    """Give a table whose first column holds names, the others numbers."""
    table = Table(box=None, header_style="bold", pad_edge=False)
    for i, column in enumerate(columns):
        if i:
            table.add_column(column, justify="right", no_wrap=True)
        else:
            table.add_column(column, overflow="fold", min_width=LEAST_NAME)
    return table


def print_table(table: Table) -> None:
    """Print a table with all its numbers; a terminal too narrow for them folds the names, then the lines."""
    needed = OUT.measure(table, options=OUT.options.update_width(UNBOUNDED)).maximum
    names, least = table.columns[0], LEAST_NAME
    longest = max([least, *(cell_len(str(cell)) for cell in names.cells)])
    room = OUT.width - (needed - longest) if OUT.is_terminal else longest
    names.width = max(least, min(longest, room))
    table.width = needed - longest + names.width
    OUT.print(table)


def plain(text: str) -> Text:
    """Give a name for a cell; what stands in it is shown as it is."""
    return Text(printable(text))


def money(dollars: float | None) -> str:
    """Give US dollars with as many digits as they need; a dash where they are not known.

    Examples
    --------
    >>> money(12.5), money(0.00123), money(0), money(None)
    ('$12.50', '$0.0012', '$0.00', '–')
    """
    if dollars is None:
        return "–"
    return f"${dollars:,.2f}" if dollars >= 0.1 or dollars == 0 else f"${dollars:.2g}"


def about(cost: float | None) -> str:
    """Say what something costs, in words.

    Examples
    --------
    >>> about(1.5), about(None)
    ('about $1.50', 'cost unknown')
    """
    return "cost unknown" if cost is None else f"about {money(cost)}"

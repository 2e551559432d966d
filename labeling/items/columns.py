"""Which column of a table plays which part: id, text, content, recorded vote, known label."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from labeling.config import Config
from labeling.config.sections import ROW_TEXT
from labeling.config.suggest import did_you_mean
from labeling.errors import InputError
from labeling.items.tables import Table


@dataclass(frozen=True)
class Columns:
    """Names of columns by their part; ``public`` are those of the content that are not private."""

    id: str
    text: str
    content: tuple[str, ...]
    public: tuple[str, ...]
    recorded: tuple[str, ...]
    held_out: tuple[str, ...]


def assign_columns(config: Config, table: Table, held_out: Sequence[str], *, test: bool = False) -> Columns:
    """Give every column its part.

    Parameters
    ----------
    held_out : sequence of str
        Columns of known labels that must be there, beside the config's own.
    test : bool
        Whether this is the held-out file: it needs no recorded votes and no gold column.

    Raises
    ------
    InputError
        Columns are missing; all of them, each at its line of the config.
    """
    items = config.items
    labels = {
        config.gold.column if config.gold else None,
        config.test.column if config.test else None,
        *held_out,
    }
    recorded = _recorded(config, table, labels)
    aside = {items.id, *labels, *recorded}
    content = items.fields or tuple(name for name in table.names if name not in aside)
    content += () if items.text else (ROW_TEXT,)
    columns = Columns(
        id=items.id,
        text=items.text_field,
        content=content,
        public=tuple(name for name in content if name not in items.private),
        recorded=recorded,
        held_out=tuple(name for name in table.names if name in labels),
    )
    problems = [*_missing(config, table, held_out, test=test), *_mixed_up(config, columns)]
    problems += [] if test else _idle_globs(config, columns)
    if problems:
        raise InputError(*problems)
    return columns


def _recorded(config: Config, table: Table, labels: set[str | None]) -> tuple[str, ...]:
    globs = [pattern for voter in config.voters for pattern in voter.columns]
    free = [name for name in table.names if name not in labels | {config.items.id, config.items.text_field}]
    return tuple(name for name in free if any(fnmatchcase(name, pattern) for pattern in globs))


def _missing(config: Config, table: Table, held_out: Sequence[str], *, test: bool) -> Iterator[str]:
    items = config.items
    wanted = [("items.id", items.id)]
    wanted += [("items.text", items.text)] if items.text else []
    wanted += [(f"items.fields[{i}]", name) for i, name in enumerate(items.fields or ())]
    wanted += [(f"items.private[{i}]", name) for i, name in enumerate(items.private)]
    wanted += [(f"learner.fields[{i}]", name) for i, name in enumerate(config.learner.fields)]
    wanted += [("gold.column", config.gold.column)] if config.gold and not test else []
    places = [(config.place(key), name) for key, name in wanted]
    places += [(config.place("test.column") if test else table.name, name) for name in held_out]
    for place, name in places:
        if name not in table.names:
            yield f'{place}: expected a column of {table.name}, got "{name}". {_there(name, table)}'
    for key, slice_ in config.slices.items():
        for name in sorted(slice_.expression.columns - {*table.names}):
            place = config.place(f"slices.{key}.where")
            yield f'{place}: expected columns of {table.name}, got "{name}". {_there(name, table)}'


def _there(name: str, table: Table) -> str:
    columns = table.names
    if len(columns) == 1 and any(mark in columns[0] for mark in ";\t|"):
        return f"Its only column is {columns[0]!r}: separate columns by commas, or by tabs in a .tsv file."
    more = f" and {len(columns) - 20} more" if len(columns) > 20 else ""
    return f"It has {', '.join(columns[:20])}{more}.{did_you_mean(name, columns)}"


def _mixed_up(config: Config, columns: Columns) -> Iterator[str]:
    seen = sorted({*columns.content} & {*columns.held_out, *columns.recorded})
    if seen:
        yield (
            f"{config.place('items.fields')}: expected columns that are neither votes nor known labels, "
            f"got {', '.join(seen)}. Take them out."
        )
    unseen = sorted({*config.learner.fields} - {*columns.content})
    if unseen:
        yield (
            f"{config.place('learner.fields')}: expected columns of the content, got {', '.join(unseen)}. "
            "Name others."
        )
    if not config.items.text and columns.content.count(ROW_TEXT) > 1:
        yield (
            f"{config.place('items.text')}: expected no column {ROW_TEXT} where the text is null, got one. "
            "Rename it."
        )
    for name, slice_ in config.slices.items():
        hidden = sorted(slice_.expression.columns & {*columns.held_out, *columns.recorded})
        if hidden:
            place = config.place(f"slices.{name}.where")
            yield f"{place}: expected columns of the content, got {', '.join(hidden)}. Name others."


def _idle_globs(config: Config, columns: Columns) -> Iterator[str]:
    for i, voter in enumerate(config.voters):
        for j, pattern in enumerate(voter.columns):
            if not any(fnmatchcase(name, pattern) for name in columns.recorded):
                place = config.place(f"voters[{i}].columns[{j}]")
                step = (
                    f"Free columns are {', '.join(columns.content)}."
                    if columns.content
                    else "Check the name."
                )
                yield f'{place}: expected a column of recorded votes, none matches "{pattern}". {step}'

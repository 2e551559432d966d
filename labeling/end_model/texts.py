"""New texts as a stream: lines of text or of JSON, from a file or standard input."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from labeling.config.sections import ROW_TEXT
from labeling.errors import InputError
from labeling.items.blocks import text_blocks
from labeling.items.content import json_value
from labeling.items.row_text import written
from labeling.items.sources import find_sources, read_pieces

if TYPE_CHECKING:
    from io import BufferedReader

LINES, OBJECTS = "text", "jsonl"

SUFFIXES = {"txt": LINES, "text": LINES, "": LINES, "jsonl": OBJECTS, "ndjson": OBJECTS}

STANDARD_INPUT = "-"

BLOCK = 4_096
"""Texts that are scored at once."""

PIECE_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class NewText:
    """A text with its id: the row's own, else the number of its line, from 1."""

    id: str | int
    text: str


@dataclass(frozen=True)
class Row:
    """Where an object holds its text and id.

    Parameters
    ----------
    text : str
        The key of the text.
    fields : sequence of str or None
        Keys that the text is written from, where the model's project had no text column.
    id : str
    """

    text: str
    fields: Sequence[str] | None = None
    id: str = "id"

    def text_of(self, row: Mapping[str, Any]) -> str:
        """Give the text of an object.

        Raises
        ------
        ValueError
            It has none.
        """
        if self.fields is not None and ROW_TEXT not in row:
            return written({name: json_value(row.get(name)) for name in self.fields})
        text = row.get(self.text)
        if not isinstance(text, str):
            raise ValueError(f"expected a text under {self.text!r}, got {json.dumps(text)[:40]}")
        return text


def read_texts(file: str, kind: str | None, row: Row) -> Iterator[list[NewText]]:
    """Give texts in blocks, as soon as they can be read.

    Parameters
    ----------
    file : str
        A path or URL, packed or not, or ``-`` for standard input.
    kind : str or None
        ``text`` or ``jsonl``; None goes by the ending, and takes standard input for text.

    Raises
    ------
    InputError
        The file cannot be read, or is not of its kind.
    """
    if file == STANDARD_INPUT:
        return _blocks(_standard_pieces(), "standard input", kind or LINES, row)
    path = file if "://" in file else str(Path(file).absolute())
    [source] = find_sources(path, written=file, place="score")
    kind = kind or SUFFIXES.get(source.suffixes[0])
    if kind is None:
        raise InputError(
            f"{file}: expected lines of text (.txt) or of JSON (.jsonl). Say which by --as text or jsonl."
        )
    return _blocks(read_pieces(source), file, kind, row)


def _standard_pieces() -> Iterator[bytes]:
    pipe = cast("BufferedReader", sys.stdin.buffer)
    while piece := pipe.read1(PIECE_BYTES):
        yield piece


def _blocks(pieces: Iterable[bytes], name: str, kind: str, row: Row) -> Iterator[list[NewText]]:
    for first, block in text_blocks(pieces, name):
        lines = enumerate(block.split("\n"), start=first)
        texts = (_new_text(number, line, name, kind, row) for number, line in lines if line.strip())
        while taken := list(islice(texts, BLOCK)):
            yield taken


def _new_text(number: int, line: str, name: str, kind: str, row: Row) -> NewText:
    if kind == LINES:
        return NewText(number, line.removesuffix("\r"))
    try:
        value = json.loads(line)
        if not isinstance(value, dict):
            raise ValueError(f"expected an object, got {line[:40]}")
        own = value.get(row.id)
        return NewText(own if isinstance(own, str | int) else number, row.text_of(value))
    except (ValueError, RecursionError) as error:
        raise InputError(f"{name}:{number}: {error}. Correct the line.") from None

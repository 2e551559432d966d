"""A Markdown file with YAML front matter, taken apart."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from labeling.config.marks import Marks, marked, read_text
from labeling.config.problems import shown as shown_value
from labeling.config.suggest import did_you_mean
from labeling.errors import InputError

LONGEST_FILE = 100_000
"""Characters of a prompt file; more than that is not a prompt."""

MOST_UNSEEN = 10
"""Hidden characters that are told, one line each."""

UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069\U000e0000-\U000e007f]")
"""Control characters, marks that turn the direction of text, and tags: they hide what a file says."""


@dataclass(frozen=True)
class FrontMatter:
    """A file in two parts.

    Attributes
    ----------
    values : dict
        What stands between the two lines ``---``.
    body : str
        What stands below, without space around it.
    body_line : int
        The line, from 1, below the front matter.
    marks : Marks
    problems : tuple of str
        What was wrong on the way.
    """

    values: dict[str, Any]
    body: str
    body_line: int
    marks: Marks
    problems: tuple[str, ...]


def read_front_matter(path: Path, shown: str) -> FrontMatter:
    """Read a file that messages name as ``shown``.

    Raises
    ------
    InputError
        The file is missing, no UTF-8, empty, too long, or its two parts cannot be told apart.
    """
    text = _text(path, shown)
    unseen = tuple(islice(_unseen(text, shown), MOST_UNSEEN))
    head, body, line = _split(UNSEEN.sub("\ufffd", text), shown, unseen)
    try:
        document = marked(f"\n{head}", shown)
    except InputError as error:
        raise InputError(*unseen, *error.problems) from None
    values = {} if document.values is None else document.values
    if not isinstance(values, dict):
        raise InputError(*unseen, f"{shown}:2: expected keys with values, got {shown_value(values)}. {_STEP}")
    return FrontMatter(values, body.strip(), line, document.marks, (*unseen, *document.problems))


_STEP = "Write kind: codebook."
_START = "Begin it with ---, kind: codebook, --- on three lines."


def _text(path: Path, shown: str) -> str:
    if not path.is_file():
        there = "a folder" if path.is_dir() else "no such file"
        files = (other.name for other in path.parent.glob("*.md") if other.is_file())
        near = did_you_mean(path.name, files)
        raise InputError(
            f"{shown}: expected a prompt file, got {there}.{near} Write one, or correct the path in prompts."
        )
    text = read_text(path, shown).replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        raise InputError(f"{shown}: expected a prompt, got an empty file. {_START}")
    if len(text) > LONGEST_FILE:
        raise InputError(
            f"{shown}: expected at most {LONGEST_FILE:,} characters, got {len(text):,}. Shorten the prompt."
        )
    return text


def _unseen(text: str, shown: str) -> Iterator[str]:
    for found in UNSEEN.finditer(text):
        line = text.count("\n", 0, found.start()) + 1
        code = f"U+{ord(found[0]):04X}"
        yield f"{shown}:{line}: expected characters that can be seen, got {code}. Take it out."


def _split(text: str, shown: str, unseen: tuple[str, ...]) -> tuple[str, str, int]:
    """Give the front matter, the body and its first line."""
    lines = text.split("\n")
    if lines[0].rstrip() != "---":
        got = shown_value(lines[0])
        raise InputError(*unseen, f"{shown}:1: expected front matter, got {got}. {_START}")
    end = next((i for i, line in enumerate(lines[1:], start=1) if line.rstrip() == "---"), None)
    if end is None:
        raise InputError(
            *unseen, f"{shown}:1: expected a second line ---, got none. Close the front matter with one."
        )
    return "\n".join(lines[1:end]), "\n".join(lines[end + 1 :]), end + 2

"""The terms of a dictionary with their classes, given as they are or read from a file."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from lfs.parameters import label_problems, refuse, word_problems

Terms = Mapping[str, str] | Sequence[str] | Path
Pair = tuple[object, object]


def read_terms(terms: Terms, label: str | None, *, case: bool) -> dict[str, str]:
    """Give the class of each term.

    Raises
    ------
    InputError
        A term or its class is missing or no text, or a term has two classes; all faults are named.
    """
    pairs = _read_file(terms, label) if isinstance(terms, Path) else _given(terms, label)
    refuse("lookup", [] if pairs else ['terms: expected one or more, got none. Write {"refund": "BILLING"}.'])
    refuse("lookup", [p for pair in pairs for p in _pair_problems(*pair)])
    by_term = {str(term): str(name) for term, name in pairs}
    refuse("lookup", _conflicts([(str(t), str(n)) for t, n in pairs], case))
    return by_term


def _given(terms: object, label: str | None) -> list[Pair]:
    if isinstance(terms, Mapping):
        refuse("lookup", [_one_source("a mapping")] if label is not None else [])
        return list(terms.items())
    if isinstance(terms, str) or not isinstance(terms, Iterable):
        expected = "a mapping, a sequence of terms or a Path"
        refuse("lookup", [f'terms: expected {expected}, got {terms!r}. Write ["refund"] or Path(...).'])
        return []
    return _labelled(terms, label)


def _labelled(terms: Iterable[object], label: str | None) -> list[Pair]:
    missing = 'label: expected the class of terms that come without one, got None. Write label="BILLING".'
    refuse("lookup", [missing] if label is None else [])
    return [(term, label) for term in terms]


def _one_source(where: str) -> str:
    return f"label: expected none, for {where} names the class of each term. Take it out."


def _read_file(path: Path, label: str | None) -> list[Pair]:
    if not path.is_absolute():
        here = f'Path(__file__).parent / "{path.as_posix()}"'
        refuse("lookup", [f"terms: expected an absolute path, got {path}. Write {here}."])
    text = _content(path)
    if path.suffix.lower() != ".csv":
        return _labelled([line.strip() for line in text.splitlines() if line.strip()], label)
    refuse("lookup", [_one_source(path.name)] if label is not None else [])
    rows = [row for row in csv.reader(text.splitlines()) if row][1:]
    short = [
        f"{path.name}: expected a term and its class, got {row!r}. Add one." for row in rows if len(row) < 2
    ]
    refuse("lookup", short)
    return [(row[0].strip(), row[1].strip()) for row in rows]


def _content(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        reason = f"expected a file that can be read, got {error.strerror}. Correct the path"
    except UnicodeDecodeError:
        reason = "expected UTF-8. Save the file as UTF-8"
    refuse("lookup", [f"{path}: {reason}."])
    return ""


def _pair_problems(term: object, name: object) -> list[str]:
    return [*word_problems("terms", term), *([f"{term!r}: {p}" for p in label_problems(name)])]


def _conflicts(pairs: Sequence[tuple[str, str]], case: bool) -> list[str]:
    """Say which terms have two classes; where case does not count, spellings are one term."""
    names: dict[str, set[str]] = {}
    for term, name in pairs:
        names.setdefault(term if case else term.lower(), set()).add(name)
    return [
        f"terms: expected one class for {term!r}, got {' and '.join(sorted(found))}. Keep one."
        for term, found in names.items()
        if len(found) > 1
    ]

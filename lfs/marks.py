"""Where a text matches a regular expression of the linear engine."""

from __future__ import annotations

import re
from collections.abc import Iterable

Span = tuple[int, int]

MARK = "\0"
"""Set around each match; texts that hold it are not searched."""


def matches(text: str, patterns: Iterable[str]) -> tuple[Span, ...]:
    """Give the parts of a text that match one of several patterns, as (start, end) in characters, sorted.

    Examples
    --------
    >>> matches("a party of art", [r"\\bart\\b", "of"])
    ((8, 10), (11, 14))
    """
    if MARK in text:
        return ()
    return tuple(sorted({span for pattern in patterns for span in _matches(text, pattern)}))


def _matches(text: str, pattern: str) -> list[Span]:
    import polars as pl

    [marked] = pl.Series([text]).str.replace_all(f"(?:{pattern})", f"{MARK}${{0}}{MARK}")
    ends = [mark.start() - i for i, mark in enumerate(re.finditer(MARK, marked))]
    return [(a, b) for a, b in zip(ends[::2], ends[1::2], strict=True) if a < b]

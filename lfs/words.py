"""Literal words in texts, as regular expressions that the linear engine evaluates fast."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from lfs.marks import Span, matches

if TYPE_CHECKING:
    import polars as pl

PREFILTERED = 5
"""Up to as many words the engine finds candidates by their letters; beyond, boundaries become characters."""

CHUNK = 1_000
"""Words in one expression; larger ones leave the fast engines or exceed the size limit."""

CHUNK_CHARACTERS = 20_000


def any_word(text: pl.Expr, words: Sequence[str], *, whole: bool, case: bool) -> pl.Expr:
    """Tell, as a boolean expression, whether texts hold at least one of the words.

    Parameters
    ----------
    text : Expr
    words : sequence of str
        Literal, not empty.
    whole : bool
        No letter, digit, mark or underscore (``\\w``) stands directly before or after the word.
    case : bool
        Whether upper and lower case differ; if not, simple case folding decides.
    """
    import polars as pl

    return pl.any_horizontal([text.str.contains(p) for p in patterns(words, whole=whole, case=case)])


def patterns(words: Sequence[str], *, whole: bool, case: bool) -> list[str]:
    """Give regular expressions of which at least one matches where a word occurs."""
    flags = "" if case else "(?i)"
    return [flags + _pattern(chunk, whole) for chunk in _chunks(words)]


def word_matches(text: str, words: Sequence[str], *, whole: bool, case: bool) -> tuple[Span, ...]:
    """Give where words occur in a text, as (start, end) in characters; see `any_word`."""
    return matches(text, [p for word in words for p in patterns([word], whole=whole, case=case)])


def _pattern(words: Sequence[str], whole: bool) -> str:
    import polars as pl

    alternatives = f"(?:{'|'.join(pl.escape_regex(word) for word in words)})"
    if not whole:
        return alternatives
    if len(words) <= PREFILTERED:
        return rf"\b{{start-half}}{alternatives}\b{{end-half}}"
    return rf"(?:^|\W){alternatives}(?:\W|$)"


def _chunks(words: Sequence[str]) -> list[list[str]]:
    chunks: list[list[str]] = [[]]
    characters = 0
    for word in words:
        characters += len(word)
        if len(chunks[-1]) == CHUNK or (chunks[-1] and characters > CHUNK_CHARACTERS):
            chunks.append([])
            characters = len(word)
        chunks[-1].append(word)
    return chunks

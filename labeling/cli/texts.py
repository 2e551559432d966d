"""Texts from data as a terminal shows them: cut to what matters, hits highlighted."""

from __future__ import annotations

from collections.abc import Iterable

from rich.text import Text

from labeling.printable import printable as printable

SHOWN = 320
"""Characters of a text that are shown."""
BEFORE_HIT = 60
"""Characters that are shown before the first hit."""
HIT_STYLE = "bold reverse"


def excerpt(text: str, hits: Iterable[tuple[int, int]] = (), *, marks: bool = False) -> Text:
    """Give a text for the terminal, cut to the part with the first hit, hits highlighted.

    Parameters
    ----------
    text : str
    hits : iterable of (start, end)
        In characters of the text.
    marks : bool
        Whether hits stand between « and », for output without styles.
    """
    spans = sorted((a, b) for a, b in hits if 0 <= a < b <= len(text))
    start = max(0, spans[0][0] - BEFORE_HIT) if spans and spans[0][1] > SHOWN else 0
    end = min(len(text), start + SHOWN)
    shown = Text("…" if start else "")
    place = start
    for a, b in _disjoint(spans, start, end):
        shown.append(printable(text[place:a]))
        hit = printable(text[a:b])
        shown.append(f"«{hit}»" if marks else hit, style=HIT_STYLE)
        place = b
    shown.append(printable(text[place:end]))
    return shown.append("…" if end < len(text) else "")


def _disjoint(spans: Iterable[tuple[int, int]], start: int, end: int) -> Iterable[tuple[int, int]]:
    place = start
    for a, b in spans:
        a, b = max(a, place), min(b, end)
        if a < b:
            yield a, b
            place = b

"""The parts of a text that a voter matched, where it can tell."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol, runtime_checkable

Span = tuple[int, int]


@runtime_checkable
class Highlighter(Protocol):
    """A voter that knows which parts of a text it matched."""

    def spans(self, text: str) -> Iterable[Span]:
        """Give the matches as (start, end) in characters."""


def hits(voter: object, text: str) -> tuple[Span, ...]:
    """Give the parts of a text that a voter matched, as (start, end); none where it cannot tell."""
    return tuple((int(a), int(b)) for a, b in voter.spans(text)) if isinstance(voter, Highlighter) else ()

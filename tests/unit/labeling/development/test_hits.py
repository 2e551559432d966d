"""What a voter matched in a text."""

from __future__ import annotations

import re

from labeling.development.hits import hits
from labeling.lf import LabelingFunction


class Digits:
    """A voter that can tell what it matched."""

    def spans(self, text: str) -> list[tuple[int, int]]:
        return [m.span() for m in re.finditer(r"\d+", text)]


def test_a_voter_that_can_tell_is_asked() -> None:
    assert hits(Digits(), "42 lamps, 7 hubs") == ((0, 2), (10, 11))
    assert hits(Digits(), "none") == ()


def test_of_others_nothing_is_highlighted() -> None:
    assert hits(LabelingFunction("f", lambda item: None), "42") == ()
    assert hits(None, "42") == ()

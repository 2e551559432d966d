"""Texts from data in a terminal."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeling.cli.texts import SHOWN, excerpt, printable


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        ("[bold red]no markup[/]", "[bold red]no markup[/]"),
        ("\x1b[2J\x1b]0;title\x07", "\ufffd[2J\ufffd]0;title\ufffd"),
        ("a\nb\tc\r\nd", "a b c  d"),
        ("\x9b31m", "\ufffd31m"),
        ("abc\u202efdp.exe", "abc\ufffdfdp.exe"),
        ("👩\u200d👧 schön", "👩\u200d👧 schön"),
        ("\u2028\u2029", "  "),
        ("so\u00adft\u200b \ufeff", "so\u00adft\u200b \ufeff"),
    ],
)
def test_what_steers_a_terminal_is_replaced(text: str, expected: str) -> None:
    assert printable(text) == expected


@given(st.text())
def test_places_stay_and_no_control_codes_come_through(text: str) -> None:
    shown = printable(text)
    assert len(shown) == len(text)
    assert not any(ord(c) < 32 or 127 <= ord(c) < 160 for c in shown)


def test_hits_are_highlighted_and_marked() -> None:
    shown = excerpt("win free money now", [(4, 8), (9, 14)], marks=True)
    assert shown.plain == "win «free» «money» now"
    assert [shown.plain[s.start : s.end] for s in shown.spans] == ["«free»", "«money»"]
    assert excerpt("win free money", [(4, 8)]).plain == "win free money"


def test_overlapping_and_impossible_hits_do_no_harm() -> None:
    hits = [(0, 3), (1, 5), (4, 4), (-2, 1), (3, 99), (2, 3)]
    assert excerpt("abcdef", hits, marks=True).plain == "«abc»«de»f"


def test_a_long_text_is_cut_around_its_first_hit() -> None:
    text = "x" * 1000 + "free" + "y" * 1000
    shown = excerpt(text, [(1000, 1004)], marks=True)
    assert shown.plain.startswith("…x")
    assert shown.plain.endswith("y…")
    assert "«free»" in shown.plain
    assert len(shown) <= SHOWN + 4
    assert excerpt(text).plain == "x" * SHOWN + "…"


@given(st.text(max_size=400), st.lists(st.tuples(st.integers(-5, 410), st.integers(-5, 410)), max_size=6))
def test_no_hits_lose_characters(text: str, hits: list[tuple[int, int]]) -> None:
    shown = excerpt(text, hits).plain.strip("…")
    assert shown in printable(text) or "…" in text

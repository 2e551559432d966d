"""Terms of texts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeling.development.terms import term_matrix, terms_of


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("a 7 2026 !!", []),
        ("Check THIS out", ["check", "check this"]),
        ("free, money", ["free", "money"]),
        ("free  money", ["free", "money"]),
        ("free\nmoney", ["free", "money"]),
        ("schöne Grüße", ["schöne", "grüße", "schöne grüße"]),
        ("don't wait", ["don", "wait"]),
        ("<b>bold</b>", ["bold"]),
        ("&lt;br&gt;Tom &amp; Ann&nbsp;&quot;won&quot;", ["tom", "ann", "won"]),
        ("see https://www.example.org", ["example", "org"]),
    ],
)
def test_words_and_pairs(text: str, expected: list[str]) -> None:
    assert list(terms_of(text)) == expected


@given(st.text())
def test_every_term_stands_in_the_text(text: str) -> None:
    assert all(term in text.lower() for term in terms_of(text))


def test_rare_terms_are_left_out() -> None:
    matrix, terms = term_matrix(["red lamp", "red hub", "blue lamp red"], least=2)
    assert terms.tolist() == ["lamp", "red"]
    assert matrix.toarray().tolist() == [[1, 1], [0, 1], [1, 1]]


@pytest.mark.parametrize("texts", [[], ["", "!!"], ["once", "twice"]])
def test_no_terms_are_no_columns(texts: list[str]) -> None:
    matrix, terms = term_matrix(texts, least=2)
    assert matrix.shape == (len(texts), 0)
    assert len(terms) == 0

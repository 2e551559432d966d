"""Evidence: words that stand in the item."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lfs.llm.evidence import is_quoted

TEXT = "It’s\n\n  not   “new”, l'été\u00ad s'ouvre\u200b là"


@pytest.mark.parametrize(
    "evidence",
    [
        "not",
        "It's not",
        "It’s\nnot",
        'not "new",',
        "not 'new'".replace("'", '"'),
        '"It\'s not"',
        "“new”",
        "new",
        "l’e\u0301te\u0301 s'ouvre là",
        "  not new".replace("not new", "not “new”"),
    ],
)
def test_spaces_and_quotes_do_not_count(evidence: str) -> None:
    assert is_quoted(evidence, ["something", TEXT])


@pytest.mark.parametrize(
    "evidence",
    ["", " ", "\n", '""', "' '", "Not", "is not", "not ... new", "something It's", "\ud800", "été."],
)
def test_other_words_do(evidence: str) -> None:
    assert not is_quoted(evidence, ["something", TEXT])


def test_evidence_does_not_reach_over_fields() -> None:
    assert not is_quoted("a b", ["a", "b"])
    assert not is_quoted("a\nb", ["a", "b"])
    assert not is_quoted("a", [])


@given(st.text(min_size=1), st.data())
def test_any_part_of_a_text_is_evidence(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    part = text[start : data.draw(st.integers(start + 1, len(text)))]
    assert is_quoted(part, [text]) == bool(part.strip())

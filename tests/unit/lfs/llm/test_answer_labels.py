"""Labels of answers: exact, or folded where that leaves no doubt; never guessed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lfs.llm.labels import Labels, label_problems


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("SPAM", "SPAM"),
        (" SPAM\n", "SPAM"),
        ("spam", "SPAM"),
        ("ABSTAIN", "ABSTAIN"),
        ("abstain", "ABSTAIN"),
        ("Two  words", "Two\nwords"),
        ("TWO WORDS", "Two\nwords"),
        ("straße", "STRASSE"),
        ("a", "a"),
        ("A", "A"),
        ("SPAM.", None),
        ("SPA", None),
        ("SPAM HAM", None),
        ('"SPAM"', None),
        ("", None),
        ("None", None),
        ("\ud800", None),
    ],
)
def test_labels_are_found_or_not(said: str, expected: str | None) -> None:
    assert Labels(("SPAM", "Two\nwords", "STRASSE", "a", "A")).find(said) == expected


def test_case_counts_where_two_classes_differ_by_it_alone() -> None:
    labels = Labels(("Spam", "SPAM"))
    assert (labels.find("Spam"), labels.find("SPAM"), labels.find("spam")) == ("Spam", "SPAM", None)


@given(st.lists(st.text(min_size=1), min_size=1, max_size=5, unique=True), st.text())
def test_what_is_found_was_there(names: list[str], said: str) -> None:
    labels = Labels(tuple(names))
    assert labels.find(said) in {*names, "ABSTAIN", None}
    if not list(label_problems(names)):
        assert [labels.find(shown) for shown in labels.shown] == [*names, "ABSTAIN"]

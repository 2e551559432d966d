from __future__ import annotations

import pytest

from labeling.releases.changes import compare
from labeling.releases.contents import Contents
from labeling.releases.reasons import moved_votes
from tests.release_contents import contents

PEOPLE = {"r0": ["ada", "bob"]}


def row(
    label: str | None,
    source: str | None,
    *,
    text: str = "text",
    certificate: int | None = 1,
    vote: str | None = "HAM",
) -> Contents:
    votes = {"links": {text: vote} if vote else {}}
    return contents([("r0", text, label, source)], votes=votes, certificate=certificate, people=PEOPLE)


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        (row("HAM", "certified"), row("SPAM", "certified", text="other"), "its content changed"),
        (row("HAM", "certified"), row("SPAM", "human"), "ada and bob answered SPAM"),
        (row(None, None), row("SPAM", "known"), "known to be SPAM"),
        (
            row("HAM", "human"),
            row(None, None),
            "ada and bob answered HAM before, which no longer stands",
        ),
        (
            row("HAM", "human"),
            row("SPAM", "certified"),
            "ada and bob answered HAM before, which no longer stands; accepted under certificate 1",
        ),
        (
            row("HAM", "certified"),
            row("SPAM", "certified", certificate=2, vote="SPAM"),
            "the model model of 2 of certificate 2 says so in place of certificate 1; "
            "links went from HAM to SPAM",
        ),
        (
            row(None, None, certificate=None),
            row("HAM", "certified", certificate=1),
            "the model model of 1 of certificate 1 says so",
        ),
        (
            row("HAM", "certified"),
            row(None, None, certificate=None),
            "certificate 1 no longer holds",
        ),
        (
            row("HAM", "certified"),
            row(None, None, certificate=2),
            "certificate 2 does not reach it",
        ),
        (
            row("HAM", "certified"),
            row(None, None, vote=None),
            "no longer accepted under certificate 1; links went from HAM to nothing",
        ),
    ],
)
def test_a_reason_for_each_way_that_a_label_changes(before: Contents, after: Contents, why: str) -> None:
    [flip] = compare(before, after).flips
    assert flip.why == why


def test_without_voters_there_are_reasons_too() -> None:
    before = contents([("r0", "text", "HAM", "certified")], certificate=1)
    after = contents([("r0", "text", "SPAM", "certified")], certificate=1)
    [flip] = compare(before, after).flips
    assert flip.why == "accepted under certificate 1"


def test_votes_that_moved_are_told_by_name() -> None:
    assert moved_votes({"a": "HAM"}, {"a": "HAM"}) == ""
    assert moved_votes({"b": "HAM", "a": "HAM"}, {"a": "SPAM"}) == (
        "a went from HAM to SPAM, b from HAM to nothing"
    )

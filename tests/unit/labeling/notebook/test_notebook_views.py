"""Analysis and buckets in a notebook: the numbers of the command line, the texts escaped."""

from __future__ import annotations

import html
import re
from typing import Any

import numpy as np
import pandas as pd
import pytest

from labeling import Buckets, VoteAnalysis, VoteMatrix, analyse, buckets
from labeling.analysis import voter_shares
from labeling.errors import InputError

HARD = np.array([[0, 0, -1], [0, 1, -1], [-1, 1, 1], [-1, -1, -1], [0, -1, 0]], dtype=np.int8)
VOTES = VoteMatrix(HARD, ("first", "second", "third"), 2, ("HAM", "SPAM"))
GOLD = ["HAM", "SPAM", "SPAM", "HAM", None]
TEXTS = ["one", "two <b>", "three", "four", "five"]
HOSTILE = "<img src=x onerror=alert(1)>"


def test_the_analysis_has_the_numbers_of_the_table() -> None:
    found = analyse(VOTES, GOLD)
    assert found.voters == tuple(voter_shares(VOTES, np.array([0, 1, 1, 0, -1], np.int8), VOTES.classes))
    first = found.voters[0]
    assert (first.coverage, first.accuracy, first.judged) == (0.6, 0.5, 2)
    assert first.accuracy_interval == (0.0945, 0.9055)
    assert (found.totals.coverage, found.totals.overlaps, found.totals.conflicts) == (0.8, 0.8, 0.2)


def test_the_analysis_as_a_frame() -> None:
    frame = analyse(VOTES, GOLD).to_frame()
    assert frame.index.tolist() == ["first", "second", "third", "any of them"]
    assert frame.loc["second", "polarity"] == "HAM, SPAM"
    assert frame.loc["any of them", "coverage"] == 0.8
    assert pd.isna(frame.loc["any of them", "accuracy"])


def test_the_analysis_as_text_and_html() -> None:
    found = analyse(VOTES, GOLD)
    head, first, *_ = repr(found).splitlines()
    assert head.split() == [
        "voter",
        "votes",
        "for",
        "coverage",
        "overlaps",
        "conflicts",
        "accuracy",
        "95",
        "%",
        "judged",
    ]
    assert first.split() == ["first", "HAM", "60.0%", "60.0%", "20.0%", "50.0%", "9–91", "2"]
    shown = found._repr_html_()
    assert all(cell in shown for cell in (">first<", ">60.0%<", ">9–91<", ">any of them<", "5 items"))


def test_without_gold_there_is_no_accuracy() -> None:
    found = analyse(VOTES)
    assert [(v.accuracy, v.accuracy_interval, v.judged) for v in found.voters] == [(None, None, 0)] * 3
    assert "50.0%" not in repr(found)


def test_voters_that_say_the_same_are_named() -> None:
    twice = VoteMatrix(HARD[:, [0, 0]], ("first", "again"), 2, ("HAM", "SPAM"))
    assert "first and again are much alike" in repr(analyse(twice))
    assert "first and again are much alike" in analyse(twice)._repr_html_()


@pytest.mark.parametrize(
    "gold", [GOLD, pd.Series(GOLD, index=[5, 5, 1, 0, 2]), [*GOLD[:4], float("nan")], np.array(GOLD)]
)
def test_gold_of_any_form(gold: Any) -> None:
    assert analyse(VOTES, gold).voters[0].judged == 2
    assert buckets(VOTES, gold, TEXTS)["first", "wrong"].tolist() == [1]


@pytest.mark.parametrize(
    ("gold", "said"),
    [
        (GOLD[:4], "gold: expected 5 classes, one per item, got 4"),
        (
            ["HAM", "SPAN", "EGGS", None, None],
            "gold: EGGS, SPAN is none of the classes of the votes (HAM, SPAM)",
        ),
        ([0, 1, 1, 0, None], "gold: 0, 1 is none of the classes"),
    ],
)
def test_gold_that_does_not_fit_is_said(gold: Any, said: str) -> None:
    with pytest.raises(InputError, match=re.escape(said)):
        analyse(VOTES, gold)


def test_the_buckets_hold_positions() -> None:
    found = buckets(VOTES, GOLD, pd.DataFrame({"text": TEXTS}))
    assert {k: found["first", k].tolist() for k in ("wrong", "missed", "right")} == {
        "wrong": [1],
        "missed": [3],
        "right": [0],
    }
    assert repr(found).splitlines()[0] == "first: 1 wrong, 1 missed, 1 right"


def test_the_buckets_show_texts_and_classes() -> None:
    shown = buckets(VOTES, GOLD, TEXTS)._repr_html_()
    assert shown.count("<details>") == 3
    assert "two &lt;b&gt;" in shown
    assert "wrong: it votes, and gold says otherwise" in shown


def test_a_long_bucket_says_how_long() -> None:
    votes = VoteMatrix(np.zeros((30, 1), dtype=np.int8), ("all",), 2, ("HAM", "SPAM"))
    shown = buckets(votes, ["SPAM"] * 30, ["text"] * 30)._repr_html_()
    assert "the first 10 of 30" in shown
    assert shown.count("<tr>") == 11


@pytest.mark.parametrize("key", [("nobody", "wrong"), ("first", "late")])
def test_an_unknown_bucket_is_said(key: tuple[str, str]) -> None:
    with pytest.raises(KeyError, match=r"expected one of"):
        buckets(VOTES, GOLD, TEXTS)[key]


@pytest.mark.parametrize(
    ("key", "said"),
    [
        (("frist", "wrong"), "'frist': expected one of first, second, third. Did you mean first?"),
        (("first", "worng"), "'worng': expected one of wrong, missed, right. Did you mean wrong?"),
        ("who", '\'who\': expected a voter and a bucket, such as "first", "wrong".'),
        ("secnd", 'such as "first", "wrong". Did you mean second?'),
        ("second", '\'second\': expected a voter and a bucket, such as "second", "wrong".'),
        (0, "0: expected a voter and a bucket"),
        (("first", "wrong", 0), "expected a voter and a bucket"),
    ],
)
def test_a_key_that_is_no_voter_and_bucket_says_what_one_is(key: Any, said: str) -> None:
    with pytest.raises(KeyError) as caught:
        buckets(VOTES, GOLD, TEXTS)[key]
    assert said in caught.value.args[0]


def test_other_data_than_were_voted_on_are_said() -> None:
    with pytest.raises(InputError, match="expected the 5 items that were voted on, got 4"):
        buckets(VOTES, GOLD, TEXTS[:4])
    with pytest.raises(InputError, match="no column 'body', there are text"):
        buckets(VOTES, GOLD, TEXTS and pd.DataFrame({"text": TEXTS}), text="body")


def test_hostile_names_and_texts_are_escaped() -> None:
    votes = VoteMatrix(HARD[:, :1], (HOSTILE,), 2, ("HAM", f"{HOSTILE}2"))
    shown: list[VoteMatrix | VoteAnalysis | Buckets] = [
        votes,
        analyse(votes),
        buckets(votes, ["HAM", f"{HOSTILE}2", None, None, None], [HOSTILE] * 5),
    ]
    for view in shown:
        written = view._repr_html_()
        assert "<img" not in written
        assert html.escape(HOSTILE) in written


def test_a_vote_matrix_shows_the_first_items_with_a_vote() -> None:
    shown = VOTES._repr_html_()
    assert "5 items × 3 voters; 4 items have a vote" in shown
    assert shown.count("<tr>") == 5
    assert shown.count(">HAM<") == 5
    many = VoteMatrix(np.zeros((50, 1), dtype=np.int8), ("all",), 1, ("HAM",))
    assert "the first of them" in many._repr_html_()
    assert many._repr_html_().count("<tr>") == 11


def test_a_matrix_without_class_names_shows_indices() -> None:
    assert VoteMatrix(HARD, VOTES.voters, 2).names == ("0", "1")
    assert ">0<" in VoteMatrix(HARD, VOTES.voters, 2)._repr_html_()
    with pytest.raises(ValueError, match="1 class names, expected 2"):
        VoteMatrix(HARD, VOTES.voters, 2, ("HAM",))

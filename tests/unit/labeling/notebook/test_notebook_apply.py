"""Functions of every kind vote on data of every kind, without a project; what is wrong is said at once."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from snorkel.labeling import labeling_function as snorkels
from snorkel.preprocess import preprocessor

from labeling import apply
from labeling.errors import InputError, QuorumError
from labeling.notebook import application
from labeling.types import MAX_CLASSES, Item
from lfs import keyword, labeling_function, regex, threshold

TEXTS = ["Buy at http://a.example", "what a lovely song", "buy it", "nothing"]


@labeling_function
def links(item: Item) -> str | None:
    return "SPAM" if "http" in item.text else None


@labeling_function
def love(item: Item) -> str | None:
    return "HAM" if "love" in item.text else None


def names(votes: Any) -> list[list[str | None]]:
    return [[None if c == -1 else votes.classes[c] for c in row] for row in votes.hard.tolist()]


def forms() -> list[Any]:
    return [
        TEXTS,
        pd.Series(TEXTS),
        (t for t in TEXTS),
        [{"text": t} for t in TEXTS],
        pd.DataFrame({"text": TEXTS}, index=[7, 7, 3, 0]),
        pl.DataFrame({"text": TEXTS}),
    ]


@pytest.mark.parametrize("data", forms(), ids=["list", "series", "iterator", "dicts", "frame", "polars"])
def test_data_of_any_form(data: Any) -> None:
    votes = apply([links, love], data)
    assert names(votes) == [["SPAM", None], [None, "HAM"], [None, None], [None, None]]
    assert (votes.voters, votes.classes, votes.n_classes) == (("links", "love"), ("HAM", "SPAM"), 2)


def test_functions_of_any_kind_vote_beside_one_another() -> None:
    counted: list[str] = []

    def words(item: Item) -> list[str]:
        counted.append(item.text)
        return item.text.lower().split()

    @labeling_function(pre=[words])
    def buys(item: Item, words: list[str]) -> str | None:
        return "SPAM" if "buy" in words else None

    @labeling_function(pre=[words], resources={"least": 4})
    def long(item: Item, words: list[str], least: int) -> str | None:
        return "HAM" if len(words) >= least else None

    @labeling_function(batch=True)
    def column(frame: pd.DataFrame) -> Any:
        return frame["text"].map({"nothing": "HAM"})

    @snorkels()
    def theirs(x: Any) -> int:
        return 1 if "http" in x.text else -1

    shop = keyword("buy", label="SPAM")
    exact = regex("buy(?= it)", label="SPAM", engine="re")
    votes = apply([buys, shop, long, column, theirs, exact], TEXTS, ["HAM", "SPAM"])
    assert votes.voters == ("buys", "shop", "long", "column", "theirs", "exact")
    assert names(votes) == [
        ["SPAM", "SPAM", None, None, "SPAM", None],
        [None, None, "HAM", None, None, None],
        ["SPAM", "SPAM", None, None, None, "SPAM"],
        [None, None, None, "HAM", None, None],
    ]
    assert counted == TEXTS, "what is prepared is prepared once"


def test_fields_of_any_type() -> None:
    data = [
        {"text": "a", "stars": 5, "tags": ["x"]},
        {"text": "b", "stars": None},
        {"text": "c", "stars": 1.5},
    ]

    @labeling_function
    def tagged(item: Item) -> str | None:
        return "GOOD" if item.tags and "x" in item["tags"] else None

    votes = apply([tagged, threshold("stars", above=4, label="GOOD", name="stars")], data, ["BAD", "GOOD"])
    assert votes.hard.tolist() == [[1, 1], [-1, -1], [-1, -1]]
    frame = pd.DataFrame(data)
    assert apply([tagged], frame, ["BAD", "GOOD"]).hard.tolist() == [[1], [-1], [-1]]


def test_the_text_may_have_another_name() -> None:
    votes = apply(
        [links, keyword("song", label="HAM", name="song")], pd.DataFrame({"body": TEXTS}), text="body"
    )
    assert names(votes)[:2] == [["SPAM", None], [None, "HAM"]]


def test_snorkels_preprocessors_are_kept() -> None:
    @preprocessor()
    def lower(x: Any) -> Any:
        x.text = x.text.lower()
        return x

    @snorkels(pre=[lower], resources={"word": "buy"})
    def buys(x: Any, word: str) -> int:
        return 0 if word in x.text else -1

    assert apply([buys], TEXTS, ["SPAM"]).hard[:, 0].tolist() == [0, -1, 0, -1]


@settings(max_examples=20, deadline=None)
@given(st.lists(st.sampled_from(TEXTS), max_size=12), st.integers(1, 5))
def test_the_size_of_a_chunk_changes_nothing(texts: list[str], size: int) -> None:
    def whole(frame: pd.DataFrame) -> list[str]:
        return ["HAM"] * len(frame)

    functions = [links, labeling_function(batch=True)(whole), keyword("buy", label="SPAM", name="buy")]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(application, "CHUNK_ROWS", size)
        votes = apply(functions, texts)
    np.testing.assert_array_equal(votes.hard, apply(functions, texts, votes.classes).hard)
    assert [row[0] == "SPAM" for row in names(votes)] == ["http" in t for t in texts]


def test_a_builder_takes_the_name_of_the_callers_variable() -> None:
    shop = keyword("buy", label="SPAM")
    votes = apply([shop, keyword("song", label="HAM"), keyword("x", label="HAM", name="given")], TEXTS)
    assert votes.voters == ("shop", "keyword 1", "given")


def test_no_data_and_classes_in_the_callers_order() -> None:
    assert apply([links], [], ["SPAM", "HAM"]).hard.shape == (0, 1)
    assert apply([links], TEXTS, ["SPAM", "HAM"]).hard[:, 0].tolist() == [0, -1, -1, -1]


def test_a_fault_names_function_and_item_with_its_traceback() -> None:
    @labeling_function
    def third_word(item: Item) -> str | None:
        return "HAM" if item.text.split()[2] else None

    with pytest.raises(QuorumError, match=r"third_word, item 2 \('buy it'\):\nTraceback") as caught:
        apply([links, third_word], [*TEXTS[:3]])
    assert "IndexError" in str(caught.value)
    assert "item.text.split()[2]" in str(caught.value)


def failing(text: str) -> Callable[..., Any]:
    @labeling_function(examples=[(text, "SPAM"), ("fine", None)])
    def strict(item: Item) -> str | None:
        return "SPAM" if "buy" in item.text else None

    return strict


def test_functions_that_fail_their_examples_do_not_vote() -> None:
    assert apply([failing("buy")], TEXTS).hard[:, 0].tolist() == [-1, -1, 0, -1]
    with pytest.raises(InputError, match="strict: 'sell': expected SPAM, got None"):
        apply([failing("sell")], TEXTS)


@pytest.mark.parametrize(
    ("functions", "data", "classes", "said"),
    [
        ([len], TEXTS, None, "is no labelling function. Decorate it with @labeling_function"),
        ([links, links], TEXTS, None, "two are called 'links'. Rename one"),
        (
            [links],
            TEXTS,
            ["HAM", "SPAN"],
            "links: votes for 'SPAM', expected one of HAM, SPAN. Did you mean SPAN?",
        ),
        ([keyword("x", label="SPAM", name="x")], TEXTS, ["HAM"], "x: votes for 'SPAM', expected one of HAM"),
        ([links], [1, 2], None, "expected a DataFrame, a list of dicts or a list of texts, got int"),
        ([links], [*TEXTS, {"text": "x"}], None, "a list of texts, got dict, str"),
        ([links], ["x", ""], None, "data: 1 rows have no 'text', the first is row 1. Drop these rows"),
        ([links], pd.DataFrame({"text": ["x", None]}), None, "the first is row 1"),
        ([keyword("x", label="SPAM", field="body")], TEXTS, None, "no field 'body'; the items have text"),
        ([links], ["nothing"], None, f"expected 1 to {MAX_CLASSES} of them, got 0. Name them"),
    ],
)
def test_what_is_wrong_is_said(functions: Any, data: Any, classes: Any, said: str) -> None:
    with pytest.raises(InputError, match=re.escape(said)):
        apply(functions, data, classes)


def test_snorkels_functions_need_names() -> None:
    @snorkels()
    def theirs(x: Any) -> int:
        return 1

    with pytest.raises(InputError, match="theirs: snorkel's functions answer with numbers"):
        apply([theirs], TEXTS)


def test_nothing_is_printed_where_nobody_watches(capsys: pytest.CaptureFixture[str]) -> None:
    apply([links], TEXTS)
    assert capsys.readouterr() == ("", "")


def test_a_function_alone_is_refused_in_words() -> None:
    with pytest.raises(InputError, match=r"functions: expected a list of them, got .*love.* alone. Write \["):
        apply(love, TEXTS)  # type: ignore[arg-type]

"""Calls on a chunk of items: codes, faults, preparations and batches."""

from __future__ import annotations

import array
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeling.items.content import JSON_CELLS
from labeling.lf import LabelingFunction
from labeling.lf.calling import Chunk, ClassCodes, Outcome, call_all, preparations_of
from labeling.types import FAULT, UNKNOWN, Item

NAMES = ("HAM", "SPAM")


def chunk(texts: Sequence[str], **columns: Sequence[Any]) -> Chunk:
    digests = pa.array([i.to_bytes(16) for i in range(len(texts))], pa.binary(16))
    table = pa.table({"text": pa.array(texts, pa.large_string()), **columns})
    return Chunk(table.append_column("digest", digests), "text")


def call(
    functions: Sequence[LabelingFunction], items: Chunk
) -> tuple[list[list[int]], Outcome, list[ClassCodes]]:
    """Give the codes by row of calls."""
    rows = len(functions) + len(preparations_of(functions))
    cells = array.array("b", [UNKNOWN]) * (rows * len(items))
    codes = [ClassCodes(NAMES) for _ in functions]
    outcome = call_all(functions, codes, items, cells)
    return np.array(cells).reshape(rows, len(items)).tolist(), outcome, codes


def function(f: Callable[..., Any], **more: Any) -> LabelingFunction:
    return LabelingFunction("f", f, **more)


def test_votes_become_codes() -> None:
    votes: dict[str, Any] = {"a": "SPAM", "b": None, "c": "HAM", "d": "NEW", "e": np.str_("HAM")}
    [row], outcome, [codes] = call([function(lambda item: votes[item.text])], chunk(list("abcde")))
    assert row == [1, -1, 0, 2, 0]
    assert codes.names == ["HAM", "SPAM", "NEW"]
    assert outcome.faults == {}
    assert len(outcome.seconds) == 1


@pytest.mark.parametrize("vote", [0, True, ["HAM"], {"HAM"}, b"HAM", "\ud800", 1.5, object()])
def test_what_is_no_name_is_a_fault(vote: object) -> None:
    [row], outcome, _ = call([function(lambda item: vote)], chunk(["a", "b"]))
    assert row == [FAULT, FAULT]
    i, told = outcome.faults[0]
    assert i == 0
    assert "expected the name of a class or None" in told or "surrogates" in told


@given(st.lists(st.booleans(), max_size=30))
def test_only_the_items_at_fault_are_at_fault(bad: list[bool]) -> None:
    def f(item: Item) -> str:
        if item.text == "bad":
            raise ValueError(item.digest)
        return "HAM"

    [row], outcome, _ = call([function(f)], chunk(["bad" if b else "good" for b in bad]))
    assert row == [FAULT if b else 0 for b in bad]
    assert outcome.faults.get(0, (None,))[0] == (bad.index(True) if any(bad) else None)


@given(st.lists(st.booleans(), max_size=30))
def test_batches_are_narrowed_down(bad: list[bool]) -> None:
    def f(frame: pd.DataFrame) -> Any:
        if "bad" in set(frame.text):
            raise ValueError("bad")
        return ["HAM"] * len(frame)

    items = chunk(["bad" if b else "good" for b in bad])
    [row], outcome, _ = call([function(f, batch=True)], items)
    assert row == [FAULT if b else 0 for b in bad]
    assert outcome.faults.get(0, (None,))[0] == (bad.index(True) if any(bad) else None)


@pytest.mark.parametrize(
    ("f", "expected"),
    [
        (lambda frame: frame.text.map({"a": "SPAM"}), [1, -1, -1]),
        (lambda frame: np.where(frame.text == "b", "HAM", None), [-1, 0, -1]),
        (lambda frame: ["HAM" if n > 1 else None for n in frame.n], [-1, 0, -1]),
        (lambda frame: frame.text.astype("string").where(frame.text == "c").replace("c", "HAM"), [-1, -1, 0]),
        (lambda frame: ["HAM"], [0] * 3),
        (lambda frame: "HAM", [FAULT] * 3),
        (lambda frame: None, [FAULT] * 3),
        (lambda frame: [1, 0, 1], [FAULT] * 3),
    ],
)
def test_a_batch_answers_with_any_column(f: Callable[..., Any], expected: list[int]) -> None:
    [row], _, _ = call([function(f, batch=True)], chunk(["a", "b", "c"], n=pa.array([1, 2, None])))
    assert row == expected


def test_a_batch_function_owns_its_frame() -> None:
    def spoils(frame: pd.DataFrame) -> list[None]:
        frame["text"] = "spoilt"
        return [None] * len(frame)

    other = function(lambda frame: frame.text.map({"a": "HAM"}), batch=True)
    rows, _, _ = call([function(spoils, batch=True), other], chunk(["a"]))
    assert rows == [[-1], [0]]


def test_preparations_are_computed_once_and_shared() -> None:
    calls: list[str] = []

    def words(item: Item) -> list[str]:
        calls.append(item.text)
        return item.text.split()

    def first(item: Item, words: list[str], limit: int) -> str | None:
        return "SPAM" if len(words) >= limit else None

    def second(item: Item, words: list[str]) -> str | None:
        words.append("spoilt")
        return None

    functions = [function(first, pre=(words,), resources={"limit": 2}), function(second, pre=(words,))]
    rows, outcome, _ = call(functions, chunk(["a b", "c"]))
    assert rows == [[0, 0], [1, -1], [FAULT, FAULT]]
    assert calls == ["a b", "c"]
    assert "read-only" in outcome.faults[2][1]


def test_a_preparation_that_fails_is_its_users_fault() -> None:
    def half(item: Item) -> float:
        return 1 / len(item.text)

    users = [function(lambda item, half: "HAM", pre=(half,)), function(lambda item: "SPAM")]
    rows, outcome, _ = call(users, chunk(["a", ""]))
    assert rows == [[0, FAULT], [0, FAULT], [1, 1]]
    assert "ZeroDivisionError" in outcome.faults[1][1]


def test_items_hold_values_and_cannot_be_changed() -> None:
    tags = pa.chunked_array([['["x"]', None]], pa.large_string())
    digests = pa.array([bytes(16)] * 2, pa.binary(16))
    fields = [pa.field("text", pa.large_string()), pa.field("tags", pa.large_string(), metadata=JSON_CELLS)]
    table = pa.table([pa.chunked_array([["a", "b"]], pa.large_string()), tags], schema=pa.schema(fields))
    items = Chunk(table.append_column("digest", digests), "text").items
    assert [item["tags"] for item in items] == [["x"], None]
    assert items[0].digest == "00" * 16
    with pytest.raises(TypeError, match="read-only"):
        items[0].tags.append("y")


def test_a_function_names_a_limited_number_of_classes() -> None:
    [row], outcome, _ = call([function(lambda item: item.text)], chunk([str(i) for i in range(130)]))
    assert row[:125] == list(range(2, 127))
    assert set(row[125:]) == {FAULT}
    assert "different name" in outcome.faults[0][1]

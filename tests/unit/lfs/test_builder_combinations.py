"""Functions made of other builders follow the rules of logic."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labeling.errors import InputError
from labeling.lf.vector import VectorFunction, vote_frame
from lfs import Item, all_of, any_of, keyword, labeling_function, lookup, regex, unless

A, B = keyword("a", label="P"), keyword("b", label="Q")
ITEMS = [Item(text, {"text": text}) for text in ("", "a", "b", "a b", "c", "a c", "a b c")]
FRAME = pl.DataFrame({"text": [item.text for item in ITEMS]})


def combined(inner: st.SearchStrategy[VectorFunction]) -> st.SearchStrategy[VectorFunction]:
    labels = st.sampled_from("PQ")
    several = st.lists(inner, min_size=2, max_size=3)
    return (
        st.builds(lambda fs, label: all_of(*fs, label=label), several, labels)
        | st.builds(lambda fs, label: any_of(*fs, label=label), several, labels)
        | st.builds(lambda fs: unless(*fs), several)
    )


LEAVES = [A, B, keyword("a", "b", "c", label="Q", at_least=2), lookup({"a": "P", "c": "Q"})]
FUNCTIONS = st.recursive(st.sampled_from(LEAVES), combined, max_leaves=5)


@settings(max_examples=60, deadline=None)
@given(st.lists(FUNCTIONS, min_size=2, max_size=3))
def test_combinations_follow_their_parts(parts: list[VectorFunction]) -> None:
    functions = [all_of(*parts, label="X"), any_of(*parts, label="X"), unless(*parts)]
    every, some, first = vote_frame(functions, FRAME)
    votes = vote_frame(parts, FRAME)
    for i in range(len(FRAME)):
        voted = [column[i] >= 0 for column in votes]
        assert (every[i] == 0, some[i] == 0) == (all(voted), any(voted))
        assert first[i] == (-1 if any(voted[1:]) else votes[0][i])


@settings(max_examples=60, deadline=None)
@given(FUNCTIONS)
def test_one_item_is_voted_on_as_a_column_is(function: VectorFunction) -> None:
    [codes] = vote_frame([function], FRAME)
    assert [function(item) for item in ITEMS] == [None if c < 0 else function.classes[c] for c in codes]


def test_the_order_of_parts_does_not_count() -> None:
    assert all_of(A, B, label="P").fingerprint == all_of(B, A, label="P").fingerprint
    assert unless(A, B).fingerprint != unless(B, A).fingerprint
    assert all_of(A, B, label="P").fingerprint != any_of(A, B, label="P").fingerprint


@pytest.mark.parametrize(
    "make", [lambda f: all_of(A, f, label="P"), lambda f: any_of(f, A, label="P"), lambda f: unless(A, f)]
)
def test_python_inside_makes_python_of_the_whole(make: Any) -> None:
    repeated = make(regex(r"(a) \1", label="P", engine="re"))
    assert repeated.needs_python
    assert [repeated(Item("0", {"text": t})) for t in ("a a", "b")] in (["P", None], [None, None])
    with pytest.raises(ValueError, match="call it item by item"):
        vote_frame([repeated], FRAME)


def test_the_classes_are_those_of_the_vote() -> None:
    assert any_of(A, B, label="X").classes == ("X",)
    assert unless(lookup({"a": "P", "c": "Q"}), B).classes == ("P", "Q")


def test_a_python_function_is_refused_with_the_reason() -> None:
    @labeling_function
    def links(item: Item) -> str | None:
        return "P" if "http" in item.text else None

    for combine in (lambda: all_of(A, links, label="P"), lambda: unless(links, A), lambda: unless(A, links)):
        with pytest.raises(
            InputError, match=r"expected builders, got LabelingFunction\(name='links'.*one Python"
        ):
            combine()  # type: ignore[no-untyped-call]


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: all_of(A, label="P"), "all_of: functions: expected 2 or more, got 1"),
        (lambda: any_of(label="P"), "any_of: functions: expected 2 or more, got 0"),
        (lambda: unless(A), "unless: exceptions: expected 1 or more, got 0"),
        (lambda: unless(A, B, examples=[("a", "Q")]), "unless: examples: .*votes for P or None"),
        (lambda: all_of(A, B, label=""), "all_of: label: expected the name of a class, got ''"),
    ],
)
def test_faulty_combinations_are_refused(make: Any, said: str) -> None:
    with pytest.raises(InputError, match=said):
        make()

"""Bounds of numbers, whatever the values are."""

from __future__ import annotations

import math
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labeling.errors import InputError
from labeling.lf.vector import vote_frame
from lfs import Item, threshold

BOUNDS = st.integers(-3, 3) | st.floats(-3, 3)
INF = float("inf")


@settings(max_examples=150, deadline=None)
@given(st.lists(BOUNDS, min_size=1), BOUNDS, BOUNDS)
def test_bounds_are_what_they_say(values: list[float], a: float, b: float) -> None:
    low, high = sorted((a, b))
    functions = [
        threshold("x", label="A", above=low),
        threshold("x", label="A", below=low),
        threshold("x", label="A", between=(low, high)),
    ]
    votes = vote_frame(functions, pl.DataFrame({"text": [""] * len(values), "x": [float(v) for v in values]}))
    assert [v.tolist() for v in votes] == [
        [0 if v > low else -1 for v in values],
        [0 if v < low else -1 for v in values],
        [0 if low <= v <= high else -1 for v in values],
    ]


@pytest.mark.parametrize(
    ("value", "votes"),
    [
        (5, True),
        (5.5, True),
        (4, False),
        ("5", True),
        (" +5.5e0\n", True),
        (".5e1", True),
        ("5 stars", False),
        ("5_0", False),
        ("٥", False),
        ("inf", False),
        ("1e999", True),
        (INF, True),
        (-INF, False),
        (math.nan, False),
        ("nan", False),
        (None, False),
        (True, False),
        ([5], False),
        ({"a": 5}, False),
        (10**400, False),
    ],
)
def test_what_a_number_is(value: Any, votes: bool) -> None:
    assert (threshold("x", above=4, label="A")(Item("0", {"text": "", "x": value})) is not None) == votes


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({}, "exactly one of above, below and between, got none. Write above=4"),
        ({"above": 1, "below": 2}, "got above=1, below=2"),
        ({"above": math.nan}, "above: expected a finite number, got nan"),
        ({"below": INF}, "below: expected a finite number, got inf"),
        ({"above": "4"}, "above: expected a finite number, got '4'"),
        ({"above": True}, "above: expected a finite number, got True"),
        ({"between": (2, 1)}, r"two finite numbers, the lower first, got \(2, 1\)"),
        ({"between": 3}, "two finite numbers, the lower first, got 3"),
        ({"between": (1, 2, 3)}, r"got \(1, 2, 3\)"),
        ({"between": (1, None)}, r"got \(1, None\)"),
    ],
)
def test_faulty_bounds_are_refused(options: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said) as refused:
        threshold("stars", label="A", **options)
    assert str(refused.value).startswith("threshold: ")

"""Samples and builder lines of suggestions."""

from __future__ import annotations

import ast

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeling.development.suggest import builder_line, sample_items
from labeling.development.terms import terms_of


def test_a_small_pool_is_taken_as_a_whole() -> None:
    assert sample_items(5, np.zeros(5, dtype=bool), 5, 0).tolist() == [0, 1, 2, 3, 4]
    assert sample_items(0, np.zeros(0, dtype=bool), 5, 0).tolist() == []


def test_a_sample_holds_gold_first_and_depends_on_the_seed_alone() -> None:
    gold = np.zeros(1000, dtype=bool)
    gold[[3, 500, 999]] = True
    rows = sample_items(1000, gold, 50, 7)
    assert len(set(rows)) == 50
    assert {3, 500, 999} <= set(rows)
    assert rows.tolist() == sorted(rows)
    assert rows.tolist() == sample_items(1000, gold, 50, 7).tolist()
    assert rows.tolist() != sample_items(1000, gold, 50, 8).tolist()


def test_a_sample_is_uniform() -> None:
    times = np.zeros(10)
    for seed in range(2000):
        times[sample_items(10, np.zeros(10, dtype=bool), 3, seed)] += 1
    assert times.min() > 500
    assert times.max() < 700


@given(st.text(max_size=40), st.text(min_size=1, max_size=20))
def test_a_builder_line_is_python_that_says_what_is_meant(text: str, label: str) -> None:
    for term in terms_of(text):
        [statement] = ast.parse(builder_line(term, label)).body
        assert isinstance(statement, ast.Assign)
        assert isinstance(statement.value, ast.Call)
        assert ast.literal_eval(statement.value.args[0]) == term
        assert ast.literal_eval(statement.value.keywords[0].value) == label


@pytest.mark.parametrize("term", ["class", "2fa", "grüße", "free money", "0¼"])
def test_names_that_would_be_no_variables_become_some(term: str) -> None:
    assert builder_line(term, "A").partition(" = ")[0].isidentifier()

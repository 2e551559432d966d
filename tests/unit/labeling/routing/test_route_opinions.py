"""Who says what of an item, counted and in words."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeling.routing.opinions import KINDS, MIXED, count_opinions, describe
from labeling.types import ABSTAIN, VoteMatrix

NAMES = ("HAM", "SPAM", "THREAT")
FUNCTION, MODEL, RECORDED = KINDS


def said(votes: list[int], kinds: list[str], text: int, label: int = 0, sure: float = 0.98) -> str:
    """Give the words for one item."""
    matrix = VoteMatrix(np.array([votes], dtype=np.int8), tuple(f"v{j}" for j in range(len(votes))), 3)
    counted = count_opinions(
        matrix, kinds, np.array([label]), np.array([sure]), np.array([text], dtype=np.int8)
    )
    return describe(NAMES, [int(column[0]) for column in counted.columns()])


@pytest.mark.parametrize(
    ("votes", "kinds", "text", "words"),
    [
        ([0, 0, -1], [FUNCTION] * 3, 0, "two functions and the text model agree on HAM, .98"),
        (
            [0, 0, 0, 0],
            [FUNCTION, FUNCTION, MODEL, RECORDED],
            0,
            "two functions, one language model, one recorded vote and the text model agree on HAM, .98",
        ),
        ([0, 0], [MODEL] * 2, -1, "two language models agree on HAM, .98"),
        ([0], [FUNCTION], -1, "one function says HAM, .98"),
        ([0], [FUNCTION], 1, "one function says HAM, .98; the text model says SPAM"),
        ([-1], [FUNCTION], 0, "the text model says HAM, .98"),
        (
            [0, 1],
            [FUNCTION, MODEL],
            0,
            "one function and the text model agree on HAM, .98; one language model says SPAM",
        ),
        (
            [0, 1, 1],
            [FUNCTION, MODEL, FUNCTION],
            1,
            "one function says HAM, .98; one function, one language model and the text model say SPAM",
        ),
        (
            [0, 1, 2],
            [FUNCTION] * 3,
            0,
            "one function and the text model agree on HAM, .98; two functions say other classes",
        ),
        (
            [0, 1, 2],
            [FUNCTION] * 3,
            2,
            "one function says HAM, .98; two functions say other classes; the text model says THREAT",
        ),
        (
            [1],
            [FUNCTION],
            1,
            "votes and text weighed together give HAM, .98; one function and the text model say SPAM",
        ),
        ([-1], [FUNCTION], -1, "votes and text weighed together give HAM, .98"),
        ([0] * 12, [RECORDED] * 12, 0, "12 recorded votes and the text model agree on HAM, .98"),
    ],
)
def test_each_constellation_has_its_words(votes: list[int], kinds: list[str], text: int, words: str) -> None:
    assert said(votes, kinds, text) == words


@given(st.integers(0, 10_000))
def test_counts_are_those_of_the_votes(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n, m = 20, int(rng.integers(0, 7))
    hard = rng.integers(-1, 3, size=(n, m)).astype(np.int8)
    kinds = rng.choice(KINDS, size=m).tolist()
    labels = rng.integers(0, 3, size=n)
    found = count_opinions(
        VoteMatrix(hard, tuple(f"v{j}" for j in range(m)), 3),
        kinds,
        labels,
        rng.random(n),
        rng.integers(-1, 3, size=n).astype(np.int8),
    )
    for i in range(n):
        for k, kind in enumerate(KINDS):
            own = [hard[i, j] for j in range(m) if kinds[j] == kind]
            assert found.agree[i, k] == sum(code == labels[i] for code in own)
            assert found.differ[i, k] == sum(code not in (labels[i], ABSTAIN) for code in own)
        others = {int(code) for code in hard[i]} - {int(labels[i]), ABSTAIN}
        expected = ABSTAIN if not others else (others.pop() if len(others) == 1 else MIXED)
        assert found.other[i] == expected


@given(st.integers(0, 10_000))
def test_the_text_model_is_said_to_agree_only_where_it_does(seed: int) -> None:
    rng = np.random.default_rng(seed)
    votes = rng.integers(-1, 3, size=4).tolist()
    text, label = int(rng.integers(-1, 3)), int(rng.integers(0, 3))
    words = said(votes, rng.choice(KINDS, size=4).tolist(), text, label)
    mine = words.split("; ")[0]
    assert ("the text model" in mine) == (text == label)
    assert ("the text model" in words) == (text != ABSTAIN)

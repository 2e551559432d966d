import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from active import likeness
from active.likeness import FEW_COLUMNS, NEARLY_THE_SAME, Likeness, unit

RNG = np.random.default_rng(0)
D = 32
BASES = RNG.normal(size=(40, D))
SMALL = BASES + 0.05 * RNG.normal(size=(40, D))
FEATURES = np.vstack([BASES, 3 * SMALL, np.zeros((2, D))]).astype(np.float32)
LIKE = Likeness(FEATURES)


def cosines(some: list[int], rows: list[int]) -> np.ndarray:
    chosen = FEATURES.astype(float)
    lengths = np.maximum(np.linalg.norm(chosen, axis=1, keepdims=True), 1e-300)
    return (chosen[some] / lengths[some]) @ (chosen[rows] / lengths[rows]).T


def test_rows_are_near_that_point_the_same_way() -> None:
    others, rows = np.arange(len(FEATURES)), np.array([3, 50])
    expected = (cosines(others.tolist(), rows.tolist()) > NEARLY_THE_SAME).any(axis=1)
    assert sorted(np.flatnonzero(expected)) == [3, 10, 43, 50]
    np.testing.assert_array_equal(LIKE.near(others, rows), expected)


def test_a_row_of_zeros_is_like_itself_alone() -> None:
    assert LIKE.near(np.arange(82), np.array([80])).nonzero()[0].tolist() == [80]


def test_rows_of_one_cluster_are_alike_whatever_their_features() -> None:
    clusters = np.arange(82)
    clusters[[5, 7]] = 81
    near = Likeness(FEATURES, clusters).near(np.arange(82), np.array([5]))
    assert near.nonzero()[0].tolist() == [5, 7, 45, 81]


def test_few_columns_point_the_same_way_too_easily() -> None:
    narrow = np.abs(RNG.normal(size=(200, FEW_COLUMNS - 1))).astype(np.float32)
    narrow[1] = narrow[0]
    assert Likeness(narrow).near(np.arange(200), np.array([0])).nonzero()[0].tolist() == [0, 1]


def test_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    others, rows = RNG.permutation(82), np.array([1, 4, 44])
    near, counts = LIKE.near(others, rows), LIKE.counts(others, rows)
    distinct = LIKE.distinct(others, 30)
    monkeypatch.setattr(likeness, "CHUNK", 7)
    monkeypatch.setattr(likeness, "AT_ONCE", 5)
    np.testing.assert_array_equal(LIKE.distinct(others, 30), distinct)
    np.testing.assert_array_equal(LIKE.near(others, rows), near)
    np.testing.assert_array_equal(LIKE.counts(others, rows), counts)
    assert counts.tolist() == [2, 2, 2]


def test_many_rows_take_little_memory() -> None:
    many = Likeness(RNG.normal(size=(20_000, FEW_COLUMNS)).astype(np.float32))
    tracemalloc.start()
    many.distinct(np.arange(20_000), 50)
    many.counts(np.arange(20_000), np.arange(50))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20e6


def test_nothing_is_near_nothing() -> None:
    nothing = np.empty(0, dtype=np.int64)
    assert LIKE.near(nothing, np.array([1])).shape == (0,)
    assert not LIKE.near(np.array([1, 2]), nothing).any()
    assert LIKE.counts(nothing, np.array([1])).tolist() == [0]


@given(st.lists(st.integers(0, 79), unique=True, max_size=60), st.integers(0, 70))
def test_the_distinct_are_the_first_of_their_kind(rows: list[int], n: int) -> None:
    kept: list[int] = []
    for row in rows:
        if len(kept) < n and not (cosines([row], kept) > NEARLY_THE_SAME).any():
            kept.append(row)
    chosen = np.array(rows, dtype=int)
    assert chosen[LIKE.distinct(chosen, n)].tolist() == kept


def test_unit_rows_have_length_one() -> None:
    lengths = np.linalg.norm(unit(FEATURES), axis=1)
    np.testing.assert_allclose(lengths, [1.0] * 80 + [0.0] * 2, rtol=1e-6)

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from active import selection
from active.likeness import Likeness
from active.selection import (
    Floor,
    critical_floor,
    distinct_rows,
    likeliest,
    rare_floor,
    seen,
    uniform_rows,
    with_floors,
)
from labeling.types import Ints

RNG = np.random.default_rng(0)
N, D = 60, 24
APART = Likeness(RNG.normal(size=(N, D)).astype(np.float32))
PAIRS = Likeness(np.repeat(RNG.normal(size=(N // 2, D)), 2, axis=0).astype(np.float32))
ALL_EQUAL = Likeness(np.ones((N, D), dtype=np.float32))
EVERYTHING = np.arange(N)
NOTHING = EVERYTHING[:0]


def lowest(n: int, rows: Ints) -> Ints:
    """A strategy that asks for the lowest numbers."""
    return np.sort(rows)[:n]


def highest(n: int, rows: Ints) -> Ints:
    return np.sort(rows)[::-1][:n]


def test_uniform_rows_are_the_first_of_the_order() -> None:
    order = RNG.permutation(N)
    rows, inclusion = uniform_rows(order, 7, APART)
    np.testing.assert_array_equal(rows, order[:7])
    np.testing.assert_allclose(inclusion, 7 / N)


def test_uniform_rows_are_no_near_duplicates() -> None:
    rows, _ = uniform_rows(np.array([4, 5, 8, 9, 1, 30]), 3, PAIRS)
    assert rows.tolist() == [4, 8, 1]


def test_near_duplicates_share_their_chance() -> None:
    """Inclusion probabilities against the frequencies of many draws, groups of one to eight."""
    sizes = [1] * 20 + [2] * 8 + [8] * 3
    features = np.repeat(RNG.normal(size=(len(sizes), D)), sizes, axis=0).astype(np.float32)
    likeness, n, draws = Likeness(features), len(features), 4000
    times, told = np.zeros(n), np.zeros(n)
    for seed in range(draws):
        rows, inclusion = uniform_rows(np.random.default_rng(seed).permutation(n), 6, likeness)
        times[rows] += 1
        told[rows] += inclusion
    group = np.repeat(np.arange(len(sizes)), sizes)
    for size in (1, 2, 8):
        inside = np.flatnonzero(np.isin(group, [g for g, s in enumerate(sizes) if s == size]))
        frequency, mean = times[inside].sum() / draws / len(inside), told[inside].sum() / times[inside].sum()
        assert mean == pytest.approx(frequency, rel=0.08)


def test_equal_rows_are_drawn_where_there_is_nothing_else() -> None:
    rows, inclusion = uniform_rows(EVERYTHING, 5, ALL_EQUAL)
    assert rows.tolist() == [0, 1, 2, 3, 4]
    assert ((inclusion > 0) & (inclusion <= 1)).all()
    assert [len(part) for part in uniform_rows(EVERYTHING, 0, APART)] == [0, 0]
    assert [len(part) for part in uniform_rows(NOTHING, 3, APART)] == [0, 0]


def test_distinct_rows_skip_what_was_said_before() -> None:
    chosen = distinct_rows(lowest, 4, EVERYTHING, np.array([0, 4]), PAIRS)
    assert chosen.tolist() == [2, 6, 8, 10]


def test_the_strategy_is_asked_again_for_what_lacks() -> None:
    asked: list[int] = []

    def ask(n: int, rows: Ints) -> Ints:
        asked.append(n)
        return lowest(n, rows)

    assert distinct_rows(ask, 6, EVERYTHING, NOTHING, PAIRS).tolist() == [0, 2, 4, 6, 8, 10]
    assert asked == [6, 3, 1]


@given(n=st.integers(0, 70), before=st.lists(st.integers(0, N - 1), unique=True, max_size=20))
def test_a_batch_is_full_whatever_is_alike(n: int, before: list[int]) -> None:
    for likeness in (APART, PAIRS, ALL_EQUAL):
        known = np.array(before, dtype=np.int64)
        chosen = distinct_rows(lowest, n, EVERYTHING, known, likeness)
        assert len(set(chosen.tolist()) - set(before)) == len(chosen) == min(n, N - len(before))


def test_near_duplicates_come_after_all_others() -> None:
    chosen = distinct_rows(lowest, 34, EVERYTHING, NOTHING, PAIRS)
    assert chosen[:30].tolist() == list(range(0, N, 2))
    assert chosen[30:].tolist() == [1, 3, 5, 7]


def test_a_floor_takes_the_place_of_the_last() -> None:
    critical = np.array([50, 51, 52])
    floor = critical_floor(0.2, 10, critical, highest)
    chosen = with_floors(EVERYTHING[:10], NOTHING, [floor], APART)
    assert chosen.tolist() == [0, 1, 2, 3, 4, 5, 6, 7, 52, 51]


def test_rows_that_are_in_the_batch_count_towards_the_floor() -> None:
    floor = critical_floor(0.3, 10, np.array([3, 50, 51]), lowest)
    assert with_floors(EVERYTHING[:9], np.array([51]), [floor], APART).tolist() == [
        *[0, 1, 2, 3, 4, 5, 6, 7],
        50,
    ]


def test_a_floor_asks_for_no_more_than_there_is() -> None:
    floor = critical_floor(0.5, 10, np.array([50]), lowest)
    assert floor.least == 1
    assert with_floors(EVERYTHING[:10], NOTHING, [floor], APART).tolist() == [*range(9), 50]
    assert with_floors(EVERYTHING[:10], NOTHING, [critical_floor(0.5, 10, NOTHING, lowest)], APART).size == 10


def test_uniform_rows_are_never_exchanged() -> None:
    floor = critical_floor(1.0, 4, np.array([50, 51, 52, 53]), lowest)
    assert with_floors(np.array([7]), np.array([1, 2, 3]), [floor], APART).tolist() == [50]


def test_one_floor_does_not_take_what_another_needs() -> None:
    floors = [
        critical_floor(0.3, 10, np.array([8, 9, 50]), lowest),
        Floor(2, np.array([7]), lowest, EVERYTHING[20:]),
    ]
    chosen = with_floors(EVERYTHING[:10], NOTHING, floors, APART)
    assert chosen.tolist() == [0, 1, 2, 3, 4, 7, 8, 9, 50, 20]


def test_a_floor_takes_what_another_has_too_much_of() -> None:
    plenty = Floor(3, EVERYTHING[:10], lowest, EVERYTHING)
    floors = [critical_floor(0.9, 10, EVERYTHING[50:], lowest), plenty]
    for order in (floors, floors[::-1]):
        chosen = with_floors(EVERYTHING[:10], NOTHING, order, APART)
        assert chosen.tolist() == [0, 1, 2, *range(50, 57)]


def test_floors_hold_no_near_duplicates_either() -> None:
    floor = critical_floor(0.2, 10, np.array([40, 41, 44]), lowest)
    assert with_floors(EVERYTHING[:20:2], NOTHING, [floor], PAIRS)[-2:].tolist() == [40, 44]


def test_the_likeliest_of_each_class_in_turn() -> None:
    proba = np.array([[0.9, 0.8], [0.5, 0.1], [0.7, 0.2], [0.1, 0.6]])
    assert likeliest(proba, 4).tolist() == [0, 2, 3, 1]
    assert likeliest(proba, 1).tolist() == [0]


def test_classes_of_few_labels_are_rare_once_there_are_labels() -> None:
    proba = np.array([[0.7, 0.2, 0.1], [0.1, 0.5, 0.4], [0.1, 0.1, 0.8], [0.6, 0.3, 0.1]])
    candidates = np.array([3, 10, 11, 20])
    floor = rare_floor(0.1, 20, candidates, proba, np.array([9, 4, 2]))
    assert floor.least == 2
    assert floor.rows.tolist() == [10, 11]
    assert floor.ask(2, candidates).tolist() == [11, 10]
    assert floor.ask(2, candidates[[0, 3]]).tolist() == [3, 20]
    assert rare_floor(0.1, 20, candidates, proba, np.zeros(3, dtype=int)).least == 0
    assert rare_floor(0.1, 20, candidates, proba, np.array([5, 5, 5])).least == 0


def test_large_pools_are_looked_at_in_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selection, "SEEN_ROWS", 20)
    looked = [seen(EVERYTHING, 5, np.random.default_rng(i)) for i in range(300)]
    assert all(len(rows) == 20 and (np.diff(rows) > 0).all() for rows in looked)
    times = Counter(np.concatenate(looked).tolist())
    assert len(times) == N
    assert max(times.values()) < 140
    assert len(seen(EVERYTHING, 30, np.random.default_rng(0))) == 30
    assert seen(EVERYTHING[:20], 5, np.random.default_rng(0)) is not None

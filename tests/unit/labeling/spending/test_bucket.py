from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeling.spending.bucket import Bucket


class Clock:
    def __init__(self) -> None:
        self.now = 50.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_without_a_limit_nobody_waits(clock: Clock) -> None:
    bucket = Bucket(clock)
    assert [bucket.take(1e9) for _ in range(3)] == [0.0, 0.0, 0.0]


def test_it_is_full_at_first_and_fills_steadily(clock: Clock) -> None:
    bucket = Bucket(clock)
    bucket.allow(60)
    assert [bucket.take(1) for _ in range(60)] == [0.0] * 60
    assert bucket.take(1) == pytest.approx(1.0)
    clock.now += 11.0
    assert [bucket.take(1) for _ in range(10)] == pytest.approx([0.0] * 10)
    assert bucket.take(1) == pytest.approx(1.0)


def test_it_never_holds_more_than_a_minute_allows(clock: Clock) -> None:
    bucket = Bucket(clock)
    bucket.allow(60)
    clock.now += 3600.0
    assert bucket.take(61) == pytest.approx(1.0)


def test_what_the_server_knows_to_be_left_counts(clock: Clock) -> None:
    bucket = Bucket(clock)
    bucket.allow(60, left=2)
    assert [bucket.take(1) for _ in range(3)] == pytest.approx([0.0, 0.0, 1.0])
    bucket.allow(60, left=50)
    assert bucket.take(1) == pytest.approx(2.0)


def test_a_new_limit_begins_anew(clock: Clock) -> None:
    bucket = Bucket(clock)
    bucket.allow(60, left=0)
    bucket.allow(120)
    assert bucket.take(120) == 0.0
    bucket.allow(None)
    assert bucket.take(1e9) == 0.0


@given(st.lists(st.tuples(st.floats(0, 20), st.floats(0.1, 5)), min_size=1, max_size=60), st.floats(1, 100))
def test_no_minute_sees_more_than_two_of_its_limits(steps: list[tuple[float, float]], limit: float) -> None:
    clock = Clock()
    bucket = Bucket(clock)
    bucket.allow(limit)
    taken = []
    for passed, amount in steps:
        clock.now += passed
        clock.now += bucket.take(amount)
        taken.append((clock.now, amount))
    for start, _ in taken:
        within = sum(amount for moment, amount in taken if start <= moment < start + 60)
        assert within <= 2 * limit + 5 + 1e-6

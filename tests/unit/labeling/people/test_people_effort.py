"""Seconds and cost of answers, with lunch breaks, without times, and of nothing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeling.people.effort import effort, fence, without_breaks
from tests.crowds import Habit, respond


def one_person(seconds: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return seconds, np.zeros(len(seconds), dtype=np.int64)


def test_lunch_breaks_do_not_count() -> None:
    responses, _ = respond([Habit(), Habit(seconds=30.0)], 0, each=1)
    people = responses.answers.people
    clean = effort(responses.seconds, people, 100, 20.0)
    seconds = responses.seconds.copy()
    seconds[[5, 50, 150]] = 3600.0, 2700.0, 90_000.0
    found = effort(seconds, people, 100, 20.0)
    assert found.breaks == 3
    assert found.hours == pytest.approx(clean.hours, rel=0.01)
    assert found.hours_ahead == pytest.approx(clean.hours_ahead, rel=0.01)


def test_honest_times_are_hardly_ever_breaks() -> None:
    rng = np.random.default_rng(0)
    found = [
        int(np.isnan(without_breaks(*one_person(16 * np.exp(0.6 * rng.standard_normal(300))))).sum())
        for _ in range(50)
    ]
    assert sum(found) <= 2


def test_who_is_slow_is_not_on_a_break() -> None:
    rng = np.random.default_rng(1)
    quick, slow = 3 * np.exp(0.1 * rng.standard_normal(190)), 90 * np.exp(0.1 * rng.standard_normal(10))
    kept = without_breaks(np.concatenate([quick, slow]), np.repeat([0, 1], [190, 10]))
    assert not np.isnan(kept).any()


def test_what_it_costs() -> None:
    found = effort(*one_person(np.full(100, 36.0)), 50, 30.0)
    assert found.hours == pytest.approx(1.0)
    assert found.hours_ahead == pytest.approx(0.5)
    assert (found.cost, found.cost_ahead) == (pytest.approx(30.0), pytest.approx(15.0))
    assert effort(*one_person(np.full(100, 36.0)), 50, None).cost is None


def test_answers_without_a_time_take_the_mean() -> None:
    found = effort(*one_person(np.concatenate([np.full(50, 10.0), np.full(50, np.nan)])), 0, None)
    assert found.untimed == 50
    assert found.breaks == 0
    assert found.hours == pytest.approx(1000 / 3600)


def test_nothing_was_timed() -> None:
    found = effort(*one_person(np.full(3, np.nan)), 5, 10.0)
    assert found.hours is found.hours_ahead is found.cost is None
    assert effort(*one_person(np.empty(0)), 5, 10.0).to_dict()["per_answer"]["value"] is None
    assert fence(np.empty(0)) == np.inf


@given(st.lists(st.floats(0.5, 500), min_size=1, max_size=60))
def test_the_median_is_never_a_break(seconds: list[float]) -> None:
    assert fence(np.array(seconds)) >= np.median(seconds)

"""How simulated people answer: at the rates that they are given, the same whatever was asked before."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeling.simulation.habits import PERFECT, Habits, Person, confusion_matrix, draw_chances

NAMES = ("HAM", "SPAM", "SCAM")
MANY = 4000


def share(habits: Habits, said: str | None, truth: str = "SPAM", suggestion: str | None = None) -> float:
    person = Person.of(habits, NAMES, 0, 1)
    answers = [person.answer(f"item {i}", truth, suggestion)[0] for i in range(MANY)]
    return float(np.mean([answer == said for answer in answers]))


def near(rate: float) -> object:
    return pytest.approx(rate, abs=4 * np.sqrt(0.25 / MANY))


def test_perfect_people_say_the_truth_whatever_is_suggested() -> None:
    assert share(PERFECT, "SPAM") == 1.0
    assert share(PERFECT, "SPAM", suggestion="HAM") == 1.0


def test_noisy_people_name_each_wrong_class_alike() -> None:
    habits = Habits(error_rate=0.3)
    assert share(habits, "SPAM") == near(0.7)
    assert share(habits, "HAM") == near(0.15)
    assert share(habits, "SCAM") == near(0.15)


def test_a_confusion_stands_in_place_of_the_rate() -> None:
    habits = Habits(error_rate=0.5, confusion={"SPAM": {"SCAM": 0.2, "SPAM": 0.8}})
    assert share(habits, "SPAM") == near(0.8)
    assert share(habits, "SCAM") == near(0.2)
    assert share(habits, "HAM") == 0.0
    assert share(habits, "HAM", truth="HAM") == near(0.5)


def test_the_anchored_accept_wrong_suggestions_alone() -> None:
    habits = Habits(anchored=0.4)
    assert share(habits, "HAM", suggestion="HAM") == near(0.4)
    assert share(habits, "SPAM", suggestion="HAM") == near(0.6)
    assert share(habits, "SPAM", suggestion="SPAM") == 1.0
    assert share(habits, "SPAM", suggestion=None) == 1.0


def test_some_skip_and_an_item_without_truth_is_always_skipped() -> None:
    assert share(Habits(skipping=0.25), None) == near(0.25)
    assert Person.of(PERFECT, NAMES, 0, 1).answer("item", None, None)[0] is None


def test_seconds_are_log_normal_around_their_median() -> None:
    person = Person.of(Habits(seconds=30.0, spread=0.5), NAMES, 0, 1)
    seconds = np.log([person.answer(f"item {i}", "HAM", None)[1] for i in range(MANY)])
    assert np.exp(np.median(seconds)) == pytest.approx(30, rel=0.05)
    assert seconds.std() == pytest.approx(0.5, rel=0.05)
    assert Person.of(Habits(spread=0.0), NAMES, 0, 1).answer("item", "HAM", None)[1] == 16.0


def test_chance_depends_on_seed_item_and_person_alone() -> None:
    assert draw_chances(1, "a", 1) == draw_chances(1, "a", 1)
    assert len({draw_chances(s, d, p) for s in (1, 2) for d in "ab" for p in (1, 2)}) == 8
    first, again = (
        Person.of(Habits(error_rate=0.5), NAMES, 7, 1),
        Person.of(Habits(error_rate=0.5), NAMES, 7, 1),
    )
    forwards = {d: first.answer(d, "HAM", None) for d in "abcdefgh"}
    assert {d: again.answer(d, "HAM", None) for d in "hgfedcba"} == forwards


def test_a_higher_rate_makes_the_same_errors_and_more() -> None:
    few, many = (Person.of(Habits(skipping=rate), NAMES, 0, 1) for rate in (0.1, 0.3))
    skipped = [
        {i for i in range(500) if person.answer(f"item {i}", "HAM", None)[0] is None}
        for person in (few, many)
    ]
    assert skipped[0] < skipped[1]


@given(st.floats(0, 0.99), st.integers(2, 12))
def test_rows_of_a_confusion_matrix_sum_to_one(rate: float, k: int) -> None:
    names = tuple(f"class {i}" for i in range(k))
    matrix = confusion_matrix(Habits(error_rate=rate, confusion={"class 1": {"class 0": 0.4}}), names)
    assert matrix.sum(axis=1) == pytest.approx(np.ones(k))
    assert np.diag(matrix)[0] == pytest.approx(1 - rate)
    assert matrix[1, 0] == pytest.approx(0.4)
    assert (matrix >= 0).all()

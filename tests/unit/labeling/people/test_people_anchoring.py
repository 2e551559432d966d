"""Planted anchoring and planted speed-up are found, with intervals that hold them."""

from __future__ import annotations

import numpy as np
import pytest

from labeling.people.anchoring import anchoring
from labeling.people.responses import Responses
from labeling.people.standard import unled
from labeling.types import ABSTAIN, Answers
from tests.crowds import Habit, respond


def measured(anchored: float, seed: int, *, saves: float = 0.0, held: float = 0.2, known: bool = False):
    people = [Habit(0.95, anchored=anchored, saves=saves)] * 2
    responses, truth = respond(people, seed, suggested=1.0, each=1, items=800, held=held)
    standard = truth[responses.answers.items] if known else np.full(len(responses), ABSTAIN)
    return anchoring(responses, standard)


@pytest.mark.parametrize("planted", [0.0, 0.3, 0.7])
def test_the_interval_holds_what_was_planted(planted: float) -> None:
    inside = []
    for seed in range(24):
        found = measured(planted, seed).accepted
        # Unaided, .3 of the suggestions are wrong and .05 of the answers are slips, of which half name it.
        unaided = 0.3 * 0.975 + 0.7 * 0.05
        inside.append(found.low <= 0.3 * planted * 0.975 / unaided <= found.high)
    assert np.mean(inside) >= 0.85


def test_planted_anchoring_is_found_and_none_is_not() -> None:
    assert all(measured(0.6, seed).found for seed in range(6))
    assert sum(measured(0.0, seed).found for seed in range(20)) <= 3


def test_wrong_suggestions_are_counted_where_the_class_is_known() -> None:
    found = measured(0.5, 3, known=True)
    low, high = found.wrong_shown.interval()
    assert low <= 0.5 * 1 + 0.5 * 0.025 <= high
    assert found.wrong_withheld.value < 0.15


def test_the_seconds_that_a_suggestion_saves() -> None:
    found = [measured(0.0, seed, saves=6.0).saved for seed in range(20)]
    assert np.mean([e.low <= 6.0 <= e.high for e in found]) >= 0.85
    assert np.mean([e.value for e in found]) == pytest.approx(6.0, abs=0.7)


def test_without_withheld_suggestions_nothing_is_claimed() -> None:
    found = measured(0.7, 0, held=0.0)
    assert not found.found
    assert found.accepted.value is None
    assert "too few were withheld" in found.said
    assert found.to_dict()["accepted"]["value"] is None


def test_it_is_said_in_words() -> None:
    found = measured(0.5, 1, known=True, saves=5.0)
    assert "would not make themselves" in found.said
    assert "known to be wrong" in found.said
    assert "saves" in found.said


def test_what_a_suggestion_led_to_is_no_standard() -> None:
    """Two who saw a wrong suggestion are held against the one who saw none, who is held against nobody."""
    answers = Answers(np.zeros(3, dtype=np.int64), np.arange(3), np.array([1, 1, 0]), 3)
    shown, nothing = np.array([1, 1, ABSTAIN]), np.full(3, ABSTAIN)
    responses = Responses(answers, np.full(3, np.nan), shown, nothing)
    assert unled(responses, np.array([ABSTAIN]), (1, 2)).tolist() == [0, 0, ABSTAIN]
    assert unled(responses, np.array([1]), (1, 2)).tolist() == [1, 1, 1]


def test_second_opinions_show_anchoring() -> None:
    people = [Habit(0.95, anchored=0.8)] * 3
    first, truth = respond(people, 0, suggested=1.0, each=1)
    second, _ = respond(people, 0, each=1, suggested=0.0)
    both = Responses(
        Answers(
            *(
                np.concatenate([getattr(r.answers, n) for r in (first, second)])
                for n in ("items", "people", "labels")
            ),
            3,
        ),
        *(
            np.concatenate([getattr(r, n) for r in (first, second)])
            for n in ("seconds", "suggested", "withheld")
        ),
    )
    standard = unled(both, np.full(len(truth), ABSTAIN), (len(truth), 3))
    assert anchoring(both, standard).wrong_shown.value > 0.5


def test_two_who_see_the_same_suggestion_are_one_item() -> None:
    """Doubled answers tell no more than single ones: the interval stays as wide."""
    once, _ = respond([Habit(0.95, anchored=0.5)], 0, suggested=1.0, each=1, held=0.2)
    a = once.answers
    double = Responses(
        Answers(np.tile(a.items, 2), np.repeat([0, 1], len(a)), np.tile(a.labels, 2), 2),
        *(np.tile(getattr(once, name), 2) for name in ("seconds", "suggested", "withheld")),
    )
    nothing = np.full(len(double), ABSTAIN)
    alone, both = anchoring(once, nothing[: len(a)]), anchoring(double, nothing)
    assert (both.led.low, both.led.high) == pytest.approx((alone.led.low, alone.led.high))
    assert both.saved.items == alone.saved.items

"""Accuracy, confusion and drift of planted people; who is suspected, and who is not."""

from __future__ import annotations

import numpy as np
import pytest

from labeling.people.quality import Quality, confusion, quality
from labeling.people.responses import Responses
from labeling.people.shares import Share, difference
from labeling.people.standard import held_against, said_by_others
from labeling.people.suspicion import Case, favoured, median_of_others, suspicions
from labeling.types import ABSTAIN, Answers
from tests.crowds import Habit, respond

NAMES = ("HAM", "SPAM", "OTHER")
HONEST = [Habit(), Habit(0.85), Habit(0.8)]


def judged(responses: Responses, checks: np.ndarray) -> tuple[list[Quality], np.ndarray]:
    answers, people = responses.answers, range(responses.answers.n_people)
    others = said_by_others(answers, (len(checks), len(NAMES)))
    standard = held_against(answers, checks, others)
    return [quality(responses, j, checks, others, standard, len(NAMES)) for j in people], standard


def suspected(responses: Responses, checks: np.ndarray) -> list[tuple[str, ...]]:
    found, standard = judged(responses, checks)
    seconds = [q.seconds for q in found]
    return [
        suspicions(Case(j, responses, standard, q, NAMES, median_of_others(seconds, j)))
        for j, q in enumerate(found)
    ]


def nothing_known(items: int = 400) -> np.ndarray:
    return np.full(items, ABSTAIN)


def test_on_checks_the_interval_holds_the_truth() -> None:
    inside = []
    for seed in range(20):
        responses, truth = respond(HONEST, seed)
        found, _ = judged(responses, np.where(np.arange(400) < 200, truth, ABSTAIN))
        for q, habit in zip(found, HONEST, strict=True):
            low, high = q.on_checks.interval()
            inside.append(low <= habit.care <= high)
    assert np.mean(inside) >= 0.9


def test_who_answers_better_agrees_more_with_others() -> None:
    responses, _ = respond([Habit(0.95), Habit(0.95), Habit(0.6)], 1)
    found, _ = judged(responses, nothing_known())
    assert found[2].with_others.value < min(found[0].with_others.value, found[1].with_others.value)
    assert found[2].on_checks.value is None


def test_ones_own_answer_is_not_held_against_itself() -> None:
    alone = Answers(np.arange(30), np.zeros(30, dtype=np.int64), np.arange(30) % 3, 1)
    assert (said_by_others(alone, (30, 3)) == ABSTAIN).all()
    two = Answers(np.repeat(np.arange(30), 2), np.tile([0, 1], 30), np.tile([0, 1], 30), 2)
    said = said_by_others(two, (30, 2))
    assert ((said == 1 - two.labels) | (said == ABSTAIN)).all()
    assert len(said_by_others(Answers(*[np.empty(0, dtype=np.int64)] * 3, 0), (0, 2))) == 0


def test_of_two_each_is_held_against_the_other() -> None:
    answers = respond(HONEST, 0)[0].answers
    others = said_by_others(answers, (400, 3))
    places = [np.flatnonzero(answers.items == item) for item in range(400)]
    disputed = [(a, b) for a, b in places if answers.labels[a] != answers.labels[b]]
    held = [others[a] == answers.labels[b] and others[b] == answers.labels[a] for a, b in disputed]
    assert len(disputed) > 50
    assert np.mean(held) > 0.95


def test_a_known_class_goes_before_what_others_say() -> None:
    answers = Answers(np.array([0, 0, 1]), np.array([0, 1, 0]), np.array([1, 1, 0]), 2)
    assert held_against(answers, np.array([0, ABSTAIN]), np.array([1, 1, 2])).tolist() == [0, 0, 2]


def test_confusion_has_the_standard_in_rows() -> None:
    assert confusion(np.array([0, 0, 1]), np.array([0, 1, 1]), 2).tolist() == [[1, 1], [0, 1]]


def test_honest_people_are_not_suspected() -> None:
    told = [said for seed in range(20) for said in suspected(respond(HONEST, seed)[0], nothing_known())]
    assert sum(map(bool, told)) == 0


@pytest.mark.parametrize("each", [2, 3])
def test_a_guesser_is_found(each: int) -> None:
    for seed in range(8):
        told = suspected(respond([*HONEST, Habit(guesses=True)], seed, each=each)[0], nothing_known())
        assert any("hardly depend" in said for said in told[3])
        assert not any(told[:3])


def test_a_first_class_clicker_is_found() -> None:
    for seed in range(8):
        told = suspected(respond([*HONEST, Habit(clicks=0)], seed)[0], nothing_known())
        assert any("HAM, the first class on the page, in 100%" in said for said in told[3])
        assert not any(told[:3])


def test_a_clicker_is_found_without_any_item_in_common() -> None:
    told = suspected(respond([*HONEST, Habit(clicks=1)], 0, each=1)[0], nothing_known())
    assert told[3] == ("names SPAM in 100%, the others in 31%",)
    assert not any(told[:3])


def test_who_accepts_every_suggestion_is_found() -> None:
    people = [*HONEST, Habit(anchored=1.0)]
    for seed in range(6):
        responses, truth = respond(people, seed, suggested=1.0, each=1)
        told = suspected(responses, truth)
        assert any("wrong suggestions" in said for said in told[3])
        assert not any(told[:3])


def test_haste_is_told() -> None:
    told = suspected(respond([*HONEST, Habit(seconds=2.0)], 0)[0], nothing_known())
    assert any("where the others take 1" in said for said in told[3])


def test_few_answers_prove_nothing() -> None:
    told = suspected(
        respond([*HONEST, Habit(guesses=True), Habit(clicks=0)], 0, items=20)[0], nothing_known(20)
    )
    assert not any(told)


def test_who_shares_the_classes_alike_favours_none() -> None:
    assert favoured(np.array([[40, 5], [5, 40]]), ("A", "B")) == []
    assert favoured(np.array([[40, 0], [30, 20]]), ("A", "B")) == [
        "names A, the first class on the page, in 78% where 44% are due"
    ]


def test_differences_are_symmetric_and_wide_without_anything() -> None:
    low, high = difference(Share(9, 10), Share(3, 10))
    assert difference(Share(3, 10), Share(9, 10)) == pytest.approx((-high, -low))
    assert difference(Share(0, 0), Share(9, 10)) == (-1, 1)
    assert str(Share(0, 0)) == "–"
    assert Share(0, 0).to_dict()["value"] is None

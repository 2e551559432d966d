"""Second opinions in a batch: who gives way, who keeps a place, who may be asked again."""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from active import advice
from labeling.pool.opinions import Opinions
from labeling.pool.people import People
from labeling.rounds.repeats import Answered, choose_repeats, hold_out_answers, may_be_asked
from labeling.store import StoredTask, TaskStatus
from labeling.types import Answers, Lane, OpinionScores

DIGESTS = [f"content {i}" for i in range(20)]


@dataclass
class Scored:
    """An advisor whose scores are given."""

    answered: list[float]
    new: list[float]

    def repeats(self, answers: Any, asked: Any, proba: Any) -> OpinionScores:
        assert len(proba) == len(self.new)
        return OpinionScores(np.array(self.answered), np.array(self.new), np.ones(answers.n_people))

    second_opinions = staticmethod(advice.second_opinions)


def project(advisor: Any, share: float = 0.5) -> Any:
    active = SimpleNamespace(second_opinions=share)
    schema = SimpleNamespace(consensus="majority")
    return SimpleNamespace(config=SimpleNamespace(active=active), schema=schema, new_advisor=lambda: advisor)


def answered(rows: list[int], people: list[list[int]], n_people: int = 2) -> Answered:
    items = np.repeat(np.arange(len(rows)), [len(given) for given in people])
    persons = np.array([p for given in people for p in given], dtype=np.int64)
    answers = Answers(items, persons, np.zeros(len(items), dtype=np.int64), n_people)
    names = tuple(f"person {i}" for i in range(n_people))
    return Answered(Opinions(np.array(rows), answers, names), np.full((len(rows), 2), 0.5))


def nobody(*tasks: StoredTask) -> People:
    return People({}, tasks)


def chosen(
    advisor: Scored, given: Answered | None, picks: dict[int, float | None], share: float = 0.5
) -> Any:
    proba = np.full((20, 2), 0.5)
    critical = np.arange(20) == 9
    return choose_repeats(project(advisor, share), nobody(), given, proba, picks, critical, DIGESTS)


PICKS: dict[int, float | None] = {10: None, 11: 0.1, 12: None, 13: None}
GIVEN = answered([1, 2, 3], [[0], [1], [0]])


def test_the_surest_new_items_give_way_to_less_sure_answers() -> None:
    kept, again = chosen(Scored([0.9, 0.2, 0.3], [0.4, 0.8, 0.6]), GIVEN, PICKS)
    assert again == [2, 3]
    assert list(kept) == [10, 11]


def test_what_was_drawn_uniformly_keeps_its_place() -> None:
    kept, again = chosen(Scored([0.1, 0.1, 0.1], [0.9, 0.9, 0.9]), GIVEN, PICKS, share=1.0)
    assert len(again) == 3
    assert kept == {11: 0.1}


def test_critical_items_keep_their_places() -> None:
    kept, again = chosen(Scored([0.1, 0.1, 0.1], [0.9]), GIVEN, {9: None, 10: None}, share=1.0)
    assert (kept, len(again)) == ({9: None}, 1)


@pytest.mark.parametrize(("share", "most"), [(0.0, 0), (0.25, 1), (0.5, 2)])
def test_at_most_the_share_is_asked_again(share: float, most: int) -> None:
    kept, again = chosen(Scored([0.1, 0.1, 0.1], [0.9, 0.9, 0.9]), GIVEN, PICKS, share)
    assert len(again) == most
    assert len(kept) + len(again) == len(PICKS)


def test_without_answers_or_chosen_items_the_picks_stay() -> None:
    assert chosen(Scored([], []), None, PICKS) == (PICKS, [])
    assert chosen(Scored([0.1], []), GIVEN, {5: 0.2}) == ({5: 0.2}, [])


def test_who_answered_is_not_asked_again_nor_what_waits() -> None:
    opinions = answered([1, 2, 3], [[0], [0, 1], [1]]).opinions
    waiting = StoredTask("t", DIGESTS[3], "r", Lane.OVERLAP, 1, 0.5, None, None, None, None, TaskStatus.OPEN)
    assert may_be_asked(nobody(waiting), opinions, DIGESTS).tolist() == [True, False, False]


def test_nobody_is_asked_twice_unless_the_config_has_it() -> None:
    learner: Any = None
    gold: Any = None
    assert hold_out_answers(project(None, 0.0), nobody(), learner, gold, DIGESTS) is None

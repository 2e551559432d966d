"""Simulated people keep the review queue's contract where nobody has to act in person."""

from __future__ import annotations

from dataclasses import replace

import pytest

from labeling.simulation.habits import Habits
from labeling.simulation.people import SimulatedPeople
from labeling.types import Lane, ReviewTask

GOLD = {f"digest {name}": "SPAM" for name in "abcd"}


@pytest.fixture
def people() -> SimulatedPeople:
    return SimulatedPeople(GOLD)


def task(name: str, priority: float = 0.5, suggestion: str | None = "HAM") -> ReviewTask:
    return ReviewTask(
        name, f"digest {name}", f"row {name}", {}, Lane.REVIEW, 1, priority, suggestion=suggestion
    )


def test_an_empty_queue_has_nothing_to_tell(people: SimulatedPeople) -> None:
    assert people.push([]) == []
    pulled = people.pull("")
    assert (pulled.annotations, pulled.present, people.open_ids()) == ((), frozenset(), frozenset())


def test_receipts_stand_in_order_and_a_task_is_never_taken_twice(people: SimulatedPeople) -> None:
    first = people.push([task("b"), task("a")])
    assert [receipt.task_id for receipt in first] == ["b", "a"]
    again = people.push([task("a"), task("c")])
    assert again[0] == first[1]
    assert people.open_ids() == {"a", "b", "c"}


def test_answers_are_gold_told_once_in_order_of_priority(people: SimulatedPeople) -> None:
    people.push([task("c", 0.9), task("a", 0.1), task("unknown", 0.5)])
    pulled = people.pull("")
    told = [(a.task_id, a.label, a.skipped, a.suggestion) for a in pulled.annotations]
    assert told == [("a", "SPAM", False, "HAM"), ("unknown", None, True, "HAM"), ("c", "SPAM", False, "HAM")]
    assert pulled.present == {a.annotation_id for a in pulled.annotations}
    assert people.open_ids() == frozenset()
    after = people.pull(pulled.cursor)
    assert (after.annotations, after.present, after.cursor) == ((), pulled.present, pulled.cursor)
    assert people.pull("").annotations == pulled.annotations
    assert people.push([task("a")])[0].task_id == "a"
    assert people.open_ids() == frozenset(), "an answered task is not asked again"


def test_withdrawing_leaves_answers_and_unknown_tasks_alone(people: SimulatedPeople) -> None:
    people.push([task("a")])
    people.pull("")
    people.push([task("b"), task("c")])
    people.withdraw(["a", "b", "never seen"])
    assert people.open_ids() == {"c"}
    people.push([task("b")])
    assert people.open_ids() == {"b", "c"}


def test_a_new_order_applies_to_open_tasks_alone(people: SimulatedPeople) -> None:
    tasks = [task("a", 0.1), task("b", 0.2)]
    people.push(tasks)
    turned = [replace(t, priority=1 - t.priority, suggestion="SPAM") for t in tasks]
    people.reprioritise("round-2", [*turned, task("never seen")])
    assert [(a.task_id, a.kept) for a in people.pull("").annotations] == [("b", True), ("a", True)]


def test_what_one_person_skips_goes_to_a_second() -> None:
    gold = {f"digest {i}": "SPAM" for i in range(400)}
    people = SimulatedPeople(gold, ["HAM", "SPAM"], Habits(skipping=0.3))
    people.push([task(str(i)) for i in range(400)])
    answers = people.pull("").annotations
    skipped = [a.task_id for a in answers if a.annotator == "simulated 1" and a.skipped]
    assert 80 <= len(skipped) <= 160
    assert [a.task_id for a in answers if a.annotator == "simulated 2"] == skipped
    lost = [a for a in answers if a.annotator == "simulated 2" and a.skipped]
    assert 10 <= len(lost) <= 70
    assert people.open_ids() == frozenset()


def test_an_item_without_gold_is_skipped_by_one_person(people: SimulatedPeople) -> None:
    people.push([task("unknown")])
    assert [a.annotator for a in people.pull("").annotations] == ["simulated 1"]


def test_seeds_make_other_people_and_the_same_seed_the_same() -> None:
    def told(seed: int) -> list[str | None]:
        gold = {f"digest {i}": "SPAM" for i in range(50)}
        people = SimulatedPeople(gold, ["HAM", "SPAM"], Habits(error_rate=0.5), seed)
        people.push([task(str(i)) for i in range(50)])
        return [a.label for a in people.pull("").annotations]

    assert told(1) == told(1)
    assert told(1) != told(2)


def test_answers_take_time(people: SimulatedPeople) -> None:
    people.push([task("a"), task("b")])
    seconds = [a.seconds for a in people.pull("").annotations]
    assert all(s is not None and s > 0 for s in seconds)
    assert seconds[0] != seconds[1]


def test_a_second_opinion_comes_from_somebody_else(people: SimulatedPeople) -> None:
    people.push([task("a")])
    [first] = people.pull("").annotations
    people.push([replace(task("a", suggestion=None), task_id="again", lane=Lane.OVERLAP)])
    [second] = people.pull("1").annotations
    assert (first.annotator, first.task_id, second.task_id) == ("simulated 1", "a", "again")
    assert second.annotator != first.annotator
    assert second.label == first.label == "SPAM"

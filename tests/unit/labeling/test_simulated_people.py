"""Simulated people keep the review queue's contract where nobody has to act in person."""

from __future__ import annotations

from dataclasses import replace

import pytest

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

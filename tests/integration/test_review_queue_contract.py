"""What every review queue keeps to: the fakes and the real Label Studio alike.

A further queue joins by one line in ``SETUPS``.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Protocol

import pytest

from integrations.label_studio.review_queue import LabelStudioQueue
from labeling.types import LabelClass, LabelSchema, Lane, ReviewQueue, ReviewTask
from tests.fakes import FakeQueue
from tests.label_studio_people import LabelStudioPeople

SCHEMA = LabelSchema((LabelClass("HAM", "about the video"), LabelClass("SPAM", "advertises")), "Judge.")


class People(Protocol):
    def next_task(self) -> str: ...
    def answer(
        self, task_id: str, label: str, *, annotator: str = ..., seconds: float | None = ...
    ) -> str: ...
    def skip(self, task_id: str) -> str: ...
    def edit(self, annotation_id: str, label: str) -> None: ...
    def delete(self, annotation_id: str) -> None: ...


Setup = Iterator[tuple[ReviewQueue, People]]


def fake(request: pytest.FixtureRequest) -> Setup:
    queue = FakeQueue(SCHEMA)
    yield queue, queue


def label_studio(request: pytest.FixtureRequest) -> Setup:
    server = request.getfixturevalue("label_studio")
    annotators = request.getfixturevalue("annotators")
    with LabelStudioQueue(server.url, server.token, SCHEMA, project=f"contract-{uuid.uuid4().hex}") as queue:
        people = LabelStudioPeople(server.url, queue.project_id, annotators)
        yield queue, people
        people.close()


SETUPS: dict[str, Callable[[pytest.FixtureRequest], Setup]] = {"fake": fake, "label_studio": label_studio}


@pytest.fixture(params=SETUPS.values(), ids=SETUPS.keys())
def setup(request: pytest.FixtureRequest) -> Setup:
    yield from request.param(request)


@pytest.fixture
def queue(setup: tuple[ReviewQueue, People]) -> ReviewQueue:
    return setup[0]


@pytest.fixture
def people(setup: tuple[ReviewQueue, People]) -> People:
    return setup[1]


def task(
    name: str, priority: float = 0.5, suggestion: str | None = "SPAM", lane: Lane = Lane.REVIEW
) -> ReviewTask:
    return ReviewTask(
        task_id=name,
        digest=f"digest of {name}",
        row_id=f"row of {name}",
        fields={"text": f"text of {name}"},
        lane=lane,
        round=1,
        priority=priority,
        suggestion=suggestion,
    )


def test_an_empty_queue_has_nothing_to_tell(queue: ReviewQueue) -> None:
    pulled = queue.pull("")
    assert (pulled.annotations, pulled.present, queue.open_ids()) == ((), frozenset(), frozenset())
    assert queue.push([]) == []


def test_pushed_tasks_are_open_and_have_receipts_in_order(queue: ReviewQueue) -> None:
    receipts = queue.push([task("b"), task("a"), task("c")])
    assert [receipt.task_id for receipt in receipts] == ["b", "a", "c"]
    assert len({receipt.external_id for receipt in receipts}) == 3
    assert queue.open_ids() == {"a", "b", "c"}


def test_a_task_is_never_sent_twice(queue: ReviewQueue) -> None:
    [first] = queue.push([task("a")])
    again = queue.push([task("b"), task("a"), task("b")])
    assert again[1] == first
    assert again[0] == again[2] != first
    queue.withdraw(["a", "b"])
    assert queue.open_ids() == frozenset()


def test_an_answered_task_is_not_sent_again(queue: ReviewQueue, people: People) -> None:
    [first] = queue.push([task("a")])
    people.answer("a", "HAM")
    assert queue.push([task("a")]) == [first]
    assert queue.open_ids() == frozenset()


def test_an_item_may_be_asked_again_by_a_task_of_its_own(queue: ReviewQueue, people: People) -> None:
    [first] = queue.push([task("a")])
    people.answer("a", "HAM", annotator="ann@example.com")
    again = replace(task("a", suggestion=None, lane=Lane.OVERLAP), task_id="a again")
    [second] = queue.push([again])
    assert second.external_id != first.external_id
    assert queue.open_ids() == {"a again"}
    people.answer("a again", "SPAM", annotator="bob@example.com")
    given = {a.task_id: (a.label, a.annotator) for a in queue.pull("").annotations}
    assert given == {"a": ("HAM", "ann@example.com"), "a again": ("SPAM", "bob@example.com")}


def test_ids_may_hold_any_character(queue: ReviewQueue) -> None:
    odd = ["a,b", 'say "x"', "näh", "a b", "{}", "%", "a&b=c", "#"]
    queue.push([task(name) for name in odd])
    assert queue.open_ids() == set(odd)
    receipts = queue.push([task(name) for name in odd])
    assert len({receipt.external_id for receipt in receipts}) == len(odd)
    assert queue.open_ids() == set(odd)


def test_an_answer_is_told_in_full(queue: ReviewQueue, people: People) -> None:
    queue.push([task("a", suggestion="SPAM"), task("b")])
    annotation_id = people.answer("a", "HAM", seconds=2.5)
    pulled = queue.pull("")
    [answer] = pulled.annotations
    assert answer.annotation_id == annotation_id
    assert (answer.task_id, answer.label, answer.skipped, answer.seconds) == ("a", "HAM", False, 2.5)
    assert (answer.annotator, answer.suggestion, answer.kept) == ("ann@example.com", "SPAM", False)
    assert answer.guideline == SCHEMA.version
    assert answer.updated_at.endswith("Z")
    assert pulled.present == {annotation_id}
    assert queue.open_ids() == {"b"}


def test_a_task_without_suggestion_shows_none(queue: ReviewQueue, people: People) -> None:
    queue.push([task("a", suggestion=None, lane=Lane.AUDIT)])
    people.answer("a", "HAM")
    [answer] = queue.pull("").annotations
    assert (answer.label, answer.suggestion, answer.kept) == ("HAM", None, None)


def test_a_skip_is_no_label_even_though_a_suggestion_was_shown(queue: ReviewQueue, people: People) -> None:
    queue.push([task("a")])
    annotation_id = people.skip("a")
    pulled = queue.pull("")
    [answer] = pulled.annotations
    assert (answer.skipped, answer.label, answer.suggestion, answer.kept) == (True, None, "SPAM", None)
    assert pulled.present == {annotation_id}
    assert queue.open_ids() == frozenset()


def test_an_edit_keeps_the_id_and_is_pulled_again(queue: ReviewQueue, people: People) -> None:
    queue.push([task("a")])
    annotation_id = people.answer("a", "HAM")
    before = queue.pull("")
    people.edit(annotation_id, "SPAM")
    after = queue.pull(before.cursor)
    [answer] = after.annotations
    assert (answer.annotation_id, answer.label) == (annotation_id, "SPAM")
    assert answer.updated_at > before.annotations[0].updated_at
    assert after.present == {annotation_id}


def test_a_skip_can_become_an_answer(queue: ReviewQueue, people: People) -> None:
    queue.push([task("a")])
    annotation_id = people.skip("a")
    people.edit(annotation_id, "HAM")
    [answer] = queue.pull("").annotations
    assert (answer.label, answer.skipped) == ("HAM", False)


def test_a_deleted_answer_is_absent_and_its_task_is_open_again(queue: ReviewQueue, people: People) -> None:
    queue.push([task("a"), task("b")])
    gone, kept = people.answer("a", "HAM"), people.answer("b", "HAM")
    cursor = queue.pull("").cursor
    people.delete(gone)
    pulled = queue.pull(cursor)
    assert pulled.present == {kept}
    assert gone not in {answer.annotation_id for answer in pulled.annotations}
    assert queue.open_ids() == {"a"}


def test_a_deleted_skip_is_absent(queue: ReviewQueue, people: People) -> None:
    queue.push([task("a")])
    annotation_id = people.skip("a")
    assert queue.pull("").present == {annotation_id}
    people.delete(annotation_id)
    assert queue.pull("").present == frozenset()


def test_pulling_along_the_cursor_loses_nothing(queue: ReviewQueue, people: People) -> None:
    names = [f"t{i}" for i in range(6)]
    queue.push([task(name) for name in names])
    seen: dict[str, str | None] = {}
    cursor = ""
    for i, name in enumerate(names):
        people.answer(name, "HAM" if i % 2 else "SPAM")
        pulled = queue.pull(cursor)
        assert pulled.cursor >= cursor
        seen |= {answer.task_id: answer.label for answer in pulled.annotations}
        assert len(pulled.present) == i + 1
        cursor = pulled.cursor
    assert seen == {name: "HAM" if i % 2 else "SPAM" for i, name in enumerate(names)}
    assert queue.pull(cursor).present == queue.pull("").present


def test_two_people_may_answer_the_same_task(queue: ReviewQueue, people: People) -> None:
    queue.push([task("a")])
    people.answer("a", "HAM", annotator="ann@example.com")
    people.answer("a", "SPAM", annotator="bob@example.com")
    pulled = queue.pull("")
    assert {(a.annotator, a.label) for a in pulled.annotations} == {
        ("ann@example.com", "HAM"),
        ("bob@example.com", "SPAM"),
    }
    assert len(pulled.present) == 2


def test_withdrawing_leaves_answers_and_unknown_tasks_alone(queue: ReviewQueue, people: People) -> None:
    queue.push([task("answered"), task("skipped"), task("open"), task("stays")])
    ids = {people.answer("answered", "HAM"), people.skip("skipped")}
    queue.withdraw(["answered", "skipped", "open", "never seen"])
    assert queue.open_ids() == {"stays"}
    assert queue.pull("").present == ids


def test_forgetting_takes_answers_too_and_no_other_task(queue: ReviewQueue, people: People) -> None:
    queue.push([task("answered"), task("skipped"), task("open"), task("stays"), task("said")])
    people.answer("answered", "HAM")
    people.skip("skipped")
    kept = people.answer("said", "SPAM")
    queue.forget(["answered", "skipped", "open", "never seen"])
    pulled = queue.pull("")
    assert (queue.open_ids(), pulled.present) == ({"stays"}, {kept})
    assert [annotation.task_id for annotation in pulled.annotations] == ["said"]
    queue.forget([])
    assert queue.open_ids() == {"stays"}


def test_forgetting_answers_leaves_their_tasks_and_other_answers(queue: ReviewQueue, people: People) -> None:
    queue.push([task("a"), task("b")])
    gone, kept = people.answer("a", "HAM"), people.answer("b", "SPAM")
    queue.forget_answers([gone])
    assert queue.pull("").present == {kept}
    assert queue.open_ids() == {"a"}
    queue.forget_answers([gone])
    assert queue.pull("").present == {kept}


def test_a_withdrawn_task_can_be_sent_anew(queue: ReviewQueue) -> None:
    queue.push([task("a")])
    queue.withdraw({"a"})
    queue.push([task("a")])
    assert queue.open_ids() == {"a"}


def test_the_lowest_priority_comes_first(queue: ReviewQueue, people: People) -> None:
    queue.push([task("c", 0.9), task("a", 0.0), task("b", 0.5, None, Lane.AUDIT)])
    queue.push([task("between", 0.25)])
    order = []
    for _ in range(4):
        order.append(people.next_task())
        people.answer(order[-1], "HAM")
    assert order == ["a", "between", "b", "c"]


def test_new_priorities_and_suggestions_apply_to_open_tasks_alone(queue: ReviewQueue, people: People) -> None:
    tasks = [task("a", 0.1), task("b", 0.2), task("c", 0.3)]
    queue.push(tasks)
    people.answer("a", "HAM")
    turned = [replace(t, priority=1 - t.priority, suggestion="HAM") for t in tasks]
    queue.reprioritise("round-2", [*turned, task("never seen")])
    assert people.next_task() == "c"
    people.answer("c", "HAM")
    people.answer("b", "SPAM")
    shown = {answer.task_id: answer.suggestion for answer in queue.pull("").annotations}
    assert shown == {"a": "SPAM", "b": "HAM", "c": "HAM"}


def test_reprioritising_twice_under_one_name_is_harmless(queue: ReviewQueue, people: People) -> None:
    queue.push([task("a", 0.1), task("b", 0.2)])
    queue.reprioritise("round-2", [task("a", 0.4), task("b", 0.3)])
    queue.reprioritise("round-2", [task("a", 0.3), task("b", 0.4)])
    assert people.next_task() == "a"


def test_tasks_sent_after_a_new_order_take_their_place_in_it(queue: ReviewQueue, people: People) -> None:
    queue.push([task("a", 0.1), task("b", 0.6)])
    queue.reprioritise("round-2", [task("a", 0.7), task("b", 0.6)])
    queue.push([task("c", 0.5), task("d", 0.65)])
    order = []
    for _ in range(4):
        order.append(people.next_task())
        people.answer(order[-1], "HAM")
    assert order == ["c", "b", "d", "a"]


def test_reprioritising_nothing_keeps_the_order(queue: ReviewQueue, people: People) -> None:
    queue.push([task("b", 0.2), task("a", 0.1)])
    queue.reprioritise("round-2", [])
    queue.reprioritise("round-3", [task("never seen")])
    assert people.next_task() == "a"

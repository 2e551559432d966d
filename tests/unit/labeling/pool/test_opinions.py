"""Who answered what: the last answer of each person, and never an auditor's."""

from __future__ import annotations

from labeling.gold import gold_labels
from labeling.pool.opinions import read_opinions
from labeling.pool.people import People
from labeling.store import StoredTask, TaskStatus
from labeling.types import Annotation, LabelClass, LabelSchema, Lane

SCHEMA = LabelSchema((LabelClass("HAM"), LabelClass("SPAM")))


def said(
    item: str, person: str, label: str | None, at: int = 0, task: str | None = None
) -> tuple[str, Annotation]:
    number = f"{task or item}-{person}-{at}"
    time = f"2026-01-01T00:00:{at:02}Z"
    return item, Annotation(number, task or item, person, label, label is None, 5.0, None, "v1", time)


def asked(item: str, lane: Lane, task: str | None = None) -> StoredTask:
    return StoredTask(
        task or item, item, f"row {item}", lane, 1, 0.5, None, None, None, None, TaskStatus.OPEN
    )


def people_of(tasks: list[StoredTask], given: list[tuple[str, Annotation]]) -> People:
    lanes = {t.task_id: t.lane for t in tasks}
    return People(gold_labels(given, lanes, SCHEMA), tuple(tasks), 5.0, tuple(given))


TASKS = [
    asked("a", Lane.REVIEW),
    asked("a", Lane.OVERLAP, "a again"),
    asked("b", Lane.REVIEW),
    asked("audited", Lane.AUDIT),
    asked("skipped", Lane.REVIEW),
]
GIVEN = [
    said("a", "bob", "SPAM"),
    said("a", "ann", "HAM", task="a again"),
    said("b", "ann", "HAM", at=2),
    said("b", "ann", "SPAM", at=1),
    said("audited", "eve", "SPAM"),
    said("skipped", "ann", None),
    said("gone", "zoe", "HAM"),
]


def test_answers_come_as_arrays_in_the_order_of_the_pool() -> None:
    people = people_of([*TASKS, asked("gone", Lane.REVIEW)], GIVEN)
    found = read_opinions(people, ["x", "b", "audited", "skipped", "a"], SCHEMA)
    assert found.rows.tolist() == [1, 4]
    assert found.annotators == ("ann", "bob"), "neither the auditor nor who answered what is gone"
    told = found.answers
    columns = (told.items.tolist(), told.people.tolist(), told.labels.tolist())
    assert list(zip(*columns, strict=True)) == [(0, 0, 0), (1, 0, 0), (1, 1, 1)]


def test_nobody_answered_yet() -> None:
    found = read_opinions(people_of(TASKS, []), ["a", "b"], SCHEMA)
    assert (len(found.rows), len(found.answers), found.annotators) == (0, 0, ())


def test_a_second_opinion_waits_until_somebody_gives_it() -> None:
    before = people_of(TASKS, [said("a", "bob", "SPAM")])
    assert [t.task_id for t in before.open_repeats] == ["a again"]
    assert before.task_of["a"].lane == Lane.REVIEW
    assert [t.task_id for t in before.open_review] == ["b", "skipped"]
    after = people_of(TASKS, [said("a", "bob", "SPAM"), said("a", "ann", "HAM", task="a again")])
    assert after.open_repeats == ()
    assert after.gold["a"].label is None
    assert after.picked == {"a", "b", "skipped"}

from __future__ import annotations

from dataclasses import replace

import numpy as np

from labeling.store import Store, StoredTask, TaskStatus, tasks
from labeling.types import Lane, Receipt, ReviewTask

TASK = ReviewTask("task 1", "digest 1", "row 1", {"text": "hello"}, Lane.AUDIT, 3, 0.25, 0.5, "HAM", 0.75)
OTHER = replace(TASK, task_id="task 2", lane=Lane.REVIEW, inclusion=None, suggestion=None, confidence=None)


def test_a_task_comes_back_without_what_people_see(store: Store) -> None:
    with store.write() as tx:
        assert tasks.intend(tx, [TASK, OTHER]) == 2
        first, second = tasks.intended(tx)
    status = TaskStatus.INTENDED
    assert first == StoredTask(
        "task 1", "digest 1", "row 1", Lane.AUDIT, 3, 0.25, 0.5, "HAM", 0.75, None, status
    )
    assert (second.task_id, second.inclusion, second.suggestion, second.confidence) == (
        "task 2",
        None,
        None,
        None,
    )
    assert isinstance(first.lane, Lane)
    assert isinstance(first.status, TaskStatus)


def test_a_task_intended_twice_is_stored_once_as_it_was(store: Store) -> None:
    with store.write() as tx:
        assert tasks.intend(tx, [TASK, TASK]) == 1
        assert tasks.intend(tx, [replace(TASK, priority=0.9), OTHER]) == 1
        assert [(task.task_id, task.priority) for task in tasks.all_tasks(tx)] == [
            ("task 1", 0.25),
            ("task 2", 0.25),
        ]


def test_why_a_class_is_suggested_is_kept_and_renewed(store: Store) -> None:
    with store.write() as tx:
        tasks.intend(tx, [replace(TASK, why="HAM: links")])
        tasks.rescore(tx, [replace(TASK, priority=0.5, why="HAM: links, words")])
        tasks.rescore(tx, [replace(OTHER, why="not there")])
        assert [(task.priority, task.why) for task in tasks.all_tasks(tx)] == [(0.5, "HAM: links, words")]
        tasks.rescore(tx, [TASK])
        assert tasks.all_tasks(tx)[0].why is None


def test_receipts_open_what_was_intended(store: Store) -> None:
    with store.write() as tx:
        tasks.intend(tx, [TASK, OTHER])
        tasks.pushed(tx, [Receipt("task 2", "77"), Receipt("unheard of", "78")])
        assert [task.task_id for task in tasks.intended(tx)] == ["task 1"]
        assert [(task.task_id, task.external_id) for task in tasks.open_tasks(tx)] == [("task 2", "77")]
        assert len(tasks.all_tasks(tx)) == 2


def test_a_late_receipt_does_not_open_a_withdrawn_task(store: Store) -> None:
    with store.write() as tx:
        tasks.intend(tx, [TASK])
        tasks.withdrawn(tx, {"task 1", "unheard of"})
        tasks.pushed(tx, [Receipt("task 1", "77")])
        assert tasks.open_tasks(tx) == tasks.intended(tx) == []
        assert tasks.all_tasks(tx)[0].external_id == "77"


def test_a_withdrawn_task_can_be_intended_anew(store: Store) -> None:
    with store.write() as tx:
        tasks.intend(tx, [TASK])
        tasks.pushed(tx, [Receipt("task 1", "77")])
        tasks.withdrawn(tx, ["task 1"])
        assert tasks.intend(tx, [replace(TASK, round=4)]) == 1
        (task,) = tasks.intended(tx)
    assert (task.round, task.external_id) == (4, None)


def test_lanes_change_for_the_named_tasks_alone(store: Store) -> None:
    with store.write() as tx:
        tasks.intend(tx, [TASK, replace(TASK, task_id="task 3")])
        tasks.set_lane(tx, ["task 1"], Lane.REVIEW)
        tasks.set_lane(tx, [], Lane.REVIEW)
        assert [task.lane for task in tasks.all_tasks(tx)] == [Lane.REVIEW, Lane.AUDIT]


def test_a_retired_audit_task_is_review_with_the_chance_of_its_draw(store: Store) -> None:
    with store.write() as tx:
        tasks.intend(tx, [TASK, replace(TASK, task_id="task 3")])
        tasks.retire(tx, ["task 1"], 0.25)
        found = [(task.lane, task.inclusion) for task in tasks.all_tasks(tx)]
        tasks.retire(tx, ["task 1", "task 3"], None)
        after = [(task.lane, task.inclusion) for task in tasks.all_tasks(tx)]
    assert found == [(Lane.REVIEW, 0.25), (Lane.AUDIT, TASK.inclusion)]
    assert after == [(Lane.REVIEW, None), (Lane.REVIEW, None)]


def test_numbers_out_of_arrays_stay_numbers(store: Store) -> None:
    drawn = replace(
        TASK,
        round=np.int64(3),
        priority=np.float32(0.25),
        inclusion=np.float32(0.5),
        confidence=np.float32(1),
    )
    with store.write() as tx:
        tasks.intend(tx, [drawn])
        (task,) = tasks.all_tasks(tx)
    assert (task.round, task.priority, task.inclusion, task.confidence) == (3, 0.25, 0.5, 1.0)

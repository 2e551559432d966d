"""Review tasks from the intention to send them until they are withdrawn."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, bindparam, case, func, insert, select, true, update

from labeling.store.schema import tasks
from labeling.types import Lane, Receipt, ReviewTask


class TaskStatus(StrEnum):
    """Whether the queue has the task: perhaps, yes, no more."""

    INTENDED = "intended"
    OPEN = "open"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class StoredTask:
    """A review task without what is shown to people, which comes from its item.

    ``external_id`` is the queue's own id, None until its receipt came. ``OPEN`` says that the queue has
    it, answered or not.
    """

    task_id: str
    digest: str
    row_id: str
    lane: Lane
    round: int
    priority: float
    inclusion: float | None
    suggestion: str | None
    confidence: float | None
    external_id: str | None
    status: TaskStatus
    why: str | None = None


def intend(tx: Connection, new: Iterable[ReviewTask]) -> int:
    """Write tasks down before they are sent; give how many were not there.

    One that is there stays as it is; one that was withdrawn is intended anew, with its new values.
    """
    states = tx.execute(select(tasks.c.task_id, tasks.c.status))
    present = {state.task_id: state.status for state in states}
    rows = {task.task_id: _values(task) for task in new}
    missing = [row for task_id, row in rows.items() if task_id not in present]
    again = {task_id: row for task_id, row in rows.items() if present.get(task_id) == TaskStatus.WITHDRAWN}
    if missing:
        tx.execute(insert(tasks), missing)
    _update(tx, again)
    return len(missing) + len(again)


def pushed(tx: Connection, receipts: Iterable[Receipt]) -> None:
    """Keep the queue's ids; what was intended is open now."""
    opened = case((tasks.c.status == TaskStatus.INTENDED, TaskStatus.OPEN), else_=tasks.c.status)
    _update(tx, {r.task_id: {"external_id": r.external_id} for r in receipts}, status=opened)


def withdrawn(tx: Connection, task_ids: Collection[str]) -> None:
    """Say that the queue has these no more."""
    _update(tx, {task_id: {} for task_id in task_ids}, status=TaskStatus.WITHDRAWN)


def set_lane(tx: Connection, task_ids: Collection[str], lane: Lane) -> None:
    """Move tasks to another lane, such as an audit item that selection picked."""
    _update(tx, {task_id: {} for task_id in task_ids}, lane=lane)


def retire(tx: Connection, task_ids: Collection[str], inclusion: float | None) -> None:
    """Move audit tasks to review, with the probability with which their items were drawn, if uniformly."""
    _update(tx, {task_id: {} for task_id in task_ids}, lane=Lane.REVIEW, inclusion=inclusion)


def rescore(tx: Connection, changed: Iterable[ReviewTask]) -> None:
    """Give tasks that are there new priorities and suggestions."""
    keys = ("priority", "suggestion", "confidence", "why")
    _update(tx, {task.task_id: {key: _values(task)[key] for key in keys} for task in changed})


def intended(tx: Connection) -> list[StoredTask]:
    """List the tasks of which nobody knows yet whether the queue has them, by id."""
    return _list(tx, tasks.c.status == TaskStatus.INTENDED)


def open_tasks(tx: Connection) -> list[StoredTask]:
    """List the tasks that the queue has, answered or not, by id."""
    return _list(tx, tasks.c.status == TaskStatus.OPEN)


def all_tasks(tx: Connection) -> list[StoredTask]:
    """List all tasks, by id."""
    return _list(tx, true())


def counts(tx: Connection) -> list[tuple[str, str, int]]:
    """Count the tasks of each lane and status, as (lane, status, number)."""
    columns = (tasks.c.lane, tasks.c.status)
    rows = tx.execute(select(*columns, func.count()).group_by(*columns).order_by(*columns))
    return [(str(lane), str(status), int(number)) for lane, status, number in rows]


def _values(task: ReviewTask) -> dict[str, Any]:
    return {
        "task_id": task.task_id,
        "digest": task.digest,
        "row_id": task.row_id,
        "lane": task.lane,
        # One out of an array would be stored as bytes by SQLite.
        "round": int(task.round),
        "priority": task.priority,
        "inclusion": task.inclusion,
        "suggestion": task.suggestion,
        "confidence": task.confidence,
        "external_id": None,
        "status": TaskStatus.INTENDED,
        "why": task.why,
    }


def _update(tx: Connection, rows: Mapping[str, Mapping[str, Any]], **fixed: Any) -> None:
    if rows:
        statement = update(tasks).where(tasks.c.task_id == bindparam("key")).values(**fixed)
        tx.execute(statement, [{"key": task_id, **row} for task_id, row in rows.items()])


def _list(tx: Connection, condition: ColumnElement[bool]) -> list[StoredTask]:
    rows = tx.execute(select(tasks).where(condition).order_by(tasks.c.task_id))
    return [_stored(row) for row in rows]


def _stored(row: Row[Any]) -> StoredTask:
    values = dict(row._mapping)
    return StoredTask(**values | {"lane": Lane(row.lane), "status": TaskStatus(row.status)})

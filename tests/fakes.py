"""Stand-ins behind the engine's ports; each passes the contract suite of the real thing."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count

from labeling.types import Annotation, LabelSchema, Pull, Receipt, ReviewTask

BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)


class FakeQueue:
    """A review queue in memory, with the verbs of the people in front of it."""

    def __init__(self, schema: LabelSchema) -> None:
        self.schema = schema
        self.tasks: dict[str, ReviewTask] = {}
        self.annotations: dict[str, Annotation] = {}
        self._receipts: dict[str, Receipt] = {}
        self._ids = count(1)
        self._ticks = count(1)

    def push(self, tasks: Sequence[ReviewTask]) -> Sequence[Receipt]:
        for task in tasks:
            if task.task_id not in self.tasks:
                self.tasks[task.task_id] = task
                self._receipts[task.task_id] = Receipt(task.task_id, str(next(self._ids)))
        return [self._receipts[task.task_id] for task in tasks]

    def withdraw(self, task_ids: Collection[str]) -> None:
        for task_id in self.open_ids() & frozenset(task_ids):
            del self.tasks[task_id]

    def reprioritise(self, version: str, tasks: Sequence[ReviewTask]) -> None:
        labelled = {a.task_id for a in self.annotations.values() if not a.skipped}
        known = self.tasks.keys() - labelled
        self.tasks |= {task.task_id: task for task in tasks if task.task_id in known}

    def pull(self, cursor: str) -> Pull:
        new = tuple(a for a in self.annotations.values() if a.updated_at > cursor)
        return Pull(new, frozenset(self.annotations), max([cursor, *(a.updated_at for a in new)]))

    def open_ids(self) -> frozenset[str]:
        return frozenset(self.tasks) - {a.task_id for a in self.annotations.values()}

    def next_task(self) -> str:
        return min(self.open_ids(), key=lambda task_id: self.tasks[task_id].priority)

    def answer(
        self,
        task_id: str,
        label: str | None,
        *,
        annotator: str = "ann@example.com",
        seconds: float | None = None,
    ) -> str:
        annotation_id = str(next(self._ids))
        self.annotations[annotation_id] = Annotation(
            annotation_id=annotation_id,
            task_id=task_id,
            annotator=annotator,
            label=label,
            skipped=label is None,
            seconds=seconds,
            suggestion=self.tasks[task_id].suggestion,
            guideline=self.schema.version,
            updated_at=self._now(),
        )
        return annotation_id

    def skip(self, task_id: str) -> str:
        return self.answer(task_id, None)

    def edit(self, annotation_id: str, label: str) -> None:
        before = self.annotations[annotation_id]
        self.annotations[annotation_id] = replace(before, label=label, skipped=False, updated_at=self._now())

    def delete(self, annotation_id: str) -> None:
        del self.annotations[annotation_id]

    def _now(self) -> str:
        return (BEGINNING + timedelta(seconds=next(self._ticks))).strftime("%Y-%m-%dT%H:%M:%S.%fZ")

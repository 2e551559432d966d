"""People who are simulated: a review queue that answers every task from gold."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from labeling.types import Annotation, Pull, Receipt, ReviewTask

BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)


class SimulatedPeople:
    """The ``ReviewQueue`` port for simulations: an answer to each task is there at the next pull.

    Parameters
    ----------
    gold : mapping of content digest to class name
        An item without gold is skipped.
    """

    def __init__(self, gold: Mapping[str, str]) -> None:
        self._gold = gold
        self._tasks: dict[str, ReviewTask] = {}
        self._answers: list[Annotation] = []

    def push(self, tasks: Sequence[ReviewTask]) -> Sequence[Receipt]:
        """Take tasks; one that is there already only gets its receipt."""
        for task in tasks:
            self._tasks.setdefault(task.task_id, task)
        return [Receipt(task.task_id, task.task_id) for task in tasks]

    def withdraw(self, task_ids: Collection[str]) -> None:
        """Take unanswered tasks back."""
        for task_id in self.open_ids() & set(task_ids):
            del self._tasks[task_id]

    def reprioritise(self, version: str, tasks: Sequence[ReviewTask]) -> None:
        """Give open tasks new priorities and suggestions."""
        waiting = self.open_ids()
        self._tasks |= {task.task_id: task for task in tasks if task.task_id in waiting}

    def pull(self, cursor: str) -> Pull:
        """Answer what is open, in order of priority, and give all answers since the cursor."""
        for task in sorted((self._tasks[i] for i in self.open_ids()), key=lambda t: t.priority):
            self._answers.append(self._answer(task))
        since = int(cursor or 0)
        present = frozenset(a.annotation_id for a in self._answers)
        return Pull(tuple(self._answers[since:]), present, str(len(self._answers)))

    def open_ids(self) -> frozenset[str]:
        """Give the ids of unanswered tasks."""
        return frozenset(self._tasks) - {a.task_id for a in self._answers}

    def _answer(self, task: ReviewTask) -> Annotation:
        label = self._gold.get(task.digest)
        number = len(self._answers) + 1
        return Annotation(
            annotation_id=str(number),
            task_id=task.task_id,
            annotator="simulated",
            label=label,
            skipped=label is None,
            seconds=None,
            suggestion=task.suggestion,
            guideline="",
            updated_at=(BEGINNING + timedelta(seconds=number)).isoformat(),
        )

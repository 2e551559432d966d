"""People who are simulated: a review queue that answers every task from gold, as people of some habits do."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from labeling.simulation.habits import PERFECT, Habits, Person
from labeling.types import AGAIN, Annotation, Pull, Receipt, ReviewTask

BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)
PEOPLE = 2
"""Whom a task reaches at most: what the first person skips goes to a second."""


class SimulatedPeople:
    """The ``ReviewQueue`` port for simulations: an answer to each task is there at the next pull.

    Parameters
    ----------
    gold : mapping of content digest to class name
        An item without gold is skipped by everybody.
    names : sequence of str, length k
        All classes; those of ``gold`` if left out.
    habits : Habits
    seed : int
    """

    def __init__(
        self,
        gold: Mapping[str, str],
        names: Sequence[str] = (),
        habits: Habits = PERFECT,
        seed: int = 0,
    ) -> None:
        self._gold = gold
        classes = tuple(names) or tuple(sorted(set(gold.values())))
        self._people = [Person.of(habits, classes, seed, number) for number in range(1, PEOPLE + 1)]
        self._tasks: dict[str, ReviewTask] = {}
        self._answered: set[str] = set()
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
        waiting = self.open_ids()
        opened = [task for task_id, task in self._tasks.items() if task_id in waiting]
        for task in sorted(opened, key=lambda t: t.priority):
            self._answer(task)
        since = int(cursor or 0)
        present = frozenset(a.annotation_id for a in self._answers)
        return Pull(tuple(self._answers[since:]), present, str(len(self._answers)))

    def open_ids(self) -> frozenset[str]:
        """Give the ids of tasks that nobody saw yet."""
        return frozenset(self._tasks.keys() - self._answered)

    def _answer(self, task: ReviewTask) -> None:
        self._answered.add(task.task_id)
        for person in self._people[task.lane in AGAIN :]:
            label, seconds = person.answer(task.digest, self._gold.get(task.digest), task.suggestion)
            self._answers.append(self._annotation(task, person, label, seconds))
            if label is not None or task.digest not in self._gold:
                return

    def _annotation(self, task: ReviewTask, person: Person, label: str | None, seconds: float) -> Annotation:
        number = len(self._answers) + 1
        return Annotation(
            annotation_id=str(number),
            task_id=task.task_id,
            annotator=f"simulated {person.number}",
            label=label,
            skipped=label is None,
            seconds=seconds,
            suggestion=task.suggestion,
            guideline="",
            updated_at=(BEGINNING + timedelta(seconds=number)).isoformat(),
        )

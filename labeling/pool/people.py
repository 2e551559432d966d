"""What people were asked and what they answered, as state knows it now."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt
import sqlalchemy as sa

from labeling.gold import GoldLabel, gold_array, gold_labels
from labeling.pool import Pool, seed_gold
from labeling.project import Project
from labeling.store import StoredTask, TaskStatus, tasks
from labeling.store import annotations as answers
from labeling.types import ABSTAIN, Bools, LabelSchema, Lane, PoolGold, digest_of


@dataclass(frozen=True)
class People:
    """Answers and tasks by content digest.

    Attributes
    ----------
    gold : mapping of content digest to GoldLabel
        Of every item that somebody answered or skipped.
    tasks : tuple of StoredTask
        All that were ever intended.
    median_seconds : float or None
        What an answer takes, None before the first.
    """

    gold: Mapping[str, GoldLabel] = field(repr=False)
    tasks: tuple[StoredTask, ...] = field(repr=False)
    median_seconds: float | None = None

    @cached_property
    def task_of(self) -> Mapping[str, StoredTask]:
        """The task of each item that is in the queue or on its way, by content digest."""
        return {t.digest: t for t in self.tasks if t.status != TaskStatus.WITHDRAWN}

    @cached_property
    def picked(self) -> frozenset[str]:
        """Items that selection ever picked for review: neither machine-labelled nor audited any more."""
        return frozenset(t.digest for t in self.tasks if t.lane == Lane.REVIEW)

    @cached_property
    def open_review(self) -> tuple[StoredTask, ...]:
        """Review tasks that wait for an answer."""
        return tuple(t for t in self.task_of.values() if t.lane == Lane.REVIEW and t.digest not in self.gold)

    @cached_property
    def open_audit(self) -> tuple[StoredTask, ...]:
        """Audit tasks that wait for an answer."""
        return tuple(t for t in self.task_of.values() if t.lane == Lane.AUDIT and t.digest not in self.gold)

    def labels(self, digests: Iterable[str], schema: LabelSchema, lane: Lane) -> npt.NDArray[np.int8]:
        """Class indices of one lane's gold, shape (n,); -1 where there is none."""
        return gold_array(self.gold, list(digests), schema, lane)

    def is_picked(self, digests: Iterable[str]) -> Bools:
        """Mask, shape (n,): items that selection picked."""
        return np.fromiter((d in self.picked for d in digests), dtype=bool)

    def review_digest(self) -> str:
        """Digest of the review lane's answers, skips included: what a round may learn from."""
        given = [(g.digest, g.label) for g in self.gold.values() if g.lane == Lane.REVIEW]
        return digest_of(sorted(given, key=lambda pair: pair[0]))

    def audited_digest(self) -> str:
        """Digest of which contents the auditors answered or skipped, without what they said."""
        return digest_of(sorted(g.digest for g in self.gold.values() if g.lane == Lane.AUDIT))


def training_gold(project: Project, pool: Pool, people: People) -> npt.NDArray[np.int8]:
    """Labels that models may see, shape (n,), -1 without: review answers, then known ones; no audit."""
    answered = people.labels(pool.items.digests, project.schema, Lane.REVIEW)
    return np.where(answered != ABSTAIN, answered, seed_gold(project, pool))


def pool_gold(project: Project, pool: Pool, people: People) -> PoolGold:
    """Labels that models may see, with which of them were drawn; known ones count as drawn."""
    labels = training_gold(project, pool, people)
    drawn = {t.digest for t in people.tasks if t.lane == Lane.REVIEW and t.inclusion is not None}
    chosen = people.is_picked(pool.items.digests) & ~np.isin(pool.items.digests, list(drawn))
    return PoolGold(labels, (labels != ABSTAIN) & ~chosen)


def read_people(tx: sa.Connection, schema: LabelSchema) -> People:
    """Read answers and tasks."""
    asked = tuple(tasks.all_tasks(tx))
    lanes = {t.task_id: t.lane for t in asked}
    given = [(a.digest, a.annotation) for a in answers.current(tx)]
    seconds = [a.seconds for _, a in given if a.seconds is not None and not a.skipped]
    gold = gold_labels(given, lanes, schema)
    return People(gold, asked, statistics.median(seconds) if seconds else None)

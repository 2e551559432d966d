"""What people were asked and what they answered, as state knows it now."""

from __future__ import annotations

import statistics
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt
import sqlalchemy as sa

from labeling.gold import GoldLabel, gold_array, gold_labels
from labeling.pool.consensus import settle
from labeling.store import StoredTask, TaskStatus, model_opinions, tasks
from labeling.store import annotations as answers
from labeling.types import AGAIN, BLIND, Annotation, Bools, LabelSchema, Lane, among, digest_of


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
    given : tuple of (content digest, Annotation)
        All present answers and skips.
    second : tuple of (content digest, Annotation)
        Those of the second person whom a text of the audit was put before: no gold.
    """

    gold: Mapping[str, GoldLabel] = field(repr=False)
    tasks: tuple[StoredTask, ...] = field(repr=False)
    median_seconds: float | None = None
    given: tuple[tuple[str, Annotation], ...] = field(default=(), repr=False)
    second: tuple[tuple[str, Annotation], ...] = field(default=(), repr=False)

    @cached_property
    def task_of(self) -> Mapping[str, StoredTask]:
        """The first task of each item that is in the queue or on its way, by content digest."""
        asked = (t for t in self.tasks if t.lane not in AGAIN)
        return {t.digest: t for t in asked if t.status != TaskStatus.WITHDRAWN}

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
        """Blind tasks that wait for an answer: of the audit, and of the watch over accepted labels."""
        return tuple(t for t in self.task_of.values() if t.lane in BLIND and t.digest not in self.gold)

    @cached_property
    def open_repeats(self) -> tuple[StoredTask, ...]:
        """Tasks for second opinions that wait for one."""
        return self._open(Lane.OVERLAP)

    @cached_property
    def annotators(self) -> frozenset[str]:
        """Who answered or skipped anything."""
        return frozenset(annotation.annotator for _, annotation in (*self.given, *self.second))

    @cached_property
    def open_doubles(self) -> tuple[StoredTask, ...]:
        """Tasks about texts of the audit that wait for a second person."""
        return self._open(Lane.DOUBLE)

    def _open(self, lane: Lane) -> tuple[StoredTask, ...]:
        done = {annotation.task_id for _, annotation in (*self.given, *self.second)}
        asked = (t for t in self.tasks if t.lane == lane and t.status != TaskStatus.WITHDRAWN)
        return tuple(t for t in asked if t.task_id not in done)

    def labels(self, digests: Iterable[str], schema: LabelSchema, lane: Lane) -> npt.NDArray[np.int8]:
        """Class indices of one lane's gold, shape (n,); -1 where there is none."""
        return gold_array(self.gold, list(digests), schema, lane)

    def is_picked(self, digests: Collection[str]) -> Bools:
        """Mask, shape (n,): items that selection picked."""
        return among(digests, self.picked)

    def review_digest(self) -> str:
        """Digest of the review lane's answers, skips included: what a round may learn from."""
        given = [(g.digest, g.label, g.sure) for g in self.gold.values() if g.lane == Lane.REVIEW]
        return digest_of(sorted(given, key=lambda answer: answer[0]))

    def audited_digest(self) -> str:
        """Digest of which contents the auditors answered or skipped, without what they said."""
        return digest_of(sorted(g.digest for g in self.gold.values() if g.lane == Lane.AUDIT))


def read_people(tx: sa.Connection, schema: LabelSchema) -> People:
    """Read answers and tasks."""
    asked = tuple(tasks.all_tasks(tx))
    lanes = {t.task_id: t.lane for t in asked}
    told = [(a.digest, a.annotation) for a in answers.current(tx)]
    seconds = [a.seconds for _, a in told if a.seconds is not None and not a.skipped]
    given = tuple(pair for pair in told if lanes.get(pair[1].task_id) != Lane.DOUBLE)
    second = tuple(pair for pair in told if lanes.get(pair[1].task_id) == Lane.DOUBLE)
    gold = settle(gold_labels(given, lanes, schema), schema, model_opinions.read(tx))
    return People(gold, asked, statistics.median(seconds) if seconds else None, given, second)

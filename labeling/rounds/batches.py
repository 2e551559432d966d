"""Which items a round sends to people, and in what order they see them."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

import numpy as np

from labeling.items import Items
from labeling.pool.people import People
from labeling.scoring import Scores
from labeling.types import Bools, Floats, Ints, LabelSchema, Lane, Learner, ReviewTask, digest_of

AUDITS_PER_REVIEW = 0.5


@dataclass(frozen=True)
class Batch:
    """What a round adds to the queue.

    Attributes
    ----------
    tasks : tuple of ReviewTask
        New ones, both lanes.
    moved : tuple of str
        Ids of audit tasks whose items selection picked: they count as review from now on.
    rescored : tuple of ReviewTask
        Review tasks that were open before, with their new priorities and suggestions.
    """

    tasks: tuple[ReviewTask, ...] = field(repr=False)
    moved: tuple[str, ...]
    rescored: tuple[ReviewTask, ...] = field(repr=False)

    @property
    def picked(self) -> frozenset[str]:
        """Contents that selection picked in this round."""
        fresh = {t.digest for t in self.tasks if t.lane == Lane.REVIEW}
        return frozenset(fresh | {t.digest for t in self.rescored if t.task_id in self.moved})


def new_sizes(batch: int, open_review: int, audit_left: int) -> tuple[int, int]:
    """Give how many review and audit tasks to add: review up to ``batch``, an audit task for every two.

    Examples
    --------
    >>> new_sizes(50, 0, 150)
    (50, 25)
    >>> new_sizes(50, 44, 2)
    (6, 2)
    """
    review = max(0, batch - open_review)
    return review, min(audit_left, math.ceil(review * AUDITS_PER_REVIEW))


def suggestion_of(proba: Floats, schema: LabelSchema) -> tuple[str | None, float]:
    """Give the most probable class, shape (k,) in, with its probability; no class where all are alike."""
    best = int(proba.argmax())
    certain = float(proba[best])
    return (schema.names[best] if certain > 1.05 / len(schema) else None), certain


def ranks(margins: Floats) -> Floats:
    """Give priorities in [0, 1) by place: the smallest margin, the most informative, gets 0."""
    places = np.empty(len(margins))
    places[np.argsort(margins, kind="stable")] = np.arange(len(margins)) / max(len(margins), 1)
    return places


def random_priority(salt: str, digest: str) -> float:
    """Give an audit task its place in the queue, in [0, 1), from a keyed hash: never from a score."""
    return int(digest_of("place", salt, digest)[:8], 16) / 2**32


def choose_batch(
    *,
    learner: Learner,
    items: Items,
    scores: Scores,
    people: People,
    seeded: Bools,
    audit_order: Ints,
    sizes: tuple[int, int],
    salt: str,
    round_number: int,
    schema: LabelSchema,
) -> Batch:
    """Choose what to ask next: selection ranks all items alike, whether or not they belong to the audit.

    Parameters
    ----------
    seeded : mask, shape (n,)
        Items with a known label that need no person.
    audit_order : array of int
        Audit items without a task, in the random order of their hashes.
    sizes : pair of int
        How many review and audit tasks to add.
    salt : str
        Of the audit frame.
    """
    candidates = np.flatnonzero(~people.is_picked(items.digests) & ~seeded)
    selection = learner.query(sizes[0], candidates)
    chosen = selection.indices.tolist()
    inclusion = dict.fromkeys(selection.indices[selection.uniform].tolist(), selection.inclusion)
    row_of = {digest: i for i, digest in enumerate(items.digests)}
    present = {row_of[t.digest]: t for t in people.open_review if t.digest in row_of}
    moved = {i: people.task_of[items.digests[i]] for i in chosen if items.digests[i] in people.task_of}
    review = [*present, *chosen]
    place = dict(zip(review, ranks(scores.margin[review]), strict=True))
    maker = _TaskMaker(items, scores, schema, round_number)
    new = [maker.make(i, Lane.REVIEW, place[i], inclusion.get(i)) for i in chosen if i not in moved]
    audits = [int(i) for i in audit_order if int(i) not in place][: sizes[1]]
    new += [maker.make(i, Lane.AUDIT, random_priority(salt, items.digests[i]), None) for i in audits]
    rescored = [
        replace(maker.make(i, Lane.REVIEW, place[i], task.inclusion), task_id=task.task_id, round=task.round)
        for i, task in {**present, **moved}.items()
    ]
    return Batch(tuple(new), tuple(task.task_id for task in moved.values()), tuple(rescored))


@dataclass(frozen=True)
class _TaskMaker:
    items: Items
    scores: Scores
    schema: LabelSchema
    round_number: int

    def make(self, i: int, lane: Lane, priority: float, inclusion: float | None) -> ReviewTask:
        """Make the task of item i; an audit task shows no suggestion."""
        digest = str(self.items.digests[i])
        suggestion, certain = suggestion_of(self.scores.proba[i], self.schema)
        return ReviewTask(
            task_id=digest_of("task", digest, self.round_number)[:20],
            digest=digest,
            row_id=self.items.row_of_item(i),
            fields=self.items.shown(i),
            lane=lane,
            round=self.round_number,
            priority=priority,
            inclusion=inclusion,
            suggestion=suggestion if lane == Lane.REVIEW else None,
            confidence=certain if lane == Lane.REVIEW else None,
        )

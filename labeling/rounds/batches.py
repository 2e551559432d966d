"""Which items a round sends to people, and in what order they see them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from labeling.certificates.budget import Split
from labeling.items import Items
from labeling.pool import Pool, never_audited, seed_gold
from labeling.pool.audit import audit_order, rate_left, standing_audit
from labeling.pool.people import People
from labeling.project import Project
from labeling.rounds.repeats import Answered, choose_repeats
from labeling.scoring import Scores
from labeling.store import AuditFrame, StoredTask, TaskStatus
from labeling.types import ABSTAIN, Bools, Floats, Ints, LabelSchema, Lane, Learner, ReviewTask, digest_of

AUDITS_PER_REVIEW = 0.5
AGING = 0.5
"""What a round does to the priority of an open audit task: behind ever new review tasks it would starve."""


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
        Tasks that were open before, with their new priorities and suggestions.
    """

    tasks: tuple[ReviewTask, ...] = field(repr=False)
    moved: tuple[str, ...]
    rescored: tuple[ReviewTask, ...] = field(repr=False)

    @property
    def picked(self) -> frozenset[str]:
        """Contents that selection picked in this round."""
        fresh = {t.digest for t in self.tasks if t.lane == Lane.REVIEW}
        return frozenset(fresh | {t.digest for t in self.rescored if t.task_id in self.moved})

    @property
    def counts(self) -> dict[str, int]:
        """New tasks of review and audit, by lane."""
        return {str(lane): sum(t.lane == lane for t in self.tasks) for lane in (Lane.REVIEW, Lane.AUDIT)}


NOBODY = Batch((), (), ())


def review_room(batch: int, waiting: int) -> int:
    """Give how many review tasks to add: those that wait become ``batch``."""
    return max(0, batch - waiting)


def audit_room(batch: int, waiting: int, unasked: int, first: bool = False) -> int:
    """Give how many audit tasks to add: those that wait become half of ``batch``, whatever review does.

    Where they come ``first`` they become all of it.

    What is missing goes out at once where all of it fits into a batch: what review picks leaves the audit, so
    the last answers would else never be enough.

    Examples
    --------
    >>> audit_room(50, 0, 400), audit_room(50, 19, 400), audit_room(50, 40, 400), audit_room(50, 19, 30)
    (25, 6, 0, 30)
    """
    if waiting + unasked <= batch:
        return unasked
    return max(0, math.ceil(batch * (1.0 if first else AUDITS_PER_REVIEW)) - waiting)


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
    project: Project,
    pool: Pool,
    people: People,
    frame: AuditFrame,
    learner: Learner,
    scores: Scores,
    number: int,
    split: Split,
    answered: Answered | None = None,
) -> tuple[Batch, AuditFrame]:
    """Choose whom round ``number`` asks; the audit is topped up from what selection left, and asked."""
    items, schema = pool.items, project.schema
    known = seed_gold(project, pool) != ABSTAIN
    size = project.config.active.batch
    room = review_room(size, len(people.open_review) + len(people.open_repeats))
    if split.audit_first:
        room = max(0, room - owed_audits(project, pool, people, frame, split))
    picks = pick_for_review(learner, items, people, known, pool.slices, room)
    digests = items.digests.tolist()
    picks, again = choose_repeats(project, people, answered, scores.proba, picks, pool.slices, digests)
    apart = never_audited(project, pool) | np.isin(np.arange(len(pool)), list(picks))
    outside = apart | people.is_picked(items.digests)
    frame = replace(frame, rate=topped_up_rate(items, outside, frame, split.size))
    audit = standing_audit(items, people, frame, apart, schema)
    members = set(items.digests[audit.item_members])
    waiting = sum(t.digest in members for t in people.open_audit)
    unasked = audit_order(audit, items, people, frame.salt)
    batch = make_batch(
        items=items,
        scores=scores,
        people=people,
        picks=picks,
        repeats=again,
        audits=unasked[: audit_room(size, waiting, len(unasked), split.audit_first)],
        salt=frame.salt,
        round_number=number,
        schema=schema,
    )
    return batch, frame


def owed_audits(project: Project, pool: Pool, people: People, frame: AuditFrame, split: Split) -> int:
    """Count the audit items that nobody answered yet, at the size that a split plans for."""
    apart = never_audited(project, pool)
    outside = apart | people.is_picked(pool.items.digests)
    frame = replace(frame, rate=topped_up_rate(pool.items, outside, frame, split.size))
    audit = standing_audit(pool.items, people, frame, apart, project.schema)
    members = pool.items.digests[audit.item_members]
    return sum(digest not in people.gold for digest in members)


def topped_up_rate(items: Items, outside: Bools, frame: AuditFrame, size: int) -> float:
    """Give the rate at which the audit has ``size`` members again, after review picked some of it.

    A planned draw is left as it is. Selection knows nothing of the hashes, so the first ones by hash among
    the items that it left, those not in the mask ``outside``, are a uniform sample of those.
    """
    if frame.drawn is not None:
        return frame.rate
    return max(frame.rate, rate_left(items, outside, frame.salt, size))


def pick_for_review(
    learner: Learner, items: Items, people: People, seeded: Bools, critical: Bools, size: int
) -> dict[int, float | None]:
    """Pick items for review: selection ranks all alike, whether or not they belong to the audit.

    Parameters
    ----------
    seeded : mask, shape (n,)
        Items with a known label that need no person.
    critical : mask, shape (n,)
        Items in a critical slice.
    size : int
        How many to select; what people are owed comes on top.

    Returns
    -------
    dict
        Probability with which each item was drawn, None where it was chosen by score.
    """
    candidates = np.flatnonzero(~people.is_picked(items.digests) & ~seeded)
    drawn_before = {t.digest for t in people.tasks if t.lane == Lane.REVIEW and t.inclusion is not None}
    uniform = np.array([i for i, d in enumerate(items.digests) if d in drawn_before], dtype=np.int64)
    selection = learner.query(size, candidates, critical, items.cluster_groups[1], uniform)
    drawn = zip(selection.indices.tolist(), selection.inclusion.tolist(), selection.uniform, strict=True)
    picks = {i: chance if uniform else None for i, chance, uniform in drawn}
    return dict.fromkeys(i for i in owed_items(people, items) if not seeded[i]) | picks


def make_batch(
    *,
    items: Items,
    scores: Scores,
    people: People,
    picks: Mapping[int, float | None],
    repeats: Sequence[int],
    audits: Ints,
    salt: str,
    round_number: int,
    schema: LabelSchema,
) -> Batch:
    """Make the tasks of a round, and give those that are open their new places.

    Parameters
    ----------
    picks : mapping of int to float or None
        What ``pick_for_review`` gives.
    repeats : sequence of int
        Answered items to ask another person about.
    audits : array of int
        Audit items to ask about.
    salt : str
        Of the audit frame.
    """
    maker = _TaskMaker(items, scores, schema, round_number)
    row_of = {digest: i for i, digest in enumerate(items.digests)}
    waiting = {row_of[t.digest]: t for t in people.open_review if t.digest in row_of}
    moved = {i: people.task_of[items.digests[i]] for i in picks if items.digests[i] in people.task_of}
    audited = {row_of[t.digest]: t for t in people.open_audit if t.digest in row_of}
    review = [*waiting, *picks, *repeats]
    place = dict(zip(review, ranks(scores.margin[review]), strict=True))
    new = [maker.make(i, Lane.REVIEW, place[i], chance) for i, chance in picks.items() if i not in moved]
    new += [maker.make(i, Lane.OVERLAP, place[i], None) for i in repeats]
    new += [maker.make(i, Lane.AUDIT, random_priority(salt, items.digests[i]), None) for i in audits.tolist()]
    rescored = [maker.again(i, t, Lane.REVIEW, place[i]) for i, t in {**waiting, **moved}.items()]
    rescored += [
        maker.again(i, t, Lane.AUDIT, t.priority * AGING) for i, t in audited.items() if i not in moved
    ]
    return Batch(tuple(new), tuple(task.task_id for task in moved.values()), tuple(rescored))


def with_watch(
    batch: Batch, items: Items, scores: Scores, schema: LabelSchema, round_number: int, watched: Ints
) -> Batch:
    """Add the tasks of the watch over accepted labels to a batch, at random places in the queue."""
    maker = _TaskMaker(items, scores, schema, round_number)
    salt = f"watch {round_number}"
    places = {i: random_priority(salt, items.digests[i]) for i in watched.tolist()}
    added = (maker.make(i, Lane.WATCH, place, None) for i, place in places.items())
    return replace(batch, tasks=(*batch.tasks, *added))


def owed_items(people: People, items: Items) -> list[int]:
    """Items that were picked for people and have neither task nor answer any more.

    Their rows were gone while their tasks were taken back, or were edited since.
    """
    row_of = {digest: i for i, digest in enumerate(items.digests)}
    item_of = dict(zip(items.row_ids.tolist(), items.row_item.tolist(), strict=True))
    asked = [t for t in people.tasks if t.lane == Lane.REVIEW and t.digest not in people.gold]
    meant = {row_of.get(t.digest, item_of.get(t.row_id)) for t in asked} - {None}
    # An audit task or answer serves nobody here: else the audit would keep what others have to leave.
    served = {t.digest for t in people.task_of.values() if t.lane == Lane.REVIEW}
    served |= {g.digest for g in people.gold.values() if g.lane == Lane.REVIEW}
    return sorted(i for i in meant if i is not None and items.digests[i] not in served)


def returned_tasks(people: People, items: Items) -> list[str]:
    """Ids of tasks that were taken back from items that are there now."""
    present = set(items.digests)
    return sorted(t.task_id for t in people.tasks if t.status == TaskStatus.WITHDRAWN and t.digest in present)


@dataclass(frozen=True)
class _TaskMaker:
    items: Items
    scores: Scores
    schema: LabelSchema
    round_number: int

    def make(self, i: int, lane: Lane, priority: float, inclusion: float | None) -> ReviewTask:
        """Make the task of item i; neither audits nor second opinions show a suggestion."""
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

    def again(self, i: int, task: StoredTask, lane: Lane, priority: float) -> ReviewTask:
        """Give the task of item i that is there already its new place and suggestion."""
        fresh = self.make(i, lane, priority, task.inclusion)
        return replace(fresh, task_id=task.task_id, round=task.round)

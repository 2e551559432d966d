"""Keeping the review queue and the state alike: answers come in, tasks go out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from labeling.errors import Unavailable
from labeling.items import Items
from labeling.people.withholding import is_withheld
from labeling.pool.audit import drawn_contents
from labeling.pool.people import People, read_people
from labeling.pool.stored import stored_items
from labeling.project import Project
from labeling.rounds.life import void_broken
from labeling.rounds.shown import critical_slices
from labeling.rounds.turn import REPRIORITISE
from labeling.rounds.watch import watched_contents
from labeling.store import Lease, StoredTask, TaskStatus, cursors, frames, intents, tasks
from labeling.store import annotations as answers
from labeling.types import AGAIN, Bools, Lane, Pull, ReviewQueue, ReviewTask

CURSOR = "review queue"


@dataclass(frozen=True)
class SyncReport:
    """What a sync did; ``gold`` counts items with a human label, ``open`` tasks without an answer."""

    pulled: int
    gold: int
    pushed: int
    open: int
    withdrawn: int
    reopened: str | None

    def to_dict(self) -> dict[str, Any]:
        """Give a JSON-ready mapping."""
        return asdict(self)


def sync(project: Project, queue: ReviewQueue, lease: Lease) -> SyncReport:
    """Pull what people answered, then push what the last round chose; safe to repeat at any point.

    Raises
    ------
    Unavailable
        The queue cannot be reached, or the lease was lost; what was done so far stays done.
    """
    pulled, reopened = pull_answers(project, queue, lease)
    items = stored_items(project)
    withdrawn = withdraw_stale(project, queue, lease, items)
    pushed = push_tasks(project, queue, lease, items)
    reprioritise(project, queue, lease, items)
    people = _people(project)
    return SyncReport(
        pulled=pulled,
        gold=sum(g.label is not None for g in people.gold.values()),
        pushed=pushed,
        open=len(_waiting(people)),
        withdrawn=withdrawn,
        reopened=reopened,
    )


def pull_answers(project: Project, queue: ReviewQueue, lease: Lease) -> tuple[int, str | None]:
    """Store what is new, edited or deleted; give how many and why a certificate was re-opened, if one was."""
    with project.store.read() as tx:
        cursor = cursors.get(tx, CURSOR)
        digests = {t.task_id: t.digest for t in tasks.all_tasks(tx)}
    pull = queue.pull(cursor)
    _refuse_a_stranger(project, queue, pull)
    with project.store.write() as tx:
        lease.check(tx)
        changed = answers.record(tx, pull.annotations, digests)
        changed += answers.mark_deleted(tx, pull.present)
        cursors.put(tx, CURSOR, pull.cursor)
        return changed, void_broken(project, tx)


def _refuse_a_stranger(project: Project, queue: ReviewQueue, pull: Pull) -> None:
    """Stop at a queue that has lost everything: its silence is not the deletion of all answers."""
    if pull.present:
        return
    people = _people(project)
    sent = {t.task_id for t in people.tasks if t.status == TaskStatus.OPEN}
    if people.gold and sent and sent.isdisjoint(queue.open_ids()):
        raise Unavailable(
            f"label_studio.url: the review queue holds none of the {len(sent)} tasks that were sent to it, "
            f"nor any of the answers to {len(people.gold)} of them. Nothing was changed here. Point "
            "label_studio.url at the server that has them, or restore its data."
        )


def withdraw_stale(project: Project, queue: ReviewQueue, lease: Lease, items: Items) -> int:
    """Take back unanswered tasks whose content is no longer in the data, or in no audit any more."""
    with project.store.read() as tx:
        frame = frames.current(tx)
    present = set(items.digests)
    audited = drawn_contents(items, frame) if frame else frozenset()
    watched = watched_contents(project)
    wanted = {Lane.REVIEW: present, Lane.OVERLAP: present, Lane.AUDIT: audited, Lane.DOUBLE: audited}
    wanted[Lane.WATCH] = present & (audited | watched)
    stale = [t.task_id for t in _waiting(_people(project)) if t.digest not in wanted[t.lane]]
    if stale:
        queue.withdraw(stale)
        with project.store.write() as tx:
            lease.check(tx)
            tasks.withdrawn(tx, stale)
    return len(stale)


def push_tasks(project: Project, queue: ReviewQueue, lease: Lease, items: Items) -> int:
    """Send the tasks that were intended; those that a former try sent already get their receipt only."""
    with project.store.read() as tx:
        intended = tasks.intended(tx)
    outgoing = review_tasks(project, items, intended)
    if not outgoing:
        return 0
    project.progress("sending tasks", 0, len(outgoing))
    receipts = queue.push(sorted(outgoing, key=lambda t: t.priority))
    with project.store.write() as tx:
        lease.check(tx)
        tasks.pushed(tx, receipts)
    project.progress("sending tasks", len(outgoing), len(outgoing))
    return len(receipts)


def reprioritise(project: Project, queue: ReviewQueue, lease: Lease, items: Items) -> None:
    """Give the open tasks the order of the last round."""
    with project.store.read() as tx:
        wanted = intents.open_intents(tx, REPRIORITISE)
    if not wanted:
        return
    waiting = review_tasks(project, items, _unlabelled(_people(project)))
    queue.reprioritise(wanted[-1].payload["version"], waiting)
    with project.store.write() as tx:
        lease.check(tx)
        for intent in wanted:
            intents.done(tx, intent.id)


def review_tasks(project: Project, items: Items, stored: Sequence[StoredTask]) -> list[ReviewTask]:
    """Give stored tasks what people see of their items; those whose content is gone are left out.

    The suggestions of some are withheld: state knows them, the page does not, nor why they would be made.
    """
    row_of = {digest: i for i, digest in enumerate(items.digests)}
    present = [t for t in stored if t.digest in row_of]
    slices = critical_slices(project, items) if present else {}
    return [_review_task(project, items, row_of[t.digest], t, slices) for t in present]


def _review_task(
    project: Project, items: Items, i: int, stored: StoredTask, slices: Mapping[str, Bools]
) -> ReviewTask:
    is_shown = not is_withheld(project.config.project, stored.digest, project.config.people.withheld)
    return ReviewTask(
        task_id=stored.task_id,
        digest=stored.digest,
        row_id=stored.row_id,
        fields=items.shown(i),
        lane=stored.lane,
        round=stored.round,
        priority=stored.priority,
        inclusion=stored.inclusion,
        suggestion=stored.suggestion if is_shown else None,
        confidence=stored.confidence,
        why=stored.why if is_shown else None,
        critical=tuple(name for name, mask in slices.items() if mask[i]),
    )


def open_tasks(project: Project) -> int:
    """Count the tasks without an answer."""
    return len(_waiting(_people(project)))


def _people(project: Project) -> People:
    with project.store.read() as tx:
        return read_people(tx, project.schema)


def _unlabelled(people: People) -> list[StoredTask]:
    """Tasks that wait for an answer: what somebody skipped has to reach a second person, too."""
    labelled = {digest for digest, gold in people.gold.items() if gold.label is not None}
    again = {t.task_id for t in (*people.open_repeats, *people.open_doubles)}
    asked = (t for t in people.tasks if t.status != TaskStatus.WITHDRAWN)
    return [t for t in asked if t.digest not in labelled or t.task_id in again]


def _waiting(people: People) -> list[StoredTask]:
    """Tasks that are in the queue or on their way and have neither answer nor skip."""
    first = (t for t in people.tasks if t.lane not in AGAIN)
    asked = (t for t in first if t.status != TaskStatus.WITHDRAWN and t.digest not in people.gold)
    return [*asked, *people.open_repeats, *people.open_doubles]

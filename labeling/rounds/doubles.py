"""The tasks of double audits: texts of the audit that are put before a second person."""

from __future__ import annotations

from dataclasses import replace

from labeling.certificates.units import Audit
from labeling.items import Items
from labeling.pool import Pool, never_audited
from labeling.pool.audit import standing_audit
from labeling.pool.doubles import doubles_to_ask, with_second_answers
from labeling.pool.people import People
from labeling.project import Project
from labeling.rounds.batches import AGING, NOBODY, Batch, random_priority
from labeling.store import AuditFrame
from labeling.types import Lane, ReviewTask, among, digest_of


def add_doubles(
    project: Project, pool: Pool, people: People, frame: AuditFrame, batch: Batch, number: int
) -> Batch:
    """Add the tasks of double audits to a batch, at random places; those that wait come forward."""
    items = pool.items
    asked_now = {t.digest for t in batch.tasks if t.lane == Lane.AUDIT}
    audit = doubled_audit(project, pool, people, frame, batch)
    new = doubles_to_ask(audit, people, items.digests, asked_now)
    tasks = [double_task(items, i, frame.salt, number) for i in new.tolist()]
    row_of = {digest: i for i, digest in enumerate(items.digests)}
    waiting = [
        replace(
            double_task(items, row_of[t.digest], frame.salt, t.round),
            task_id=t.task_id,
            priority=t.priority * AGING,
        )
        for t in people.open_doubles
        if t.digest in row_of
    ]
    return replace(batch, tasks=(*batch.tasks, *tasks), rescored=(*batch.rescored, *waiting))


def doubled_audit(
    project: Project, pool: Pool, people: People, frame: AuditFrame, batch: Batch = NOBODY
) -> Audit:
    """Give the audit as a batch leaves it, with its second answers."""
    picked = among(pool.items.digests, batch.picked)
    audit = standing_audit(pool.items, people, frame, never_audited(project, pool) | picked, project.schema)
    share = project.config.routing.double_audit
    return with_second_answers(audit, people, pool.items.digests, frame.salt, share, project.schema)


def double_task(items: Items, i: int, salt: str, number: int) -> ReviewTask:
    """Make the task that puts item i before a second person; it looks like the first one's."""
    digest = str(items.digests[i])
    return ReviewTask(
        task_id=digest_of("double", digest, number)[:20],
        digest=digest,
        row_id=items.row_of_item(i),
        fields=items.shown(i),
        lane=Lane.DOUBLE,
        round=number,
        priority=random_priority(f"second {salt}", digest),
    )

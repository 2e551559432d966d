"""The audit frame of a project: the first one, and what follows one that is done with."""

from __future__ import annotations

import secrets

import sqlalchemy as sa

from labeling.certificates.units import Clusters
from labeling.pool import Pool, never_audited
from labeling.pool.audit import rate_left
from labeling.pool.people import People, read_people
from labeling.project import Project
from labeling.rounds.sharing import audit_size
from labeling.store import AuditFrame, Lease, certificates, frames, manifest, tasks
from labeling.types import Lane


def audit_frame(project: Project, lease: Lease, pool: Pool) -> AuditFrame:
    """Give the audit frame in force; the first is opened at a rate that makes the configured size."""
    with project.store.read() as tx:
        frame = frames.current(tx)
    if frame is not None:
        return frame
    with project.store.write() as tx:
        lease.check(tx)
        return frames.current(tx) or open_audit_frame(tx, project, pool)


def frame_to_fill(project: Project, lease: Lease, pool: Pool) -> AuditFrame:
    """Give the frame that a round asks people about: after a planned draw was tested, a new standing one."""
    frame = audit_frame(project, lease, pool)
    with project.store.read() as tx:
        spent = frame.drawn is not None and certificates.tests_in_frame(tx, frame.number) > 0
    return renew_frame(project, lease, pool) if spent else frame


def outlook_of_draw(project: Project, frame: AuditFrame) -> str | None:
    """Say what was predicted of a planned draw when it was drawn; None of a standing frame."""
    if frame.drawn is None:
        return None
    with project.store.read() as tx:
        entry = manifest.find(tx, frames.DRAW, str(frame.number))
    return None if entry is None else str(entry.meta["plan"])


def renew_frame(project: Project, lease: Lease, pool: Pool) -> AuditFrame:
    """Retire the audit answers into gold and open a new standing frame.

    Those of a standing frame are uniform rows from now on; what a planned draw took from the safest texts is
    not. Open tasks that the new frame does not need are taken back by the next sync.
    """
    with project.store.write() as tx:
        lease.check(tx)
        frame = frames.current(tx)
        standing = frame is not None and frame.drawn is None
        people = read_people(tx, project.schema)
        retired = answered_audits(people)
        tasks.retire(tx, retired, frame.rate if frame is not None and standing else None)
        tasks.retire(tx, answered_audits(people, Lane.WATCH), None)
        return open_audit_frame(tx, project, pool)


def answered_audits(people: People, lane: Lane = Lane.AUDIT) -> list[str]:
    """Ids of the tasks of a blind lane that somebody answered or skipped."""
    return [t.task_id for t in people.tasks if t.lane == lane and t.digest in people.gold]


def open_audit_frame(tx: sa.Connection, project: Project, pool: Pool) -> AuditFrame:
    """Draw a new audit of the configured size, from what nobody was asked, labelled or wrote functions on."""
    salt = secrets.token_hex(16)
    picked = read_people(tx, project.schema).is_picked(pool.items.digests)
    outside = picked | never_audited(project, pool)
    size = audit_size(project.config.routing, len(Clusters(*pool.items.cluster_groups)))
    rate = rate_left(pool.items, outside, salt, size)
    return frames.open_frame(tx, salt, rate)

"""What an audit will probably bring: told before people answer it."""

from __future__ import annotations

from labeling.certificates.planning import plan_audit
from labeling.certificates.units import Clusters
from labeling.pool import never_audited
from labeling.project import Project
from labeling.rounds.batches import Batch
from labeling.rounds.challenger import Challenger
from labeling.rounds.grouped import group_outlook
from labeling.rounds.looks import share_of_next
from labeling.rounds.start import Start
from labeling.types import among


def audit_outlook(project: Project, start: Start, batch: Batch, challenger: Challenger) -> str:
    """Say what the planned audit will probably bring, before people answer it."""
    routing, pool = project.config.routing, start.pool
    picked = among(pool.items.digests, start.people.picked | batch.picked)
    outside = picked | never_audited(project, pool)
    clusters = Clusters(*pool.items.cluster_groups)
    population = int((~clusters.any(outside)).sum())
    able = clusters.all(pool.applied.votes.covered & ~challenger.critical.mask & ~outside)
    if not able.any():
        return "nothing could be accepted yet: every text is critical, without a vote or in front of people"
    errors = 1 - clusters.least(challenger.scores.confidence)
    if told := group_outlook(
        project, pool, challenger.scores.labels, challenger.doubts, errors, able, outside
    ):
        return told
    top, delta = int(able.sum()), share_of_next(project)
    audited = round(min(1.0, routing.audit / population) * top)
    plan = plan_audit(routing.promise, errors[able], population, audited, routing.alpha, delta)
    return plan.describe(population / top)

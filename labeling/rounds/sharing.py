"""Which lane a round asks first, review or audit, from what its scorer predicts."""

from __future__ import annotations

from collections.abc import Sequence

from labeling.certificates.budget import Need, Split, need_of, split_answers
from labeling.certificates.looks import look_share
from labeling.certificates.proof import fewest_answers
from labeling.certificates.units import Clusters
from labeling.config.sections import RoutingConfig
from labeling.pool import Pool, never_audited
from labeling.pool.people import People
from labeling.project import Project
from labeling.scoring import Scores
from labeling.store import AuditFrame, Round, rounds
from labeling.types import Bools

SIDE_BY_SIDE = "side by side: "


def share_answers(
    project: Project,
    pool: Pool,
    people: People,
    frame: AuditFrame,
    scores: Scores,
    critical: Bools,
    labels: int,
) -> Split:
    """Decide which lane the next answers go to; audit answers have no part in it.

    Parameters
    ----------
    critical : mask, shape (n,)
        Items that are never accepted by machine.
    labels : int
        That the scorer learnt from.
    """
    routing, batch = project.config.routing, project.config.active.batch
    if fixed := _fixed(routing, frame):
        return fixed
    outside = people.is_picked(pool.items.digests) | never_audited(project, pool)
    clusters = Clusters(*pool.items.cluster_groups)
    population = int((~clusters.any(outside)).sum())
    able = clusters.all(pool.applied.votes.covered & ~critical & ~outside)
    errors = 1 - clusters.least(scores.confidence)[able]
    least, target = least_audit(routing, population), routing.target or 0.0
    delta = look_share(routing.delta, 1, routing.looks)
    now = need_of(routing.promise, errors, population, labels, target, routing.alpha, delta)
    with project.store.read() as tx:
        past = needs_told(rounds.all_rounds(tx), target)
    return split_answers(now, past, target, least, routing.audit, batch)


def _fixed(routing: RoutingConfig, frame: AuditFrame) -> Split | None:
    if frame.drawn is not None:
        return Split(True, routing.audit, None, "audit: what was drawn for one test comes first")
    if routing.target is None:
        return Split(False, routing.audit, None, SIDE_BY_SIDE + "routing.target is not set")
    if routing.groups is not None:
        return Split(False, routing.audit, None, SIDE_BY_SIDE + "routing.target is not for groups")
    return None


def audit_size(routing: RoutingConfig, population: int) -> int:
    """Give the size that an audit starts with: with a target it grows from the least that proves anything."""
    return routing.audit if routing.target is None else min(least_audit(routing, population), routing.audit)


def least_audit(routing: RoutingConfig, population: int) -> int:
    """Give the least audit with which a first test could accept anything."""
    delta = look_share(routing.delta, 1, routing.looks)
    return fewest_answers(routing.promise, population, population, routing.alpha, delta)


def needs_told(past: Sequence[Round], target: float) -> list[Need]:
    """Give what former rounds told of the same target."""
    told = [turn.summary["split"] | turn.summary for turn in past if "split" in turn.summary]
    return [Need(t["labels"], t["need"]) for t in told if t["chosen"] and t.get("target") == target]


def still_growing(routing: RoutingConfig, last: Round | None, planned: int) -> str | None:
    """Say why an audit of the ``planned`` size is not all of it; None where it is.

    With a target it grows once review has done its part: a test before that would spend delta on a smaller
    one than is predicted to be enough.
    """
    split = last.summary.get("split") if last else None
    if last is None or split is None or routing.target is None or last.summary["target"] != routing.target:
        return None
    if split["audit_first"] or (split["need"] is not None and split["need"] <= planned):
        return None
    return f"the audit is still to grow. {split['reason']}. `routing.target: null` takes it as it is"

"""How far a project's audit has come, and what it still lacks for a certificate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from labeling.certificates import OPEN_SHARE
from labeling.certificates.audit import keyed_hashes, rate_among, standing_sample
from labeling.certificates.units import Audit, Clusters
from labeling.items import Items, Objects
from labeling.pool.people import People
from labeling.store import AuditFrame
from labeling.types import Bools, Ints, LabelSchema, Lane, among

SECONDS_PER_ANSWER = 16.0
"""What one answer takes before anybody has given one."""


@dataclass(frozen=True)
class AuditStatus:
    """Counts of audit units (distinct texts) and the minutes that the missing ones take one person.

    ``doubled`` counts those that a second person is asked about, ``paired`` those of them that have two
    answers of two people. ``growing`` says why the planned ones are not all that there will be.
    """

    planned: int
    answered: int
    skipped: int
    open: int
    minutes: int
    doubled: int = 0
    paired: int = 0
    growing: str | None = None

    @property
    def missing(self) -> str:
        """Say what is still missing for a certificate."""
        if self.planned == 0:
            return "nothing to audit: every text is in front of people already, or routing.audit is 0"
        said = f"{self.answered} of {self.planned} audit answers"
        if self.open:
            return f"{said}, about {max(self.minutes, 1)} minutes for one person"
        if self.skipped > OPEN_SHARE * self.planned:
            return f"{said}; {self.skipped} were skipped or are disputed and need another person's answer"
        if self.growing:
            return f"{said} so far; {self.growing}"
        if self.doubled > self.paired:
            return f"{said}, {self.paired} of {self.doubled} second answers: run `quorum certify`"
        return f"{said}: run `quorum certify`"

    def to_dict(self) -> dict[str, Any]:
        """Give a JSON-ready mapping."""
        return asdict(self) | {"missing": self.missing}


def standing_audit(
    items: Items, people: People, frame: AuditFrame, apart: Bools, schema: LabelSchema
) -> Audit:
    """Give the audit as it stands: who is in it, who was picked out of it, what was answered.

    Parameters
    ----------
    apart : mask, shape (n,)
        Items that are outside for another reason than people: ``never_audited`` of the pool.
    """
    clusters = Clusters(*items.cluster_groups)
    return Audit(
        clusters=clusters,
        drawn=sample_of(frame, clusters.names.tolist()),
        outside=people.is_picked(items.digests) | apart,
        answers=people.labels(items.digests, schema, Lane.AUDIT),
    )


def sample_of(frame: AuditFrame, clusters: Sequence[str]) -> Bools:
    """Mask, shape (u,): clusters that a frame draws, by its hash or by its planned draw."""
    if frame.drawn is None:
        return standing_sample(frame.salt, clusters, frame.rate)
    return among(clusters, frame.drawn)


def rate_left(items: Items, outside: Bools, salt: str, size: int) -> float:
    """Give the rate at which ``size`` of the clusters belong that have no item in the mask, shape (n,)."""
    clusters = Clusters(*items.cluster_groups)
    hashes = keyed_hashes(salt, clusters.names.tolist())
    return rate_among(hashes[~clusters.any(outside)], size)


def drawn_contents(items: Items, frame: AuditFrame) -> frozenset[str]:
    """Content digests of the items that a frame draws, whatever happened to them since."""
    names, unit = items.cluster_groups
    drawn = sample_of(frame, names.tolist())[unit]
    return frozenset(items.digests[drawn].tolist())


def audit_status(audit: Audit, digests: Objects, people: People) -> AuditStatus:
    """Count what is answered, skipped and open."""
    tried = np.array([d in people.gold for d in digests], dtype=bool)
    answered = audit.members & audit.answered
    doubled, paired = audit.second_counts if len(people.annotators) > 1 else (0, 0)
    skipped = audit.members & ~audit.answered & audit.clusters.all(tried)
    open_units = int(audit.members.sum() - answered.sum() - skipped.sum())
    seconds = people.median_seconds or SECONDS_PER_ANSWER
    return AuditStatus(
        planned=int(audit.members.sum()),
        answered=int(answered.sum()),
        skipped=int(skipped.sum()),
        open=open_units,
        minutes=round((open_units + doubled - paired) * seconds / 60),
        doubled=doubled,
        paired=paired,
    )


def audit_order(audit: Audit, items: Items, people: People, salt: str) -> Ints:
    """Give the audit items that have no task yet, in the random order of their clusters' hashes."""
    waiting = [i for i in np.flatnonzero(audit.item_members) if items.digests[i] not in people.task_of]
    hashes = keyed_hashes(salt, [str(items.clusters[i]) for i in waiting])
    return np.asarray(waiting, dtype=np.int64)[np.argsort(hashes, kind="stable")]

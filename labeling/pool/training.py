"""Human labels that models may learn from: review answers and known ones, never the audit's."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from labeling.gold import gold_confidence
from labeling.pool import Pool, seed_gold
from labeling.pool.people import People
from labeling.project import Project
from labeling.types import ABSTAIN, Lane, PoolGold, among


def training_gold(project: Project, pool: Pool, people: People) -> npt.NDArray[np.int8]:
    """Labels that models may see, shape (n,), -1 without: review answers, then known ones; no audit."""
    answered = people.labels(pool.items.digests, project.schema, Lane.REVIEW)
    return np.where(answered != ABSTAIN, answered, seed_gold(project, pool))


def pool_gold(project: Project, pool: Pool, people: People) -> PoolGold:
    """Labels that models may see, with which of them were drawn; known ones count as drawn."""
    labels = training_gold(project, pool, people)
    drawn = {t.digest for t in people.tasks if t.lane == Lane.REVIEW and t.inclusion is not None}
    uniform = among(pool.items.digests, drawn)
    chosen = people.is_picked(pool.items.digests) & ~uniform
    confidence = gold_confidence(people.gold, pool.items.digests.tolist())
    return PoolGold(labels, (labels != ABSTAIN) & ~chosen, confidence)

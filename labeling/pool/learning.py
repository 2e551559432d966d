"""The learner of a project, started on its pool: votes weighed, features read, nothing learnt yet."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from labeling.pool import Pool, pool_features
from labeling.project import Project
from labeling.scoring import VoteScores, score_votes
from labeling.types import Learner, PoolGold


@dataclass(frozen=True)
class Started:
    """A learner that has a pool.

    Attributes
    ----------
    learner : Learner
    voted : VoteScores
        What the label model makes of the votes.
    space : str
        Of the features.
    """

    learner: Learner = field(repr=False)
    voted: VoteScores = field(repr=False)
    space: str


def start_learner(project: Project, pool: Pool, gold: PoolGold) -> Started:
    """Weigh the votes and start a fresh learner; ``gold`` teaches the label model alone."""
    chosen, votes = project.config.label_model, pool.applied.votes
    voted = score_votes(
        chosen.kind,
        chosen.seed,
        votes,
        gold,
        pool.items.digests.tolist(),
        project.schema.names,
        pool.applied.confidence,
    )
    learner = project.learner(seed=chosen.seed)
    features = pool_features(project, pool.items)
    learner.start(features.rows, replace(votes, soft=voted.soft), voted.untaught)
    return Started(learner, voted, features.space)

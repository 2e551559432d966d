"""The held-out rows of a project as its present scorer sees them: scored, and never learnt from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from labeling.apply import FunctionApplier
from labeling.items import Items, recorded_votes
from labeling.pool import Pool, project_functions, source_limits
from labeling.pool.features import features_beside
from labeling.pool.prelabels import project_voters, take_prelabels
from labeling.project import Project
from labeling.scoring import learn, score_votes
from labeling.types import ABSTAIN, Floats, PoolGold, VoteMatrix
from labeling.votes import VoteStore
from labeling.votes.applied import AppliedVotes, join_votes, take_recorded


@dataclass(frozen=True)
class HeldOutScores:
    """What the scorer says of t held-out items.

    Attributes
    ----------
    proba : array, shape (t, k)
        The learner's class probabilities.
    posterior : array, shape (t, k)
        The label model's, calibrated: the votes alone.
    votes : VoteMatrix
        Of the pool's voters.
    silent : tuple of str
        Voters of the pool that vote on no held-out item.
    """

    proba: Floats = field(repr=False)
    posterior: Floats = field(repr=False)
    votes: VoteMatrix = field(repr=False)
    silent: tuple[str, ...]


def score_held_out(project: Project, pool: Pool, gold: PoolGold, items: Items) -> HeldOutScores:
    """Score held-out items as a round would that found them among its data, without any label of theirs.

    Parameters
    ----------
    gold : PoolGold
        What the models learn from, of the n items of the pool.
    items : Items
        t items that are not in the pool.

    Raises
    ------
    InputError
        Of the functions or the held-out votes.
    """
    n, chosen = len(pool), project.config.label_model
    applied = _joined(pool.applied, vote_on(project, items))
    known = with_unlabelled(gold, len(items))
    digests = [*pool.items.digests.tolist(), *items.digests.tolist()]
    voted = score_votes(
        chosen.kind, chosen.seed, applied.votes, known, digests, project.schema.names, applied.confidence
    )
    learner = project.learner(seed=chosen.seed)
    features = np.concatenate(features_beside(project, pool.items, items))
    learner.start(features, replace(applied.votes, soft=voted.soft), voted.untaught)
    votes = applied.votes.take(np.arange(n, n + len(items)))
    voting = (votes.hard != ABSTAIN).any(axis=0)
    return HeldOutScores(
        proba=learn(learner, known.labels, known.confidence)[n:],
        posterior=voted.posterior[n:],
        votes=votes,
        silent=tuple(name for name, votes_here in zip(votes.voters, voting, strict=True) if not votes_here),
    )


def vote_on(project: Project, items: Items) -> AppliedVotes:
    """Have the functions vote on held-out items; recorded votes and models' answers are there or are not."""
    recorded, functions = recorded_votes(items, project.config), project_functions(project)
    limits, votes = source_limits(project), VoteStore(project.artifacts)
    applier = FunctionApplier(items, project.schema, project.store, votes, project.progress, limits)
    parts = [applier.apply(functions)] if functions else []
    n, k = len(items), len(project.schema)
    prelabels = take_prelabels(project, items, project_voters(project, items.public_fields))
    return join_votes([*parts, take_recorded(recorded.codes, n, k), prelabels.applied], n, k)


def with_unlabelled(gold: PoolGold, count: int) -> PoolGold:
    """Add items without a label behind those of a pool."""
    sure = None if gold.confidence is None else np.concatenate([gold.confidence, np.ones(count)])
    labels = np.concatenate([gold.labels, np.full(count, ABSTAIN, dtype=np.int8)])
    return PoolGold(labels, np.concatenate([gold.drawn, np.zeros(count, dtype=bool)]), sure)


def _joined(pool: AppliedVotes, others: AppliedVotes) -> AppliedVotes:
    """Put the votes on other items below those on a pool, by the names of the pool's voters."""
    hard = np.full((len(others.votes), len(pool.votes.voters)), ABSTAIN, dtype=np.int8)
    for j, name in enumerate(pool.votes.voters):
        if name in others.votes.voters:
            hard[:, j] = others.votes.hard[:, others.votes.voters.index(name)]
    votes = VoteMatrix(np.concatenate([pool.votes.hard, hard]), pool.votes.voters, pool.votes.n_classes)
    sure = {
        name: _below(values, others.confidence, name, len(hard)) for name, values in pool.confidence.items()
    }
    return AppliedVotes(votes, pool.runs, sure)


def _below(
    values: npt.NDArray[np.float32],
    others: Mapping[str, npt.NDArray[np.float32]],
    name: str,
    count: int,
) -> npt.NDArray[np.float32]:
    silent = np.full(count, np.nan, dtype=np.float32)
    return np.concatenate([values, others.get(name, silent)])

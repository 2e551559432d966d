"""Preparing a simulation: votes, features, what votes alone say, and a digest of all that runs depend on."""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Sequence
from dataclasses import asdict
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

import numpy as np

from labeling.certificates.units import Clusters
from labeling.config.suggest import did_you_mean, listed
from labeling.errors import InputError
from labeling.libraries import library_versions
from labeling.pool import Pool, load_pool, pool_features
from labeling.project import Project
from labeling.scoring import fit_vote_model
from labeling.simulation.habits import Habits
from labeling.simulation.setting import Plan, Setting, some_voters
from labeling.types import ABSTAIN, Floats, PoolGold, VoteMatrix, digest_of

NOBODY = "none"
"""What stands for no voter at all."""


def chosen_voters(wanted: Sequence[str], known: Sequence[str]) -> list[str]:
    """Give the voters that some of the names or patterns mean; ``none`` means nobody.

    Raises
    ------
    InputError
        No voter has such a name.

    Examples
    --------
    >>> chosen_voters(["lf_*"], ["lf_a", "lf_b", "desk"]), chosen_voters(["none"], ["lf_a"])
    (['lf_a', 'lf_b'], [])
    """
    if list(wanted) == [NOBODY]:
        return []
    wrong = [name for name in wanted if not any(fnmatchcase(voter, name) for voter in known)]
    if wrong:
        there = f"expected {NOBODY} or some of {listed(known)}"
        raise InputError(*(f"--voters: {there}, got {n!r}.{did_you_mean(n, known)}" for n in wrong))
    return [voter for voter in known if any(fnmatchcase(voter, name) for name in wanted)]


def prepare(
    project: Project, pool: Pool, plan: Plan, habits: Habits, voters: Sequence[str] | None = None
) -> Setting:
    """Gather what runs share; votes, features and what votes alone say are made here, once.

    Parameters
    ----------
    voters : sequence of str, optional
        Names or patterns of those who vote; all if left out.
    """
    votes = pool.applied.votes
    if voters is not None:
        votes = some_voters(votes, chosen_voters(voters, votes.voters))
    assert pool.known is not None  # loaded with the column that answers
    items, features = pool.items, pool_features(project, pool.items)
    return Setting(
        schema=project.schema,
        routing=project.config.routing,
        plan=plan,
        habits=habits,
        digests=items.digests,
        clusters=Clusters.of(items.clusters),
        row_item=items.row_item,
        gold=pool.known.labels,
        row_gold=pool.known.rows,
        dev=pool.dev,
        slices=pool.slices,
        votes=votes,
        posterior=untaught_posterior(project, votes),
        features=features.rows,
        new_learner=project.learner_factory,
        new_baseline=project.new_baseline,
        digest=run_inputs(project, pool, plan, habits, votes.voters, features.space),
    )


def load_answers(project: Project, gold: str) -> Pool:
    """Load the pool with the column that answers for people.

    Raises
    ------
    InputError
        Of the data; ``gold`` is no column of it or holds other names than the classes.
    """
    return load_pool(project, held_out=(gold,))


def untaught_posterior(project: Project, votes: VoteMatrix) -> Floats | None:
    """Give what the config's label model makes of votes without any label, None where nobody votes."""
    nothing = PoolGold.all_drawn(np.full(len(votes), ABSTAIN, dtype=np.int8))
    config = project.config.label_model
    fitted = fit_vote_model(config.kind, config.seed, votes, nothing, project.schema.names)
    return fitted.untaught if fitted else None


def run_inputs(
    project: Project, pool: Pool, plan: Plan, habits: Habits, voters: Sequence[str], space: str
) -> str:
    """Digest all that a run depends on but its arm and seed: data, truth, votes, config, people, code."""
    config = project.config
    sections = (config.label_model, config.learner, config.routing, config.active)
    return digest_of(
        pool.items.digest,
        space,
        pool.applied.digest,
        voters,
        [np.packbits(mask).tobytes().hex() for mask in (pool.dev, pool.slices)],
        project.schema.version,
        [section.model_dump() for section in sections],
        asdict(plan),
        asdict(habits),
        library_versions(),
        project.learner_digest(),
        code_digest(type(project.learner(seed=0))),
    )


@cache
def code_digest(learner: type) -> str:
    """Digest the source of the engine and of the learner's package: other code gives other runs."""
    folders = [Path(__file__).parents[1], Path(inspect.getfile(learner)).parent]
    sources = [path for folder in folders for path in sorted(folder.rglob("*.py"))]
    return digest_of([hashlib.sha256(path.read_bytes()).hexdigest() for path in sources])

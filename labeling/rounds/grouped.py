"""The promise of a project as its config has it: one for all, or one for each of several groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from labeling.certificates import AuditedUnits, Outcome, Terms, certify
from labeling.certificates.grouping import choose_groups, describe_plans, group_doubt
from labeling.certificates.groups import certify_groups
from labeling.certificates.units import Audit, Clusters
from labeling.pool import Pool
from labeling.pool.groups import group_units, item_groups
from labeling.project import Project
from labeling.rounds.looks import share_of_next
from labeling.scoring import cross_fitted
from labeling.types import Bools, Codes, Floats, Learner, PoolGold


def certify_pool(
    project: Project,
    pool: Pool,
    audit: Audit,
    units: AuditedUnits,
    labels: Sequence[str],
    doubts: Mapping[str, float],
    terms: Terms,
) -> Outcome:
    """Test the promises of the config on the units of a score table.

    Parameters
    ----------
    labels : sequence of str, length n
        The machine's.
    doubts : mapping of str to float
        What ``group_doubts`` gave in the round that is tested.
    """
    groups = project.config.routing.groups
    if groups is None:
        return certify(units, terms)
    codes = np.array([project.schema.index[name] for name in labels], dtype=np.int8)
    grouping = group_units(project, pool, groups.by, codes, audit.outside, doubts)
    return certify_groups(units, terms, grouping, groups.most)


def group_doubts(
    project: Project, pool: Pool, learner: Learner, gold: PoolGold, digests: Sequence[str]
) -> dict[str, float]:
    """Give how many times as often as predicted labels of each group are wrong, by labels of people.

    Models that had not seen these labels are held against them. Empty where the config has no groups; the
    learner is left fitted to some of the labels.
    """
    groups = project.config.routing.groups
    if groups is None or not len(gold.rows):
        return {}
    proba = cross_fitted(learner, gold, gold.rows, digests)
    said = np.zeros(len(pool), dtype=np.int8)
    said[gold.rows] = proba.argmax(axis=1)
    names, group = item_groups(project, pool, groups.by, said)
    wrong = said[gold.rows] != gold.told
    doubt = group_doubt(group[gold.rows], 1 - proba.max(axis=1), wrong, len(names))
    return dict(zip(names, doubt.round(4).tolist(), strict=True))


def group_outlook(
    project: Project,
    pool: Pool,
    labels: Codes,
    doubts: Mapping[str, float],
    errors: Floats,
    able: Bools,
    outside: Bools,
) -> str | None:
    """Say which groups would be tested and what each test will probably bring; None without groups.

    Parameters
    ----------
    labels : array of int8, shape (n,)
        The machine's class of each item.
    doubts : mapping of str to float
        What ``group_doubts`` gives.
    errors : array, shape (u,)
        Predicted probability that the label of each cluster is wrong.
    able : mask, shape (u,)
        Clusters whose label may be accepted.
    outside : mask, shape (n,)
        Items that are with people or never audited.
    """
    routing = project.config.routing
    if routing.groups is None:
        return None
    grouping = group_units(project, pool, routing.groups.by, labels, outside, doubts)
    population = int((~Clusters(*pool.items.cluster_groups).any(outside)).sum())
    rate = min(1.0, routing.audit / max(population, 1))
    delta = share_of_next(project)
    chosen = choose_groups(
        routing.promise, errors, able, grouping, rate, routing.alpha, delta, routing.groups.most
    )
    return describe_plans(chosen, grouping.by, population)

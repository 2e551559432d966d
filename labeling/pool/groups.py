"""How a pool's audit units fall into the groups of the config: by the machine's label, or by slice."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from labeling.certificates.grouping import APART, Grouping
from labeling.certificates.units import Clusters
from labeling.pool import Pool
from labeling.project import Project
from labeling.types import Bools, Codes, Ints


def group_units(
    project: Project, pool: Pool, by: str, labels: Codes, outside: Bools, doubts: Mapping[str, float]
) -> Grouping:
    """Group the clusters of a pool; equal texts that fall into different groups belong to none.

    Parameters
    ----------
    by : str
        ``class`` or ``slice``.
    labels : array of int8, shape (n,)
        The machine's class of each item.
    outside : mask, shape (n,)
        Items that no promise counts: with people, or never audited.
    doubts : mapping of str to float
        By the name of a group, what its predicted errors are multiplied by; 1 where there is none.
    """
    clusters = Clusters(*pool.items.cluster_groups)
    names, group = item_groups(project, pool, by, labels)
    doubt = np.array([doubts.get(name, 1.0) for name in names])
    return Grouping.of(by, names, agreed(clusters, group), ~clusters.any(outside), doubt)


def item_groups(project: Project, pool: Pool, by: str, labels: Codes) -> tuple[tuple[str, ...], Ints]:
    """Give the names of groups, and the group of each item, shape (n,), -1 in none."""
    if by == "class":
        return project.schema.names, labels.astype(np.int64)
    return slice_groups(project, pool)


def slice_groups(project: Project, pool: Pool) -> tuple[tuple[str, ...], Ints]:
    """Give the slices that machines may label, and of each item, shape (n,), the first that matches it."""
    chosen = {name: found for name, found in project.config.slices.items() if not found.critical}
    group = np.full(len(pool), APART, dtype=np.int64)
    for g, found in reversed(list(enumerate(chosen.values()))):
        group[found.expression.mask(pool.items.frame(found.expression.columns))] = g
    return tuple(chosen), group


def agreed(clusters: Clusters, item_group: Ints) -> Ints:
    """Give the group of each cluster, shape (u,): that of all its items, -1 where they differ."""
    first = np.zeros(len(clusters), dtype=np.int64)
    first[clusters.unit] = item_group
    split = clusters.any(first[clusters.unit] != item_group)
    return np.where(split, APART, first)

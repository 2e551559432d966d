"""The strategy that asks about typical rows first, for the smallest budgets."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.sparse as sp
from sklearn.cluster import MiniBatchKMeans
from sklearn.neighbors import NearestNeighbors

from active.experts import sampled
from active.strategies.distances import located
from active.strategies.diversity import clustered
from labeling.types import Floats, Ints

SAMPLE_ROWS = 10_000
"""Rows at most among which is chosen."""

NEIGHBOURS = 20
MOST_CLUSTERS = 500
SMALL_CLUSTER = 5
FEW_CLUSTERS = 50


def typicality(rows: Floats) -> Floats:
    """Give the inverse of each row's mean distance to its 20 nearest other rows, shape (n,).

    References
    ----------
    Hacohen, Dekel & Weinshall (2022), Active learning on a budget: opposite strategies suit high and low
    budgets.
    """
    n = rows.shape[0]
    if n == 1:
        return np.ones(1)
    distances, _ = NearestNeighbors(n_neighbors=min(NEIGHBOURS, n - 1)).fit(rows).kneighbors()
    return np.asarray(1 / (distances.mean(axis=1) + 1e-5))


def typical_first(
    learner: Any,
    X: Any,
    n_instances: int = 1,
    *,
    embedding: Any = None,
    known: Any = None,
    rng: np.random.Generator | None = None,
    **_: Any,
) -> tuple[Ints, Floats]:
    """Choose the most typical row of each of the largest clusters in which nothing is labelled.

    Labelled rows and at most 10,000 of the others are clustered into as many groups as there will be
    labels, at most 500; groups of fewer than five rows come last. Utilities are typicality.

    References
    ----------
    Hacohen, Dekel & Weinshall (2022), Active learning on a budget: opposite strategies suit high and low
    budgets.
    """
    rng = rng or np.random.default_rng(0)
    rows, labelled = located(learner, X, embedding, known)
    pool = sampled(np.arange(rows.shape[0]), SAMPLE_ROWS, int(rng.integers(2**31)))
    n, n_labelled = min(n_instances, len(pool)), 0 if labelled is None else labelled.shape[0]
    if n == 0:
        return pool[:0], np.empty(0)
    together = rows[pool] if labelled is None else _stacked(rows[pool], labelled)
    groups = grouped(together, min(n_labelled + n, MOST_CLUSTERS), rng)
    order = group_order(groups[: len(pool)], groups[len(pool) :])
    chosen, worth = in_turn(rows[pool], groups[: len(pool)], order, n)
    return pool[chosen], worth


def grouped(rows: Any, n_groups: int, rng: np.random.Generator) -> Ints:
    """Assign rows, shape (p, d), to at most ``n_groups`` groups, shape (p,): roughly where these are many."""
    if n_groups <= FEW_CLUSTERS:
        return clustered(rows, min(n_groups, rows.shape[0]), rng)
    seed = int(rng.integers(2**31))
    found = MiniBatchKMeans(min(n_groups, rows.shape[0]), n_init=1, random_state=seed)
    return np.asarray(found.fit_predict(rows))


def group_order(groups: Ints, labelled: Ints) -> Ints:
    """Give the groups that hold rows: those of few rows last, of few labels first, then the larger first.

    Parameters
    ----------
    groups, labelled : array of int, shapes (p,) and (l,)
        Group of each row that may be chosen, and of each that is labelled.
    """
    size = np.bincount(groups)
    labels = np.bincount(labelled, minlength=len(size))[: len(size)]
    order = np.lexsort((-size, labels, size + labels < SMALL_CLUSTER))
    return np.asarray(order[size[order] > 0])


def in_turn(rows: Any, groups: Ints, order: Ints, n: int) -> tuple[Ints, Floats]:
    """Take the most typical row left of each group in turn until there are ``n``, n <= p."""
    queues = []
    for group in order[:n]:
        inside = np.flatnonzero(groups == group)
        typical = typicality(rows[inside])
        best = np.argsort(-typical, kind="stable")[:n]
        queues.append(list(zip(inside[best].tolist(), typical[best].tolist(), strict=True)))
    turns = max(map(len, queues))
    taken = [queue[turn] for turn in range(turns) for queue in queues if turn < len(queue)][:n]
    return np.array([i for i, _ in taken], dtype=np.int64), np.array([worth for _, worth in taken])


def _stacked(above: Any, below: Any) -> Any:
    return sp.vstack([above, below], format="csr") if sp.issparse(above) else np.vstack([above, below])

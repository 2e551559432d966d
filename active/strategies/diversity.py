"""Strategies whose batches lie apart."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from sklearn.cluster import KMeans
from sklearn.exceptions import ConvergenceWarning

from active.strategies.uncertainty import margins, smallest
from labeling.types import Floats, Ints

SHORTLIST = 5
"""Rows per wanted row among which a diverse batch is chosen."""


def diverse_smallest(values: Floats, rows: Floats, n: int, rng: np.random.Generator) -> Ints:
    """Choose small values whose rows lie apart.

    The 5 n smallest values are clustered into n groups by their rows, and each group sends its smallest.

    Parameters
    ----------
    values : array of float, shape (p,)
    rows : array of float, shape (p, d)
    n : int

    Returns
    -------
    array of int, shape (min(n, p),)
        Positions, by ascending value, without repetition.

    References
    ----------
    Zhdanov (2019), Diverse mini-batch active learning.
    """
    shortlist = smallest(values, SHORTLIST * n)
    if len(shortlist) <= n:
        return shortlist
    groups = clustered(rows[shortlist], n, rng)
    _, first_of_group = np.unique(groups, return_index=True)
    others = np.setdiff1d(np.arange(len(shortlist)), first_of_group)
    chosen = np.concatenate([first_of_group, others])[:n]  # equal rows leave groups empty
    return np.asarray(shortlist[np.sort(chosen)])


def clustered(rows: Floats, n_groups: int, rng: np.random.Generator) -> Ints:
    """Assign rows, shape (p, d), to at most ``n_groups`` groups by k-means, shape (p,)."""
    seed = int(rng.integers(2**31))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # fewer distinct rows than groups
        return np.asarray(KMeans(n_groups, n_init=1, random_state=seed).fit_predict(rows))


def diverse_margin(
    learner: Any,
    X: Any,
    n_instances: int = 1,
    *,
    embedding: Floats | None = None,
    rng: np.random.Generator | None = None,
    **_: Any,
) -> tuple[Ints, Floats]:
    """Choose small margins that lie apart in ``embedding``, shape (n, d), or in ``X`` where None."""
    lead = margins(learner.predict_proba(X))
    rows = X if embedding is None else embedding
    chosen = diverse_smallest(lead, rows, n_instances, rng or np.random.default_rng(0))
    return chosen, 1 - lead[chosen]

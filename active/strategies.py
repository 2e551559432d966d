"""Query strategies: which rows to ask a person about next.

Each is written to modAL's contract, ``(learner, X, n_instances=1, **kwargs) -> (indices, utilities)``, around
a free function on class probabilities, so that a stock modAL learner can use it too.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np
from sklearn.cluster import KMeans
from sklearn.exceptions import ConvergenceWarning

from labeling.types import Floats, Ints, Strategy

SHORTLIST = 5
"""Rows per wanted row among which a diverse batch is chosen."""


def margins(proba: Floats) -> Floats:
    """Give the lead of the most probable class over the next.

    Parameters
    ----------
    proba : array of float, shape (n, k), k >= 2

    Returns
    -------
    array of float, shape (n,), in [0, 1]
        0 is a tie.

    References
    ----------
    Scheffer, Decomain & Wrobel (2001), Active hidden Markov models for information extraction.
    """
    second, first = np.partition(proba, -2, axis=1)[:, -2:].T
    return np.asarray(first - second)


def smallest(values: Floats, n: int) -> Ints:
    """Give the positions of the ``n`` smallest values (all if fewer), ascending, ties by position."""
    return np.argsort(values, kind="stable")[:n]


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


def weighted_draw(weights: Floats, n: int, rng: np.random.Generator) -> Ints:
    """Draw positions without replacement, one after the other in proportion to ``weights``.

    Parameters
    ----------
    weights : array of float, shape (p,), at least 0
        Rows of weight 0 come last.

    Returns
    -------
    array of int, shape (min(n, p),)

    References
    ----------
    Kool, van Hoof & Welling (2019), Stochastic beams and where to find them: the Gumbel-top-k trick.
    """
    tiny = np.finfo(np.float64).tiny
    keys = np.log(np.maximum(weights, tiny)) + rng.gumbel(size=len(weights))
    return smallest(-keys, n)


def margin(learner: Any, X: Any, n_instances: int = 1, **_: Any) -> tuple[Ints, Floats]:
    """Choose the rows between whose first two classes the learner decides least."""
    lead = margins(learner.predict_proba(X))
    chosen = smallest(lead, n_instances)
    return chosen, 1 - lead[chosen]


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


def random(
    learner: Any, X: Any, n_instances: int = 1, *, rng: np.random.Generator | None = None, **_: Any
) -> tuple[Ints, Floats]:
    """Choose uniformly, whatever the learner thinks: the baseline of every strategy."""
    n = X.shape[0]
    rng = rng or np.random.default_rng(0)
    chosen = rng.choice(n, min(n_instances, n), replace=False)
    return chosen, np.ones(len(chosen))


def first_batch(
    learner: Any, X: Any, n_instances: int = 1, *, rng: np.random.Generator | None = None, **_: Any
) -> tuple[Ints, Floats]:
    """Draw in proportion to the squared doubt ``(1 - max p)²``, before there is any human label.

    A batch of the most doubtful rows alone would show the model nothing of what it is right about.
    """
    doubt = (1 - learner.predict_proba(X).max(axis=1)) ** 2
    chosen = weighted_draw(doubt, n_instances, rng or np.random.default_rng(0))
    return chosen, doubt[chosen]


STRATEGIES: Mapping[str, Strategy] = {
    "auto": diverse_margin,
    "diverse_margin": diverse_margin,
    "margin": margin,
    "random": random,
}

"""Strategies that draw at random, uniformly or by doubt."""

from __future__ import annotations

from typing import Any

import numpy as np

from active.strategies.uncertainty import smallest
from labeling.types import Floats, Ints


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

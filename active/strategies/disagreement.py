"""The strategy that asks where the learner contradicts what the votes alone say."""

from __future__ import annotations

from typing import Any

import numpy as np

from active.strategies.uncertainty import entropies, largest, margin
from labeling.types import Floats, Ints


def divergences(p: Floats, q: Floats) -> Floats:
    """Give the Jensen-Shannon divergence of each row of two sets of class probabilities.

    Parameters
    ----------
    p, q : array of float, shape (n, k)

    Returns
    -------
    array of float, shape (n,), in [0, log 2] nats

    References
    ----------
    Lin (1991), Divergence measures based on the Shannon entropy.
    """
    between = entropies((p + q) / 2) - (entropies(p) + entropies(q)) / 2
    return np.asarray(np.maximum(between, 0))


def decidedness(proba: Floats) -> Floats:
    """Give how much class probabilities say, shape (n,): 0 where all are alike, 1 for certainty."""
    return np.asarray(1 - entropies(proba) / np.log(proba.shape[1]))


def disagreement(
    learner: Any, X: Any, n_instances: int = 1, *, posterior: Floats | None = None, **_: Any
) -> tuple[Ints, Floats]:
    """Choose the rows where learner and label model part, the more decided the label model is.

    Parameters
    ----------
    posterior : array of float, shape (n, k), optional
        What the votes alone say of each row. Without it nothing can be contradicted: small margins are
        chosen.
    """
    if posterior is None:
        return margin(learner, X, n_instances)
    apart = divergences(learner.predict_proba(X), posterior)
    return largest(apart * decidedness(posterior), n_instances)

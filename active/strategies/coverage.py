"""Strategies that spread over the pool by distance: k-center and ranked batch."""

from __future__ import annotations

from typing import Any

import numpy as np

from active.strategies.distances import located, one_after_another, start
from labeling.types import Floats, Ints


def k_center(
    learner: Any,
    X: Any,
    n_instances: int = 1,
    *,
    embedding: Any = None,
    known: Any = None,
    rng: np.random.Generator | None = None,
    **_: Any,
) -> tuple[Ints, Floats]:
    """Choose the row farthest from all that are labelled or chosen, again and again.

    Without a label the most central row comes first. Utilities are distances.

    References
    ----------
    Gonzalez (1985), Clustering to minimize the maximum intercluster distance. Sener & Savarese (2018),
    Active learning for convolutional neural networks: a core-set approach.
    """
    rows, labelled = located(learner, X, embedding, known)
    first, distance = start(rows, labelled, rng or np.random.default_rng(0))
    return one_after_another(rows, distance, first, n_instances, lambda _, distance, __: distance)


def ranked_batch(
    learner: Any,
    X: Any,
    n_instances: int = 1,
    *,
    embedding: Any = None,
    known: Any = None,
    rng: np.random.Generator | None = None,
    **_: Any,
) -> tuple[Ints, Floats]:
    """Choose rows that are far from all labelled and chosen ones, and uncertain the more are labelled.

    What modAL's ``uncertainty_batch_sampling`` chooses; without a label the most central row comes first,
    found among at most 1,000, and never twice.

    References
    ----------
    Cardoso et al. (2017), Ranked batch-mode active learning.
    """
    rows, labelled = located(learner, X, embedding, known)
    uncertainty = 1 - learner.predict_proba(X).max(axis=1)
    first, distance = start(rows, labelled, rng or np.random.default_rng(0))
    n, n_labelled = rows.shape[0], 0 if labelled is None else labelled.shape[0]

    def score(step: int, distance: Floats, where: Ints) -> Floats:
        alpha = (n - step) / (n + n_labelled)
        return np.asarray(alpha * (1 - 1 / (1 + distance)) + (1 - alpha) * uncertainty[where])

    return one_after_another(rows, distance, first, n_instances, score)

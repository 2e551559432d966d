"""The strategy that keeps the classes of a batch even."""

from __future__ import annotations

from typing import Any

import numpy as np

from active.strategies.uncertainty import margins
from labeling.types import Floats, Ints


def balanced(values: Floats, groups: Ints, counts: Ints, n: int) -> Ints:
    """Take the smallest value of the group that has the fewest so far, again and again.

    Parameters
    ----------
    values : array of float, shape (p,)
    groups : array of int, shape (p,), in 0 to g - 1
    counts : array of int, shape (g,)
        What each group has before.

    Returns
    -------
    array of int, shape (min(n, p),)
        Positions; ties fall to the first group, then to the first position.
    """
    order = np.argsort(values, kind="stable")
    queues = [order[groups[order] == group].tolist() for group in range(len(counts))]
    have, chosen = counts.astype(np.int64), []
    for _ in range(min(n, len(values))):
        group = min((g for g, queue in enumerate(queues) if queue), key=have.__getitem__)
        chosen.append(queues[group].pop(0))
        have[group] += 1
    return np.array(chosen, dtype=np.int64)


def class_balanced(learner: Any, X: Any, n_instances: int = 1, **_: Any) -> tuple[Ints, Floats]:
    """Choose small margins, each from the class with the fewest labels by what the learner predicts.

    References
    ----------
    Bengar et al. (2022), Class-balanced active learning for image classification.
    """
    proba = learner.predict_proba(X)
    lead = margins(proba)
    classes = getattr(learner, "estimator", learner).classes_
    labels = getattr(learner, "y_training", None)
    known = np.empty(0) if labels is None else np.asarray(labels)
    counts = np.array([np.sum(known == c) for c in classes])
    chosen = balanced(lead, proba.argmax(axis=1), counts, n_instances)
    return chosen, 1 - lead[chosen]

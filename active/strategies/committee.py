"""The strategy that asks where models disagree that learnt from other draws of the same labels."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import clone

from active.strategies.uncertainty import entropies, margins
from labeling.types import Floats, Ints

MEMBERS = 7


def vote_entropies(votes: Any, classes: Any) -> Floats:
    """Give the entropy of each row's votes in nats, shape (n,).

    Parameters
    ----------
    votes : array, shape (n, m)
        The class that each of m members gives.
    classes : array, shape (k,)

    References
    ----------
    Dagan & Engelson (1995), Committee-based sampling for training probabilistic classifiers.
    """
    shares = np.stack([(votes == c).mean(axis=1) for c in classes], axis=1)
    return entropies(shares)


def resampled(y: Any, rng: np.random.Generator) -> Ints:
    """Draw as many rows of each class as there are, with replacement, so that no class is lost."""
    rows = [np.flatnonzero(y == c) for c in np.unique(y)]
    return np.concatenate([rng.choice(of_class, len(of_class)) for of_class in rows])


def vote_entropy(
    learner: Any, X: Any, n_instances: int = 1, *, rng: np.random.Generator | None = None, **_: Any
) -> tuple[Ints, Floats]:
    """Choose the rows on which the votes of a committee have the largest entropy, ties by margin.

    A modAL ``Committee`` votes itself; of any other learner seven copies vote, each fitted to a bootstrap
    sample of its labels. Without labels all votes agree.
    """
    votes = committee_votes(learner, X, rng or np.random.default_rng(0))
    utilities = vote_entropies(votes, np.unique(votes))
    order = np.lexsort((margins(learner.predict_proba(X)), -utilities.round(12)))[:n_instances]
    return order, utilities[order]


def committee_votes(learner: Any, X: Any, rng: np.random.Generator) -> Any:
    """Give the class that each member gives each row, shape (n, m)."""
    if hasattr(learner, "vote"):
        return learner.vote(X)
    known: Any = getattr(learner, "X_training", None)
    if known is None or not known.shape[0]:
        return np.zeros((X.shape[0], 1))
    labels = learner.y_training
    draws = [resampled(labels, rng) for _ in range(MEMBERS)]
    members = [clone(learner.estimator).fit(known[rows], labels[rows]) for rows in draws]
    return np.stack([member.predict(X) for member in members], axis=1)

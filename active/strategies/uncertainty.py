"""How undecided class probabilities are, and the strategies that ask where they are most so."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import entr

from labeling.types import Floats, Ints


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


def entropies(proba: Floats) -> Floats:
    """Give the entropy of class probabilities in nats, shape (n,), in [0, log k].

    References
    ----------
    Shannon (1948), A mathematical theory of communication.
    """
    return np.asarray(entr(proba).sum(axis=1))


def smallest(values: Floats, n: int) -> Ints:
    """Give the positions of the ``n`` smallest values (all if fewer), ascending, ties by position."""
    if n < len(values):
        bound = np.partition(values, n)[n] if n else -np.inf
        few = np.flatnonzero(values <= bound)
        return np.asarray(few[np.argsort(values[few], kind="stable")[:n]])
    return np.argsort(values, kind="stable")


def largest(utilities: Floats, n: int) -> tuple[Ints, Floats]:
    """Give the ``n`` largest utilities as a strategy answers: positions, and what they come to."""
    chosen = smallest(-utilities, n)
    return chosen, utilities[chosen]


def margin(learner: Any, X: Any, n_instances: int = 1, **_: Any) -> tuple[Ints, Floats]:
    """Choose the rows between whose first two classes the learner decides least."""
    return largest(1 - margins(learner.predict_proba(X)), n_instances)


def least_confidence(learner: Any, X: Any, n_instances: int = 1, **_: Any) -> tuple[Ints, Floats]:
    """Choose the rows whose most probable class is least probable.

    References
    ----------
    Lewis & Gale (1994), A sequential algorithm for training text classifiers.
    """
    return largest(1 - learner.predict_proba(X).max(axis=1), n_instances)


def entropy(learner: Any, X: Any, n_instances: int = 1, **_: Any) -> tuple[Ints, Floats]:
    """Choose the rows whose class probabilities have the largest entropy."""
    return largest(entropies(learner.predict_proba(X)), n_instances)

"""Choosing rows whose labels would make the model surest of all the others: V-optimal design."""

from __future__ import annotations

from typing import Any

import numpy as np

from active.evidence import gini
from active.experts import sampled
from active.strategies.distances import located
from labeling.types import Floats, Ints

PRECISION = 0.2
"""Of the weights before any label; twice the regression's own, as found by experiment."""

INTERCEPT = 0.5
SAMPLE_ROWS = 10_000
"""Rows at most among which is chosen, and over which variance is summed."""


def variance_reduction(
    learner: Any,
    X: Floats,
    n_instances: int = 1,
    *,
    embedding: Floats | None = None,
    known: Floats | None = None,
    rng: np.random.Generator | None = None,
    **_: Any,
) -> tuple[Ints, Floats]:
    """Choose rows, one after the other, by the expected squared error that their labels take away.

    A label takes away the doubt about its own row, and by what it tells of the weights a part of the
    variance of every other row's probabilities. So rows are chosen that are in doubt, near many others in
    doubt, and far from each other, without a rule for each.

    Parameters
    ----------
    learner : modAL learner or classifier
        A learner's ``X_training`` holds the rows that are labelled already.
    X : array of float, shape (n, d)
        Dense rows to choose from, which also stand for all that is to be predicted.
    embedding, known : array of float, shapes (n, e) and (l, e), optional
        Columns in which rows of ``X`` and of ``X_training`` lie near or apart; all of theirs if left out.

    Returns
    -------
    indices : array of int, shape (min(n_instances, n),)
    utilities : array of float, same shape
        Expected squared error that each takes away after those before it.

    References
    ----------
    Schein & Ungar (2007), Active learning for logistic regression: an evaluation. Zhang & Oles (2000), The
    value of unlabeled data for classification problems.
    """
    rng = rng or np.random.default_rng(0)
    rows, labelled = located(learner, X, embedding, known)
    doubt = gini(learner.predict_proba(X))
    labelled = rows[:0] if labelled is None else labelled
    known_doubt = gini(learner.predict_proba(learner.X_training)) if len(labelled) else np.empty(0)
    covariance = weight_covariance(with_intercept(labelled), known_doubt / 2)
    pool = sampled(np.arange(len(rows)), SAMPLE_ROWS, int(rng.integers(2**31)))
    wanted = spread_of_doubt(with_intercept(rows[pool]), doubt[pool]) * (len(rows) / max(len(pool), 1))
    choice = drawn_by_doubt(doubt, rng)
    chosen, gains = greedy_reduction(
        covariance, wanted, with_intercept(rows[choice]), doubt[choice] / 2, doubt[choice], n_instances
    )
    return choice[chosen], gains


def drawn_by_doubt(doubt: Floats, rng: np.random.Generator) -> Ints:
    """Draw at most 10,000 rows in proportion to their doubt, shape (n,), without replacement."""
    if len(doubt) <= SAMPLE_ROWS:
        return np.arange(len(doubt))
    shares = doubt + np.finfo(np.float64).eps
    return rng.choice(len(doubt), SAMPLE_ROWS, replace=False, p=shares / shares.sum())


def with_intercept(rows: Floats) -> Floats:
    """Add a constant column to rows, shape (n, d), and give float64, shape (n, d + 1)."""
    return np.hstack([rows, np.full((len(rows), 1), INTERCEPT)], dtype=np.float64)


def weight_covariance(rows: Floats, information: Floats) -> Floats:
    """Give the covariance of a logistic regression's weights by Laplace's approximation, shape (d, d).

    Parameters
    ----------
    rows : array of float, shape (l, d)
        Labelled.
    information : array of float, shape (l,)
        ``p (1 - p)`` of each.
    """
    precision = PRECISION * np.eye(rows.shape[1]) + (rows.T * information) @ rows
    return np.asarray(np.linalg.inv(precision))


def spread_of_doubt(rows: Floats, doubt: Floats) -> Floats:
    """Give M, shape (d, d), such that ``tr(M C)`` is the summed variance of probabilities under covariance C.

    The variance of a row's probabilities is ``doubt² / 2 · x' C x`` to first order, as with two classes.
    """
    return np.asarray((rows.T * (doubt**2 / 2)) @ rows)


def greedy_reduction(
    covariance: Floats, wanted: Floats, rows: Floats, information: Floats, own: Floats, n: int
) -> tuple[Ints, Floats]:
    """Choose rows one after the other by the fall of ``tr(wanted · covariance)`` plus their own worth.

    Parameters
    ----------
    covariance, wanted : array of float64, shape (d, d)
    rows : array of float64, shape (n, d)
    information : array of float, shape (n,)
        What a label of each row adds to the precision along it.
    own : array of float, shape (n,)
    n : int

    Returns
    -------
    indices : array of int, shape (min(n, len(rows)),)
    gains : array of float, same shape

    Notes
    -----
    After each choice covariance falls by a matrix of rank one, so all gains are brought up to date in
    O(n d + d²).
    """
    covariance = covariance.copy()
    variance = np.einsum("nd,nd->n", rows @ covariance, rows)
    effect = np.einsum("nd,nd->n", rows @ (covariance @ wanted @ covariance), rows)
    left = np.ones(len(rows), dtype=bool)
    chosen, gains = [], []
    for _ in range(min(n, len(rows))):
        gain = np.where(left, information * effect / (1 + information * variance) + own, -np.inf)
        best = int(gain.argmax())
        left[best] = False
        chosen.append(best)
        gains.append(gain[best])
        direction = covariance @ rows[best]
        share = information[best] / (1 + information[best] * variance[best])
        along, felt = rows @ direction, wanted @ direction
        effect += share * along * (share * along * (direction @ felt) - 2 * (rows @ (covariance @ felt)))
        variance -= share * along**2
        covariance -= share * np.outer(direction, direction)
    return np.array(chosen, dtype=np.int64), np.array(gains)

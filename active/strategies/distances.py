"""Distances between rows, and choice by the distance to what was chosen before."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.metrics import pairwise_distances_argmin_min, pairwise_distances_chunked
from sklearn.metrics.pairwise import euclidean_distances

from active.experts import sampled
from labeling.types import Floats, Ints

CENTRE_SAMPLE = 1000
"""Rows to which mean distance is taken: all of them in a pool of no more."""

CHUNK_MEGABYTES = 64
REFRESHED = 256
"""Rows whose distance is brought up to date at a time; twice as many each time that it does not suffice."""

Score = Callable[[int, Floats, Ints], Floats]


def located(learner: Any, X: Any, embedding: Any, known: Any) -> tuple[Any, Any]:
    """Give rows in which near means near, and those of what is labelled already, None without any.

    Parameters
    ----------
    learner : modAL learner or classifier
        A learner's ``X_training`` stands for ``known`` where ``embedding`` is None.
    X, embedding : array or sparse matrix, n rows
        ``X`` stands in where ``embedding`` is None.
    known : array or sparse matrix, l rows, or None
        Labelled rows in the columns of ``embedding``.
    """
    if embedding is None:
        embedding, known = X, getattr(learner, "X_training", None)
    return embedding, (known if known is not None and known.shape[0] else None)


def nearest_distance(rows: Any, centres: Any) -> Floats:
    """Give each row's Euclidean distance to the nearest of ``centres``, shape (n,)."""
    return np.asarray(pairwise_distances_argmin_min(rows, centres)[1], dtype=np.float64)


def most_central(rows: Any, rng: np.random.Generator) -> int:
    """Give the row with the least mean Euclidean distance to all, or to 1,000 drawn rows of a larger pool."""
    seed = int(rng.integers(2**31))
    drawn = rows[np.sort(sampled(np.arange(rows.shape[0]), CENTRE_SAMPLE, seed))]
    means = pairwise_distances_chunked(
        rows, drawn, reduce_func=lambda block, _: block.mean(axis=1), working_memory=CHUNK_MEGABYTES
    )
    return int(np.concatenate(list(means)).argmin())


def start(rows: Any, known: Any, rng: np.random.Generator) -> tuple[Ints, Floats]:
    """Give what a choice by distance begins with: its first pick, and each row's distance to the nearest.

    Returns
    -------
    first : array of int, shape (0,) or (1,)
        The most central row where nothing is ``known``.
    distance : array of float64, shape (n,)
    """
    if known is not None or not rows.shape[0]:
        distance = np.empty(0) if known is None else nearest_distance(rows, known)
        return np.empty(0, dtype=np.int64), distance
    first = np.array([most_central(rows, rng)])
    return first, nearest_distance(rows, rows[first])


def one_after_another(rows: Any, distance: Floats, first: Ints, n: int, score: Score) -> tuple[Ints, Floats]:
    """Choose the row of the highest score, ``n`` times, where every choice draws distances nearer.

    Parameters
    ----------
    rows : array or sparse matrix, shape (n_rows, d)
    distance : array of float64, shape (n_rows,)
        To the nearest of all that stands before, ``first`` included.
    first : array of int, shape (f,)
        Rows that are chosen already; they open the answer.
    n : int
        How many in all.
    score : callable
        Gives scores, shape (p,), of the step's number, distances (p,) and positions (p,); it may not fall
        as distance grows.

    Returns
    -------
    indices : array of int, shape (min(n, n_rows),)
        Ties fall to the first position.
    scores : array of float64, same shape

    Notes
    -----
    A distance only shrinks, so one that is out of date bounds the score from above: it is brought up to
    date only where that bound wins. (Minoux, 1978, Accelerated greedy algorithms.)
    """
    everywhere, bound = np.arange(rows.shape[0]), distance.copy()
    chosen, seen = first.tolist()[:n], np.full(rows.shape[0], len(first))
    scores = score(len(chosen), bound, everywhere)
    gained = scores[chosen].tolist()
    while len(chosen) < min(n, rows.shape[0]):
        step = len(chosen)
        scores = np.array(score(step, bound, everywhere))
        scores[chosen] = -np.inf
        size = REFRESHED
        while seen[best := int(scores.argmax())] < step:
            stale = _leading(np.where(seen < step, scores, -np.inf), size)
            nearest = euclidean_distances(rows[stale], rows[chosen]).min(axis=1)
            bound[stale] = np.minimum(bound[stale], nearest)
            seen[stale], scores[stale] = step, score(step, bound[stale], stale)
            size *= 2
        chosen.append(best)
        gained.append(float(scores[best]))
    return np.array(chosen, dtype=np.int64), np.array(gained)


def _leading(scores: Floats, n: int) -> Ints:
    """Positions of the ``n`` highest finite scores, in no order."""
    found = np.argpartition(-scores, n)[:n] if n < len(scores) else np.arange(len(scores))
    return np.asarray(found[scores[found] > -np.inf])

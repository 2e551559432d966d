"""Whether labels still change: agreement of successive models on a fixed stop set."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from labeling.types import Ints, Stability

THRESHOLD = 0.99
"""Mean kappa from which labels count as stable."""

WINDOW = 3
"""Comparisons that the mean is taken of: a single one may be high by chance."""


def kappa(first: Ints, second: Ints) -> float:
    """Give Cohen's kappa of two labellings: agreement beyond what their class shares bring by chance.

    Parameters
    ----------
    first, second : array of int, shape (s,), at least 0, s > 0

    Returns
    -------
    float
        At most 1; 1 where both name one and the same class throughout.

    References
    ----------
    Cohen (1960), A coefficient of agreement for nominal scales.
    """
    n_classes = int(max(first.max(), second.max())) + 1
    shares = [np.bincount(labels, minlength=n_classes) / len(labels) for labels in (first, second)]
    chance = float(shares[0] @ shares[1])
    observed = float((first == second).mean())
    return 1.0 if chance == 1 else (observed - chance) / (1 - chance)


def spaced(labels: Ints, gap: int) -> Ints:
    """Choose models to compare: the last, and before it such as learnt from at least ``gap`` answers fewer.

    Models that are a few answers apart agree whatever is still to be learnt.

    Parameters
    ----------
    labels : array of int, shape (r,), ascending
        Answers that each model had learnt from.
    gap : int

    Returns
    -------
    array of int
        Positions, ascending; the last among them.
    """
    chosen: list[int] = []
    for i in range(len(labels) - 1, -1, -1):
        if not chosen or labels[chosen[-1]] - labels[i] >= gap:
            chosen.append(i)
    return np.array(chosen[::-1], dtype=np.int64)


def stability(successive: Sequence[Ints]) -> Stability:
    """Tell whether labels still change from model to model.

    Parameters
    ----------
    successive : sequence of array of int, shape (s,)
        What each model, the newest last, says of the same uniformly drawn items, which need no labels.

    References
    ----------
    Bloodgood & Vijay-Shanker (2009), A method for stopping active learning based on stabilizing predictions
    and the need for user-adjustable stopping. Kurlandski & Bloodgood (2022), Impact of stop sets on stopping
    active learning for text classification.
    """
    last = list(successive)[-(WINDOW + 1) :]
    pairs = list(pairwise(last))
    kappas = tuple(kappa(before, after) for before, after in pairs)
    return Stability(
        stable=len(kappas) == WINDOW and float(np.mean(kappas)) >= THRESHOLD,
        kappas=kappas,
        changed=int((last[-2] != last[-1]).sum()) if pairs else 0,
        size=len(last[-1]) if last else 0,
        needed=WINDOW,
        threshold=THRESHOLD,
    )

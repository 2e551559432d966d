"""Most probable classes, where ties fall by the item and not by the order of rows or classes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from labeling.types import Floats, digest_of

SAME = 1e-9
"""Probabilities closer than this are alike: they came from the same votes in another order."""


def most_probable(proba: Floats, digests: Sequence[str], names: Sequence[str]) -> npt.NDArray[np.int8]:
    """Give the most probable class of each item, shape (n,); a tie falls by a hash of item and class name.

    Parameters
    ----------
    proba : array, shape (n, k)
    digests : sequence of str, length n
        The items' content digests.
    names : sequence of str, length k
        The classes'.
    """
    labels: npt.NDArray[np.int8] = proba.argmax(axis=1).astype(np.int8)
    alike = proba >= proba.max(axis=1, keepdims=True) - SAME
    for i in np.flatnonzero(alike.sum(axis=1) > 1):
        tied = np.flatnonzero(alike[i]).tolist()
        labels[i] = min(tied, key=lambda c: digest_of("tie", digests[i], names[c]))
    return labels

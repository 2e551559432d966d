"""Nearest neighbours by cosine: exact among up to 20,000 rows, approximate among more."""

from __future__ import annotations

import numpy as np

from active import cells
from active.cells import Cells
from active.features.rows import Float32s
from labeling.types import Ints

CHUNK = 1024

EXACT_UP_TO = 20_000
"""Rows above which neighbours are looked for in cells: comparing all takes quadratic time."""

METHOD = ("cells", EXACT_UP_TO, cells.SIZE, cells.PROBED)
"""What decides which neighbours are found."""


def nearest_neighbours(unit: Float32s, k: int, queries: Float32s | None = None) -> tuple[Ints, Float32s]:
    """Find nearest rows by cosine.

    Parameters
    ----------
    unit : array of float32, shape (n, d)
        Unit rows.
    k : int
        Neighbours wanted; fewer where there are not as many other rows.
    queries : array of float32, shape (m, d), optional
        Unit rows whose neighbours are sought; left out, each row's other rows.

    Returns
    -------
    indices : array of int, shape (m, min(k, n or n - 1))
        In no particular order.
    cosines : array of float32, same shape, in [-1, 1]

    Notes
    -----
    By brute force, in O(m n d) time and O(n) memory beside the result; above 20,000 rows in cells, where nine
    in ten of the true neighbours are found, and a place that nothing was found for has the cosine -1.
    """
    n = len(unit)
    k = max(min(k, n - 1 if queries is None else n), 0)
    return Cells.of(unit).neighbours(k, queries) if n > EXACT_UP_TO else exact_neighbours(unit, k, queries)


def exact_neighbours(unit: Float32s, k: int, queries: Float32s | None) -> tuple[Ints, Float32s]:
    """Compare all rows, chunk by chunk; ``k`` is possible."""
    rows = unit if queries is None else queries
    n, m = len(unit), len(rows)
    indices = np.empty((m, k), dtype=np.int64)
    cosines = np.empty((m, k), dtype=np.float32)
    for start in range(0, m if k > 0 else 0, CHUNK):
        block = slice(start, start + CHUNK)
        similar = rows[block] @ unit.T
        if queries is None:
            np.fill_diagonal(similar[:, start:], -np.inf)
        indices[block] = np.argpartition(similar, n - k, axis=1)[:, n - k :]
        cosines[block] = np.take_along_axis(similar, indices[block], axis=1)
    return indices, cosines

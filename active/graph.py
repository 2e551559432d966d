"""Smoothing of features over the graph of nearest neighbours."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

from active.features import Float32s, unit_rows
from labeling.types import Ints

CHUNK = 1024


def nearest_neighbours(unit: Float32s, k: int) -> tuple[Ints, Float32s]:
    """Find each row's nearest other rows by cosine, exactly.

    Parameters
    ----------
    unit : array of float32, shape (n, d)
        Unit rows.
    k : int
        Neighbours wanted; fewer where there are not as many other rows.

    Returns
    -------
    indices : array of int, shape (n, min(k, n - 1))
        In no particular order.
    cosines : array of float32, same shape, in [-1, 1]

    Notes
    -----
    Brute force: O(n² d) time, O(n) memory beside the result.
    """
    n = len(unit)
    k = max(min(k, n - 1), 0)
    indices = np.empty((n, k), dtype=np.int64)
    cosines = np.empty((n, k), dtype=np.float32)
    for start in range(0, n if k > 0 else 0, CHUNK):
        block = slice(start, start + CHUNK)
        similar = unit[block] @ unit.T
        np.fill_diagonal(similar[:, start:], -np.inf)
        indices[block] = np.argpartition(similar, n - k, axis=1)[:, n - k :]
        cosines[block] = np.take_along_axis(similar, indices[block], axis=1)
    return indices, cosines


def neighbour_graph(unit: Float32s, k: int) -> sp.csr_matrix:
    """Build the symmetric nearest-neighbour graph with rows that sum to one.

    Two rows are joined when either is among the other's ``k`` nearest, with their cosine as weight;
    rows at a right angle or more are not joined, so that a row of zeros has no neighbours.

    Returns
    -------
    sparse matrix of float32, shape (n, n)
    """
    n = len(unit)
    indices, cosines = nearest_neighbours(unit, k)
    sources = np.repeat(np.arange(n), indices.shape[1])
    directed = sp.csr_matrix((np.maximum(cosines, 0).ravel(), (sources, indices.ravel())), shape=(n, n))
    symmetric = directed.maximum(directed.T)
    degree = np.asarray(symmetric.sum(axis=1)).ravel()
    scale = np.divide(1, degree, out=np.zeros_like(degree), where=degree > 0)
    return sp.diags(scale, dtype=np.float32) @ symmetric


def smoothed(unit: Float32s, k: int = 10, steps: int = 2, keep: float = 0.5) -> Float32s:
    """Draw each row towards its neighbours: ``X <- keep F + (1 - keep) G X``, ``steps`` times.

    Label propagation paid once, in the features, after which a linear model carries a label to near
    rows while its calibration stays intact.

    Parameters
    ----------
    unit : array of float32, shape (n, d)
        Unit rows F.
    k : int
        Neighbours of each row.

    Returns
    -------
    array of float32, shape (n, d)
        Unit rows.

    References
    ----------
    Zhou et al. (2004), Learning with local and global consistency.
    """
    graph = neighbour_graph(unit, k)
    rows = unit
    for _ in range(steps):
        rows = keep * unit + (1 - keep) * (graph @ rows)
    return unit_rows(rows)

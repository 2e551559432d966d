"""Smoothing of features over the graph of nearest neighbours."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

from active.features.rows import Float32s, unit_rows
from active.neighbours import METHOD, nearest_neighbours
from active.threads import one_thread
from labeling.types import Ints

K, STEPS, KEEP = 10, 2, 0.5

PARAMETERS = (K, STEPS, KEEP, METHOD)
"""What smoothed rows depend on beside the rows."""


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
    directed = edges(indices, cosines, n)
    return row_normalised(directed.maximum(directed.T))


def edges(indices: Ints, cosines: Float32s, n: int) -> sp.csr_matrix:
    """Give neighbours, shape (m, k), of ``n`` rows as a matrix, shape (m, n), of cosines above 0."""
    sources = np.repeat(np.arange(len(indices)), indices.shape[1])
    weights = np.maximum(cosines, 0).ravel()
    found = sp.csr_matrix((weights, (sources, indices.ravel())), shape=(len(indices), n))
    found.eliminate_zeros()
    return found


def row_normalised(weights: sp.csr_matrix) -> sp.csr_matrix:
    """Scale rows to sum to one; empty rows stay."""
    degree = np.asarray(weights.sum(axis=1)).ravel()
    scale = np.divide(1, degree, out=np.zeros_like(degree), where=degree > 0)
    return sp.diags(scale, dtype=np.float32) @ weights


def smoothed(unit: Float32s, k: int = K, steps: int = STEPS, keep: float = KEEP) -> Float32s:
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
    with one_thread():
        graph = neighbour_graph(unit, k)
        rows = unit
        for _ in range(steps):
            rows = keep * unit + (1 - keep) * (graph @ rows)
        return unit_rows(rows)


def joined(new: Float32s, unit: Float32s, smooth: Float32s, k: int = K, keep: float = KEEP) -> Float32s:
    """Draw new rows towards stored neighbours, which stay as they are.

    Parameters
    ----------
    new : array of float32, shape (m, d)
        Unit rows.
    unit, smooth : array of float32, shape (n, d)
        Stored unit rows, among which neighbours are sought, and the same rows smoothed.

    Returns
    -------
    array of float32, shape (m, d)
        Unit rows; each depends on itself and on what is stored, not on other new rows.
    """
    with one_thread():
        indices, cosines = nearest_neighbours(unit, k, new)
    graph = row_normalised(edges(indices, cosines, len(unit)))
    return unit_rows(keep * new + (1 - keep) * (graph @ smooth))

"""Approximate nearest neighbours: rows are looked for in the cells around them alone."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from active.features.rows import Float32s, unit_rows
from labeling.types import Ints

SIZE = 300
"""Rows of a cell on average."""

PROBED = 16
"""Cells in which a row's neighbours are looked for."""

TRAINING = 20
"""Rows for each centre that k-means sees."""

ITERATIONS = 5
CHUNK = 4096

MOST_PAIRS = 1 << 21
"""Cosines at once: some cells are much larger than others."""


@dataclass(frozen=True)
class Cells:
    """Rows in cells around centres.

    Parameters
    ----------
    unit : array of float32, shape (n, d)
        Unit rows.
    centres : array of float32, shape (c, d)
        Unit rows.
    members : array of int, shape (n,)
        Rows, cell by cell.
    starts : array of int, shape (c + 1,)
        Where in ``members`` each cell begins, and the end.
    """

    unit: Float32s = field(repr=False)
    centres: Float32s = field(repr=False)
    members: Ints = field(repr=False)
    starts: Ints = field(repr=False)

    @classmethod
    def of(cls, unit: Float32s) -> Cells:
        """Divide rows into cells of about 300."""
        centres = spherical_centres(unit, max(len(unit) // SIZE, 1))
        members, starts = grouped(nearest_centres(unit, centres, 1)[:, 0], len(centres))
        return cls(unit, centres, members, starts)

    def neighbours(self, k: int, queries: Float32s | None = None) -> tuple[Ints, Float32s]:
        """Find near rows in the cells around each query, as ``nearest_neighbours`` does exactly.

        Returns
        -------
        indices : array of int, shape (m, k)
        cosines : array of float32, shape (m, k)
            -1 where fewer rows were found.
        """
        rows = self.unit if queries is None else queries
        probed = nearest_centres(rows, self.centres, min(PROBED, len(self.centres)))
        places, starts = grouped(probed.ravel(), len(self.centres))
        asking = places // probed.shape[1]
        indices = np.zeros((len(rows), k), dtype=np.int64)
        cosines = np.full((len(rows), k), -1, dtype=np.float32)
        for cell in range(len(self.centres)):
            members = self.members[self.starts[cell] : self.starts[cell + 1]]
            who = asking[starts[cell] : starts[cell + 1]]
            step = max(MOST_PAIRS // max(len(members), 1), 1)
            for start in range(0, len(who) if len(members) else 0, step):
                some = who[start : start + step]
                similar = rows[some] @ self.unit[members].T
                if queries is None:
                    similar[some[:, None] == members] = -1
                keep_largest(indices, cosines, some, members, similar)
        return indices, cosines


def keep_largest(indices: Ints, cosines: Float32s, who: Ints, members: Ints, similar: Float32s) -> None:
    """Put the members that are nearer than what was found before into rows ``who`` of a result in place.

    Parameters
    ----------
    indices, cosines : arrays, shape (m, k)
        What was found before.
    who : array of int, shape (q,)
        Rows of the result.
    members : array of int, shape (s,)
    similar : array of float32, shape (q, s)
        Cosines.
    """
    k = indices.shape[1]
    near = largest(similar, min(k, len(members)))
    both = np.hstack([cosines[who], np.take_along_axis(similar, near, axis=1)])
    names = np.hstack([indices[who], members[near]])
    best = largest(both, k)
    cosines[who] = np.take_along_axis(both, best, axis=1)
    indices[who] = np.take_along_axis(names, best, axis=1)


def largest(values: Float32s, k: int) -> Ints:
    """Give the places of the ``k`` largest values in each row, shape (q, k), in no particular order."""
    return np.asarray(np.argpartition(values, values.shape[1] - k, axis=1)[:, values.shape[1] - k :])


def spherical_centres(unit: Float32s, n_centres: int) -> Float32s:
    """Give unit centres, shape (c, d), of a few steps of k-means by cosine on a sample of rows.

    References
    ----------
    Dhillon and Modha (2001), Concept decompositions for large sparse text data using clustering.
    """
    rng = np.random.default_rng(0)
    sample = unit[rng.choice(len(unit), min(TRAINING * n_centres, len(unit)), replace=False)]
    centres = sample[rng.choice(len(sample), n_centres, replace=False)]
    for _ in range(ITERATIONS):
        sums = np.zeros_like(centres)
        np.add.at(sums, nearest_centres(sample, centres, 1)[:, 0], sample)
        centres = np.where(sums.any(axis=1, keepdims=True), unit_rows(sums), centres)
    return centres


def nearest_centres(rows: Float32s, centres: Float32s, k: int) -> Ints:
    """Give the ``k`` nearest centres of each row, shape (m, k), in no particular order."""
    found = np.empty((len(rows), k), dtype=np.int64)
    for start in range(0, len(rows), CHUNK):
        similar = rows[start : start + CHUNK] @ centres.T
        found[start : start + CHUNK] = np.argpartition(-similar, k - 1, axis=1)[:, :k]
    return found


def grouped(groups: Ints, n_groups: int) -> tuple[Ints, Ints]:
    """Give places in ``groups`` ordered by group, and where each group begins, shape (n_groups + 1,)."""
    order = np.argsort(groups, kind="stable")
    return order, np.searchsorted(groups[order], np.arange(n_groups + 1))

"""Which rows of a pool say nearly the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from labeling.types import Bools, Ints

NEARLY_THE_SAME = 0.975
"""Cosine of smoothed features above which texts are near-duplicates: there it is .95 without smoothing."""

FEW_COLUMNS = 16
"""Columns of features below which many rows point the same way: there only equal ones are alike."""

EQUAL = 1 - 1e-6
CHUNK, AT_ONCE = 16_384, 256


@dataclass(frozen=True)
class Likeness:
    """Rows are alike whose features are, and those of one cluster.

    Parameters
    ----------
    features : array of float, shape (n, d)
        A row of zeros is like nothing but itself.
    clusters : array of int, shape (n,), optional
    """

    features: npt.NDArray[np.float32] = field(repr=False)
    clusters: Ints | None = field(default=None, repr=False)

    def near(self, others: Ints, rows: Ints) -> Bools:
        """Mask, shape (o,): which of ``others`` are like one of ``rows``, or are it."""
        masks = [alike.any(axis=1) for alike in self._blocks(others, rows)]
        return np.concatenate([np.zeros(0, dtype=bool), *masks])

    def counts(self, others: Ints, rows: Ints) -> Ints:
        """Count, for each of ``rows``, the ``others`` that are like it, itself included, shape (r,)."""
        return sum((alike.sum(axis=0) for alike in self._blocks(others, rows)), np.zeros(len(rows), int))

    def distinct(self, rows: Ints, n: int) -> Bools:
        """Mask, shape (r,): the first ``n`` of ``rows`` that are like none of those before them."""
        kept = np.zeros(len(rows), dtype=bool)
        for start in range(0, len(rows), AT_ONCE):
            block, here = rows[start : start + AT_ONCE], kept[start : start + AT_ONCE]
            new, alike = ~self.near(block, rows[kept]), self._alike(block, block)
            for i in np.flatnonzero(new):
                here[i] = kept.sum() < n and not alike[i, here].any()
            if kept.sum() >= n:
                break
        return kept

    def _blocks(self, others: Ints, rows: Ints) -> Iterator[Bools]:
        return (self._alike(others[i : i + CHUNK], rows) for i in range(0, len(others), CHUNK))

    def _alike(self, some: Ints, rows: Ints) -> Bools:
        least = EQUAL if self.features.shape[1] < FEW_COLUMNS else NEARLY_THE_SAME
        same = unit(self.features[some]) @ unit(self.features[rows]).T > least
        same |= some[:, None] == rows
        if self.clusters is not None:
            same |= self.clusters[some][:, None] == self.clusters[rows]
        return np.asarray(same)


def unit(rows: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Scale rows to length one; rows of zeros stay."""
    lengths = np.sqrt(np.einsum("nd,nd->n", rows, rows))[:, None]
    return np.asarray(rows / np.where(lengths > 0, lengths, 1))

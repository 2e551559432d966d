"""Two ways to count co-votes of a chunk of rows: by pairs of cast votes, and by a product of indicators."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from labeling.types import ABSTAIN

Counts = npt.NDArray[np.int64]

PAIRS_WORTH_A_PRODUCT = 600
"""Cells of the product that cost as much time as one pair in the list (measured)."""


def vote_codes(hard: npt.NDArray[np.int8], n_classes: int) -> tuple[Counts, Counts]:
    """Give the row and the code ``voter * k + vote`` of every vote that was cast, row by row."""
    cells = hard.ravel()
    cast = np.flatnonzero(cells != ABSTAIN)
    rows = cast // hard.shape[1]
    return rows, (cast - rows * hard.shape[1]) * n_classes + cells[cast]


def pairs_are_quicker(hard: npt.NDArray[np.int8], n_classes: int) -> bool:
    """Tell whether so few votes were cast that to list their pairs beats the product."""
    cast = np.count_nonzero(hard != ABSTAIN, axis=1).astype(np.int64)
    width = hard.shape[1] * n_classes
    return int(cast @ (cast - 1)) // 2 * PAIRS_WORTH_A_PRODUCT < len(hard) * width * width


def add_pairs(counts: Counts, hard: npt.NDArray[np.int8], n_classes: int) -> None:
    """Add the pairs of votes in the rows of ``hard`` to the upper triangle of ``counts``, shape (d, d)."""
    rows, codes = vote_codes(hard, n_classes)
    first, flat = codes * len(counts), counts.reshape(-1)
    np.add.at(flat, first + codes, 1)
    for apart in range(1, hard.shape[1]):
        pair = np.flatnonzero(rows[apart:] == rows[:-apart])
        if not len(pair):
            return
        np.add.at(flat, first[pair] + codes[pair + apart], 1)


def add_product(counts: Counts, hard: npt.NDArray[np.int8], n_classes: int) -> None:
    """Add indicators' product to ``counts``: exact, for sums below 2^24 are integers in float32."""
    n, m = hard.shape
    indicators = np.empty((n, n_classes * m), dtype=np.float32)
    for c in range(n_classes):
        np.copyto(indicators[:, c * m : (c + 1) * m], hard == c)
    by_class = (indicators.T @ indicators).reshape(n_classes, m, n_classes, m)
    np.add(
        counts.reshape(m, n_classes, m, n_classes),
        by_class.transpose(1, 0, 3, 2),
        out=counts.reshape(m, n_classes, m, n_classes),
        casting="unsafe",
    )


def mirror(counts: Counts) -> None:
    """Copy the upper triangle of ``counts`` onto the lower one, in place."""
    for row in range(1, len(counts)):
        counts[row, :row] = counts[:row, row]


def count_voter(hard: npt.NDArray[np.int8], voter: int, n_classes: int) -> Counts:
    """Count the votes of one voter together with everybody's, shape (k, m * k)."""
    m = hard.shape[1]
    together = np.empty((n_classes, m, n_classes), dtype=np.int64)
    for a in range(n_classes):
        said = hard[hard[:, voter] == a]
        for b in range(n_classes):
            together[a, :, b] = np.count_nonzero(said == b, axis=0)
    return together.reshape(n_classes, m * n_classes)

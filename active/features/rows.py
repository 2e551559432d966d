"""Rows of features as dense arrays."""

from __future__ import annotations

import numpy as np

from labeling.types import Float32s

__all__ = ["Float32s", "unit_rows"]


def unit_rows(rows: Float32s) -> Float32s:
    """Scale each row to unit length; rows of zeros stay."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.where(lengths > 0, lengths, 1), dtype=np.float32)

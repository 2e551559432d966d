"""The feature space: what the learner sees of an item."""

from active.features.rows import Float32s, unit_rows

__all__ = ["Float32s", "unit_rows"]

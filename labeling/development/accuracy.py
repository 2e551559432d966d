"""Accuracy on the gold that a writer of functions may look at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from labeling.types import ABSTAIN


@dataclass(frozen=True)
class Accuracy:
    """Votes or labels that were judged by gold, and those of them that are right."""

    right: int
    judged: int

    @property
    def share(self) -> float | None:
        """Share that is right, in [0, 1]; None where nothing was judged."""
        return round(self.right / self.judged, 4) if self.judged else None

    def to_dict(self) -> dict[str, Any]:
        """Give a JSON-ready mapping."""
        return {"right": self.right, "judged": self.judged, "accuracy": self.share}


def judge(codes: npt.NDArray[np.int8], gold: npt.NDArray[np.int8]) -> Accuracy:
    """Compare class indices with gold, both of shape (n,), where neither is -1."""
    judged = (codes != ABSTAIN) & (gold != ABSTAIN)
    return Accuracy(int((judged & (codes == gold)).sum()), int(judged.sum()))

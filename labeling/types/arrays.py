"""Arrays as the engine types them, and what their codes mean."""

from __future__ import annotations

from collections.abc import Collection, Container
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.floating[Any]]
Ints = npt.NDArray[np.integer[Any]]
Bools = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.int8]

ABSTAIN = -1
FAULT = -2
"""The voter failed on the item."""
LOST = -3
"""The voter did not come back from the item, by time or by a crash: the next run tries again."""
UNKNOWN = -128
"""The voter was not asked."""
MAX_CLASSES = 127


def among(values: Collection[str], of: Container[str]) -> Bools:
    """Mask, shape (n,): values that a container holds."""
    return np.fromiter(map(of.__contains__, values), dtype=bool, count=len(values))

"""Values of a field as texts of JSON, in which form a state keeps them."""

from __future__ import annotations

import json

import numpy as np
import numpy.typing as npt

Values = npt.NDArray[np.object_]


def as_json(values: Values) -> Values:
    """Give each value as JSON, shape (n,)."""
    return np.array([json.dumps(value) for value in values], dtype=object)


def of_json(cells: Values) -> Values:
    """Give the values that ``as_json`` wrote."""
    values = np.empty(len(cells), dtype=object)
    values[:] = [json.loads(cell) for cell in cells]
    return values

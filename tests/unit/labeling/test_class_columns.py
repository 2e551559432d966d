from __future__ import annotations

from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from labeling.items.classes import encode, majority, unanimous
from labeling.items.content import named, to_arrow
from labeling.types import LabelClass, LabelSchema

SCHEMA = LabelSchema((LabelClass("A"), LabelClass("1"), LabelClass("true")))

rows = st.lists(st.tuples(st.integers(0, 4), st.integers(-1, 126)), max_size=30)


def test_cells_are_read_by_name() -> None:
    cells, json_cells = to_arrow(["A", None, 1, 1.5, True, "a", 1.5])
    codes, unknown = encode(cells, named("lf", cells, json_cells), SCHEMA)
    assert codes.dtype == np.int8
    assert codes.tolist() == [0, -1, 1, -1, 2, -1, -1]
    assert unknown == {"1.5": [3, 6], "a": [5]}


@given(rows)
def test_unanimous_and_majority_are_what_counting_gives(pairs: list[tuple[int, int]]) -> None:
    row_item = np.array([item for item, _ in pairs], dtype=np.int64)
    codes = np.array([code for _, code in pairs], dtype=np.int8)
    agreed, conflicts = unanimous(codes, row_item, 5)
    most = majority(codes, row_item, 5)
    assert agreed.dtype == most.dtype == np.int8
    for item in range(5):
        counts = Counter(code for i, code in pairs if i == item and code >= 0).most_common()
        tied = len(counts) > 1 and counts[0][1] == counts[1][1]
        assert conflicts[item] == (len(counts) > 1)
        assert agreed[item] == (counts[0][0] if len(counts) == 1 else -1)
        assert most[item] == (counts[0][0] if counts and not tied else -1)

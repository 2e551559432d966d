"""Intervals of a counted share."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from labeling.intervals import wilson_interval


@given(st.integers(1, 300), st.data(), st.sampled_from([0.8, 0.95, 0.99]))
def test_the_interval_is_the_one_of_scipy(judged: int, data: st.DataObject, level: float) -> None:
    right = data.draw(st.integers(0, judged))
    low, high = wilson_interval(right, judged, level)
    known = binomtest(right, judged).proportion_ci(level, method="wilson")
    assert low == pytest.approx(known.low, abs=1e-9)
    assert high == pytest.approx(known.high, abs=1e-9)


def test_arrays_go_element_by_element() -> None:
    low, high = wilson_interval(np.array([0.0, 5.0, 10.0]), np.array([0, 10, 10]))
    assert (low[0], high[0]) == pytest.approx((0, 1))
    assert (np.diff(low) > 0).all()
    assert (low <= high).all()

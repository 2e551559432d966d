import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from active.features.fields import FARTHEST, MOST_CATEGORIES, Fields, days_of, kind_of
from tests.feature_contents import Forgetful, content_of

CELLS = st.one_of(
    st.none(), st.integers(-99, 99), st.text(max_size=4), st.booleans(), st.sampled_from(["2026-01-31", "x"])
)


def placed(part: Fields, fitted: dict[str, list[object]], new: dict[str, list[object]]) -> np.ndarray:
    n, m = (len(next(iter(columns.values()))) for columns in (fitted, new))
    state = part.fit(content_of([""] * n, **fitted))
    return part.rows(content_of([""] * m, **new), state, Forgetful())


@given(fitted=st.lists(CELLS, min_size=1, max_size=12), new=st.lists(CELLS, min_size=1, max_size=5))
def test_any_values_become_finite_rows(fitted: list[object], new: list[object]) -> None:
    rows = placed(Fields(("a",)), {"a": fitted}, {"a": new})
    assert rows.shape[0] == len(new)
    assert rows.dtype == np.float32
    assert np.isfinite(rows).all()


def test_rows_that_were_fitted_to_have_length_1_on_average() -> None:
    columns = {"age": [3, None, 41, 80.5], "plan": ["a", "b", None, "b"]}
    rows = placed(Fields(("age", "plan")), columns, columns)
    assert (rows**2).sum(axis=1).mean() == pytest.approx(1, rel=1e-5)


def test_a_row_depends_on_its_own_fields_and_the_fitted_ones_alone() -> None:
    columns = {"age": [3, None, 41, 80.5], "plan": ["a", "b", None, "b"]}
    whole = placed(Fields(("age", "plan")), columns, columns)
    alone = placed(Fields(("age", "plan")), columns, {"age": [41], "plan": [None]})
    np.testing.assert_allclose(alone[0], whole[2], rtol=1e-6)


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([1, 2.5, None], "number"),
        (["1", "2e3"], "number"),
        (["2026-01-31", "2025-12-01T10:00:00Z"], "date"),
        (["2026-01-31", "soon"], "category"),
        (["2026-99-99"], "category"),
        ([True, False], "category"),
        ([["a"], ["b"]], "category"),
        ([None, None], "category"),
    ],
)
def test_kinds(values: list[object], kind: str) -> None:
    cells = np.empty(len(values), dtype=object)
    cells[:] = values
    assert kind_of(cells) == kind


def test_numbers_are_scaled_and_those_far_off_are_cut() -> None:
    rows = placed(Fields(("x",)), {"x": [*range(100), 10**9]}, {"x": [0, 10**9, 10**12]})
    assert rows[1, 0] == rows[2, 0]
    scale = rows[1, 0] / FARTHEST
    assert -1.5 < rows[0, 0] / scale < 0


def test_a_missing_number_is_the_median_and_told() -> None:
    rows = placed(Fields(("x",)), {"x": [1, 2, 30, None]}, {"x": [2, None, "none"]})
    np.testing.assert_array_equal(rows[0, 0], rows[1, 0])
    assert rows[1, 1] > rows[0, 1]
    np.testing.assert_array_equal(rows[1], rows[2])


def test_dates_count_in_days() -> None:
    import pandas as pd

    days = days_of(pd.Series(["1970-01-02", "1970-01-02T12:00:00+00:00", "never"], dtype=object))
    np.testing.assert_allclose(days, [1, 1.5, np.nan])
    near = placed(Fields(("d",)), {"d": ["2026-01-01", "2026-03-01", "2020-01-01"]}, {"d": ["2026-02-01"]})
    whole = placed(Fields(("d",)), *[{"d": ["2026-01-01", "2026-03-01", "2020-01-01"]}] * 2)
    assert whole[2, 0] < whole[0, 0] < near[0, 0] < whole[1, 0]


def test_new_categories_are_none_of_the_known() -> None:
    rows = placed(Fields(("c",)), {"c": ["a", "b", "b"]}, {"c": ["a", "b", "new"]})
    assert (rows > 0).sum(axis=1).tolist() == [1, 1, 0]


def test_rare_categories_share_a_column() -> None:
    values = [f"c{i}" for i in range(200)] + ["often"] * 20
    rows = placed(Fields(("c",)), {"c": values}, {"c": ["often", "c3", "c199", "new"]})
    assert rows.shape[1] == MOST_CATEGORIES
    np.testing.assert_array_equal(rows[2], rows[3])


def test_the_id_knows_the_fields() -> None:
    assert Fields(("a",)).id == Fields(("a",)).id != Fields(("b",)).id
    assert Fields(("a", "b")).fields == ("a", "b")

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from labeling.pool import spaces
from labeling.pool.features import assembled
from labeling.pool.spaces import state_of, table_of

ARRAYS = st.one_of(
    hnp.arrays(np.float32, hnp.array_shapes(max_dims=2, max_side=5)),
    hnp.arrays(np.float16, hnp.array_shapes(max_dims=2, max_side=5)),
    hnp.arrays(np.dtype(">i4"), 3),
    st.lists(st.text(max_size=5), max_size=5).map(lambda texts: np.array([*texts, "x"], dtype=object)[:-1]),
)


@given(state=st.dictionaries(st.text(min_size=1, max_size=4), ARRAYS, max_size=4))
def test_any_state_comes_back(state: dict[str, np.ndarray]) -> None:
    back = state_of(table_of(state))
    assert back.keys() == state.keys()
    for name, array in state.items():
        assert back[name].shape == array.shape
        assert back[name].dtype.newbyteorder("=") == array.dtype.newbyteorder("=")
        np.testing.assert_array_equal(back[name], array)


def test_large_arrays_are_stored_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spaces, "PIECE", 100)
    state = {"a": np.arange(60, dtype=np.float32), "b": np.empty((0, 3), dtype=np.float32)}
    table = table_of(state)
    assert table["name"].to_pylist() == ["a", "a", "a", "b"]
    np.testing.assert_array_equal(state_of(table)["a"], state["a"])
    assert state_of(table)["b"].shape == (0, 3)


def test_the_order_of_names_changes_nothing() -> None:
    one, other = np.ones(2), np.zeros(3)
    assert table_of({"a": one, "b": other}).equals(table_of({"b": other, "a": one}))


def test_rows_are_put_to_their_places() -> None:
    rows = np.arange(8, dtype=np.float32).reshape(4, 2)
    parts = [(np.array([3, 0]), rows[[3, 0]]), (np.array([1, 2]), rows[1:3])]
    np.testing.assert_array_equal(assembled(parts, 4), rows)
    assert parts == []

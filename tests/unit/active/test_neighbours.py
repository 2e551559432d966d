import numpy as np
import pytest

from active import neighbours
from active.features import unit_rows
from active.neighbours import nearest_neighbours


@pytest.fixture
def unit() -> np.ndarray:
    return unit_rows(np.random.default_rng(0).normal(size=(40, 6)).astype(np.float32))


@pytest.mark.parametrize("chunk", [7, 40, 1000])
def test_neighbours_are_exact_in_chunks_of_any_size(
    unit: np.ndarray, chunk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(neighbours, "CHUNK", chunk)
    indices, cosines = nearest_neighbours(unit, 5)
    similar = unit @ unit.T
    np.fill_diagonal(similar, -np.inf)
    expected = np.argsort(-similar, axis=1)[:, :5]
    np.testing.assert_array_equal(np.sort(indices, axis=1), np.sort(expected, axis=1))
    np.testing.assert_allclose(cosines, np.take_along_axis(similar, indices, axis=1), rtol=1e-5)


def test_a_row_is_not_its_own_neighbour() -> None:
    indices, _ = nearest_neighbours(np.ones((4, 1), dtype=np.float32), 3)
    assert all(i not in row for i, row in enumerate(indices))


def test_queries_may_find_themselves(unit: np.ndarray) -> None:
    indices, cosines = nearest_neighbours(unit, 1, unit[7:12])
    assert indices[:, 0].tolist() == [7, 8, 9, 10, 11]
    np.testing.assert_allclose(cosines, 1, rtol=1e-5)


@pytest.mark.parametrize("n", [0, 1, 3])
def test_there_are_fewer_neighbours_among_few_rows(n: int) -> None:
    rows = np.ones((n, 2), dtype=np.float32)
    assert nearest_neighbours(rows, 5)[0].shape == (n, max(n - 1, 0))
    assert nearest_neighbours(rows, 5, np.ones((2, 2), dtype=np.float32))[0].shape == (2, n)

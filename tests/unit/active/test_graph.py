import numpy as np
import pytest

from active import graph
from active.features import unit_rows


@pytest.fixture
def unit() -> np.ndarray:
    return unit_rows(np.random.default_rng(0).normal(size=(40, 6)).astype(np.float32))


@pytest.mark.parametrize("chunk", [7, 40, 1000])
def test_neighbours_are_exact_in_chunks_of_any_size(
    unit: np.ndarray, chunk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(graph, "CHUNK", chunk)
    indices, cosines = graph.nearest_neighbours(unit, 5)
    similar = unit @ unit.T
    np.fill_diagonal(similar, -np.inf)
    expected = np.argsort(-similar, axis=1)[:, :5]
    np.testing.assert_array_equal(np.sort(indices, axis=1), np.sort(expected, axis=1))
    np.testing.assert_allclose(cosines, np.take_along_axis(similar, indices, axis=1), rtol=1e-5)


def test_a_row_is_not_its_own_neighbour() -> None:
    indices, _ = graph.nearest_neighbours(np.ones((4, 1), dtype=np.float32), 3)
    assert all(i not in row for i, row in enumerate(indices))


def test_graph_rows_sum_to_one_and_edges_go_both_ways(unit: np.ndarray) -> None:
    found = graph.neighbour_graph(unit, 3)
    np.testing.assert_allclose(found.sum(axis=1), 1, rtol=1e-5)
    joined = found.toarray() > 0
    np.testing.assert_array_equal(joined, joined.T)


def test_right_angles_and_empty_rows_are_not_joined() -> None:
    unit = np.array([[1, 0, 0], [0, 1, 0], [0, 0, 0]], dtype=np.float32)
    assert graph.neighbour_graph(unit, 2).nnz == 0 or not graph.neighbour_graph(unit, 2).toarray().any()
    np.testing.assert_allclose(graph.smoothed(unit), unit)


def test_smoothing_draws_a_chain_of_neighbours_together(unit: np.ndarray) -> None:
    rows = graph.smoothed(unit, k=3)
    joined = graph.neighbour_graph(unit, 3).toarray() > 0
    assert (rows @ rows.T)[joined].mean() > (unit @ unit.T)[joined].mean() + 0.05
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, rtol=1e-5)
    assert rows.dtype == np.float32


def test_smoothing_follows_its_formula() -> None:
    unit = unit_rows(np.array([[1, 0], [1, 1]], dtype=np.float32))
    swap = unit[::-1]
    once = 0.5 * unit + 0.5 * swap
    twice = 0.5 * unit + 0.5 * once[::-1]
    np.testing.assert_allclose(graph.smoothed(unit, k=1, steps=2), unit_rows(twice), rtol=1e-5)


@pytest.mark.parametrize("n", [0, 1, 2])
def test_tiny_pools_work(n: int) -> None:
    assert graph.smoothed(np.ones((n, 1), dtype=np.float32)).shape == (n, 1)

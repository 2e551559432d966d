import numpy as np
import pytest

from active import graph
from active.features import unit_rows


@pytest.fixture
def unit() -> np.ndarray:
    return unit_rows(np.random.default_rng(0).normal(size=(40, 6)).astype(np.float32))


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


def test_new_rows_are_joined_by_the_formula() -> None:
    unit = unit_rows(np.array([[1, 0], [0, 1]], dtype=np.float32))
    smooth = graph.smoothed(unit)
    new = unit_rows(np.array([[3, 1]], dtype=np.float32))
    towards = (new[0, 0] * smooth[0] + new[0, 1] * smooth[1]) / new.sum()
    np.testing.assert_allclose(
        graph.joined(new, unit, smooth, k=2), unit_rows(0.5 * new + 0.5 * towards), rtol=1e-5
    )


def test_a_new_row_does_not_depend_on_other_new_rows(unit: np.ndarray) -> None:
    smooth = graph.smoothed(unit[:30])
    together = graph.joined(unit[30:], unit[:30], smooth)
    alone = [graph.joined(unit[i : i + 1], unit[:30], smooth)[0] for i in range(30, 40)]
    np.testing.assert_allclose(together, alone, atol=1e-6)


def test_a_new_row_far_from_all_stays() -> None:
    unit = np.array([[1, 0, 0]], dtype=np.float32)
    new = np.array([[0, 1, 0], [0, 0, 0]], dtype=np.float32)
    np.testing.assert_array_equal(graph.joined(new, unit, unit), new)

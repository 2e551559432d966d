import numpy as np
import pytest

from active import cells, neighbours
from active.cells import Cells, grouped, nearest_centres, spherical_centres
from active.features import unit_rows
from active.neighbours import exact_neighbours, nearest_neighbours

RNG = np.random.default_rng(0)
CENTRES = RNG.normal(size=(40, 16))
UNIT = unit_rows(
    (CENTRES[RNG.integers(0, 40, 3000)] + RNG.normal(scale=0.6, size=(3000, 16))).astype(np.float32)
)


@pytest.fixture(autouse=True)
def _small_cells(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cells, "SIZE", 50)


def recall(found: np.ndarray, expected: np.ndarray) -> float:
    return float(np.mean([len({*a} & {*b}) / len(b) for a, b in zip(found, expected, strict=True)]))


def test_most_neighbours_are_found() -> None:
    indices, cosines = Cells.of(UNIT).neighbours(10)
    expected, _ = exact_neighbours(UNIT, 10, None)
    assert recall(indices, expected) > 0.9
    assert all(len({*row}) == 10 and i not in row for i, row in enumerate(indices))
    exact = np.einsum("nd,nkd->nk", UNIT, UNIT[indices])
    np.testing.assert_allclose(cosines, exact, atol=1e-5)


def test_with_all_cells_probed_the_result_is_exact(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cells, "PROBED", 1000)
    indices, _ = Cells.of(UNIT).neighbours(10)
    assert recall(indices, exact_neighbours(UNIT, 10, None)[0]) == 1
    found, _ = Cells.of(UNIT[:2000]).neighbours(3, UNIT[2000:])
    assert recall(found, exact_neighbours(UNIT[:2000], 3, UNIT[2000:])[0]) == 1


def test_a_query_does_not_depend_on_other_queries() -> None:
    made = Cells.of(UNIT[:2500])
    together = made.neighbours(5, UNIT[2500:])
    alone = made.neighbours(5, UNIT[2600:2601])
    np.testing.assert_array_equal(np.sort(together[0][100]), np.sort(alone[0][0]))


def test_too_few_rows_leave_places_with_the_cosine_of_an_opposite() -> None:
    opposite = unit_rows(np.array([[1, 0], [1, 0.1], [0, 1], [0.1, 1]], dtype=np.float32))
    made = Cells(opposite, opposite[[0, 2]], np.arange(4), np.array([0, 2, 4]))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cells, "PROBED", 1)
        _, cosines = made.neighbours(3)
    assert (np.sort(cosines, axis=1)[:, :2] == -1).all()


def test_cells_take_over_above_a_number_of_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    exact, _ = nearest_neighbours(UNIT, 10)
    monkeypatch.setattr(neighbours, "EXACT_UP_TO", 2999)
    found, _ = nearest_neighbours(UNIT, 10)
    assert 0.9 < recall(found, exact) < 1


def test_the_same_rows_give_the_same_cells() -> None:
    first, again = Cells.of(UNIT), Cells.of(UNIT)
    np.testing.assert_array_equal(first.centres, again.centres)
    np.testing.assert_array_equal(first.members, again.members)


def test_centres_are_unit_rows_near_their_rows() -> None:
    centres = spherical_centres(UNIT, 40)
    np.testing.assert_allclose(np.linalg.norm(centres, axis=1), 1, rtol=1e-5)
    drawn = UNIT[:40]
    assert (UNIT @ centres.T).max(axis=1).mean() > (UNIT @ drawn.T).max(axis=1).mean()
    own = nearest_centres(UNIT, centres, 1)[:, 0]
    np.testing.assert_array_equal(own, (UNIT @ centres.T).argmax(axis=1))


def test_grouping() -> None:
    order, starts = grouped(np.array([2, 0, 2, 3]), 5)
    assert order.tolist() == [1, 0, 2, 3]
    assert starts.tolist() == [0, 1, 1, 3, 4, 4]


def test_large_cells_are_compared_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = Cells.of(UNIT).neighbours(5)[1]
    monkeypatch.setattr(cells, "MOST_PAIRS", 300)
    np.testing.assert_allclose(np.sort(Cells.of(UNIT).neighbours(5)[1]), np.sort(whole), atol=1e-6)

from typing import Any

import numpy as np
from scipy.spatial.distance import cdist

from active.strategies.typicality import group_order, in_turn, typical_first, typicality
from labeling.types import Floats

RNG = np.random.default_rng(0)
SIZES = (60, 40, 25, 8)
CENTRES = np.eye(4) * 20
ROWS = np.vstack([centre + RNG.normal(size=(size, 4)) for centre, size in zip(CENTRES, SIZES, strict=True)])
GROUPS = np.repeat(np.arange(4), SIZES)


class Knows:
    def __init__(self, known: Floats | None) -> None:
        self.X_training = known


def typical_by_hand(rows: Floats) -> Floats:
    distances = np.sort(cdist(rows, rows), axis=1)[:, 1:21]
    return np.asarray(1 / distances.mean(axis=1))


def test_typicality_is_nearness_to_twenty_neighbours() -> None:
    np.testing.assert_allclose(typicality(ROWS), typical_by_hand(ROWS), rtol=1e-3)
    np.testing.assert_allclose(typicality(ROWS[:7]), typical_by_hand(ROWS[:7]), rtol=1e-3)
    assert typicality(ROWS[:1]).tolist() == [1.0]


def test_it_asks_for_the_most_typical_row_of_each_cluster_the_largest_first() -> None:
    chosen, worth = typical_first(Knows(None), ROWS, 4, rng=np.random.default_rng(0))
    assert GROUPS[chosen].tolist() == [0, 1, 2, 3]
    for i, typical in zip(chosen, worth, strict=True):
        inside = np.flatnonzero(GROUPS[i] == GROUPS)
        expected = typical_by_hand(ROWS[inside])
        assert i == inside[expected.argmax()]
        np.testing.assert_allclose(typical, expected.max(), rtol=1e-3)


def test_clusters_with_labels_come_later() -> None:
    learner: Any = Knows(CENTRES[:2])
    chosen, _ = typical_first(learner, ROWS, 2, rng=np.random.default_rng(0))
    assert GROUPS[chosen].tolist() == [2, 3]


def test_small_clusters_come_last_and_labelled_ones_later() -> None:
    groups = np.repeat([0, 1, 2, 3], [9, 3, 20, 15])
    assert group_order(groups, np.array([2])).tolist() == [3, 0, 2, 1]
    assert group_order(groups, np.array([4, 4])).tolist() == [2, 3, 0, 1]


def test_turns_go_round_until_there_are_enough() -> None:
    chosen, _ = in_turn(ROWS, GROUPS, np.array([3, 0]), 5)
    assert GROUPS[chosen].tolist() == [3, 0, 3, 0, 3]
    assert len(set(chosen.tolist())) == 5


def test_many_clusters_are_found_too() -> None:
    rows = RNG.normal(size=(400, 3))
    chosen, _ = typical_first(Knows(rows[:80]), rows[80:], 20, rng=np.random.default_rng(0))
    assert len(set(chosen.tolist())) == 20

from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st
from modAL.batch import select_cold_start_instance, uncertainty_batch_sampling
from modAL.models import ActiveLearner
from scipy.spatial.distance import cdist
from sklearn.linear_model import LogisticRegression

from active.strategies.coverage import k_center, ranked_batch
from labeling.types import Floats, Ints


def pool(seed: int, n: int, d: int) -> Floats:
    return np.random.default_rng(seed).normal(size=(n, d))


def stock(known: Any) -> ActiveLearner:
    y = np.arange(known.shape[0]) % 2
    learner = ActiveLearner(LogisticRegression().fit(known, y))
    learner.X_training, learner.y_training = known, y
    return learner


def farthest_first(rows: Floats, known: Floats, n: int) -> list[int]:
    """The textbook's loop: all distances anew at each step."""
    chosen: list[int] = []
    for _ in range(n):
        distance = cdist(rows, np.vstack([known, rows[chosen]])).min(axis=1)
        distance[chosen] = -1
        chosen.append(int(distance.argmax()))
    return chosen


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("d", [1, 2, 30])
def test_k_center_is_the_greedy_farthest_first_traversal(seed: int, d: int) -> None:
    rows, known = pool(seed, 700, d), pool(seed + 100, 9, d)
    chosen, distances = k_center(stock(known), rows, 60)
    assert chosen.tolist() == farthest_first(rows, known, 60)
    assert (np.diff(distances) <= 1e-9).all()


def test_k_center_goes_by_the_embedding_where_there_is_one() -> None:
    rows, known = pool(0, 300, 4), pool(1, 5, 4)
    chosen, _ = k_center(stock(known), rows, 10, embedding=rows[:, :2], known=known[:, :2])
    assert chosen.tolist() == farthest_first(rows[:, :2], known[:, :2], 10)


def test_a_cold_start_begins_in_the_middle() -> None:
    rows = pool(0, 400, 3)
    for strategy in (k_center, ranked_batch):
        chosen, _ = strategy(LogisticRegression().fit(rows, rows[:, 0] > 0), rows, 12)
        assert chosen[0] == select_cold_start_instance(rows, "euclidean", None)[0]
        assert len(set(chosen.tolist())) == 12


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(("n", "d", "n_known"), [(600, 2, 5), (600, 40, 300), (50, 3, 60)])
def test_ranked_batch_picks_what_modal_picks(seed: int, n: int, d: int, n_known: int) -> None:
    rows, learner = pool(seed, n, d), stock(pool(seed + 100, n_known, d))
    expected, _ = uncertainty_batch_sampling(learner, rows, n_instances=25)
    chosen, _ = ranked_batch(learner, rows, 25)
    np.testing.assert_array_equal(chosen, expected)


def test_ranked_batch_picks_what_modal_picks_of_sparse_rows() -> None:
    rows = sp.random_array((400, 60), density=0.1, format="csr", rng=np.random.default_rng(0))
    learner = stock(sp.csr_array(rows[:30]))
    expected, _ = uncertainty_batch_sampling(learner, rows[30:], n_instances=15)
    np.testing.assert_array_equal(ranked_batch(learner, rows[30:], 15)[0], expected)


@given(st.integers(1, 40), st.integers(0, 45), st.integers(0, 3))
def test_both_give_every_row_once_and_no_more(n: int, wanted: int, n_known: int) -> None:
    rows = np.random.default_rng(n).integers(0, 3, size=(n, 2)).astype(float)
    for strategy in (k_center, ranked_batch):
        found: Ints = strategy(Undecided(rows[:n_known]), rows, wanted)[0]
        assert len(set(found.tolist())) == len(found) == min(n, wanted)


class Undecided:
    """A learner that knows some rows and has no opinion."""

    def __init__(self, known: Floats) -> None:
        self.X_training = known

    def predict_proba(self, X: Floats) -> Floats:
        return np.full((len(X), 2), 0.5)

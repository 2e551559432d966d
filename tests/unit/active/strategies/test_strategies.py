import inspect
from typing import Any, get_args

import numpy as np
import pytest
import scipy.sparse as sp
from modAL.models import ActiveLearner
from sklearn.linear_model import LogisticRegression

from active.modal import ModalLearner
from active.strategies import STRATEGIES, first_batch
from labeling.config.sections import ActiveConfig
from labeling.types import Strategy

RNG = np.random.default_rng(0)
X = RNG.normal(size=(200, 3))
Y = (X[:, 0] > 0).astype(int)
EVERY: dict[str, Strategy] = {**STRATEGIES, "first_batch": first_batch}
DENSE_ALONE = {"auto", "variance_reduction"}


def model() -> Any:
    return LogisticRegression().fit(X[:50], Y[:50])


def stock(strategy: Strategy, X_known: Any = X[:50]) -> ActiveLearner:
    """A learner of modAL's own, as its ``fit`` would leave it: that fails on this scikit-learn."""
    learner = ActiveLearner(LogisticRegression().fit(X_known, Y[:50]), query_strategy=strategy)
    learner.X_training, learner.y_training = X_known, Y[:50]
    return learner


@pytest.mark.parametrize("n", [1, 2, 7])
@pytest.mark.parametrize("name", EVERY)
def test_a_stock_modal_learner_can_use_it(name: str, n: int) -> None:
    indices, rows, utilities = stock(EVERY[name]).query(X[50:], n_instances=n, return_metrics=True)
    assert len(set(indices.tolist())) == len(utilities) == n
    np.testing.assert_array_equal(rows, X[50:][indices])


@pytest.mark.parametrize("name", EVERY)
def test_a_stock_modal_learner_can_hand_over_what_ours_does(name: str) -> None:
    more = {
        "embedding": X[50:, 1:],
        "known": X[:50, 1:],
        "posterior": np.full((150, 2), 0.5),
        "clusters": np.arange(150),
        "rng": np.random.default_rng(3),
    }
    indices, _ = stock(EVERY[name]).query(X[50:], n_instances=7, **more)
    assert len(set(indices.tolist())) == 7


@pytest.mark.parametrize("name", EVERY)
def test_a_stock_learner_that_knows_no_label_can_use_it(name: str) -> None:
    learner = ActiveLearner(model(), query_strategy=EVERY[name])
    indices, _ = learner.query(X, n_instances=7)
    assert len(set(indices.tolist())) == 7


@pytest.mark.parametrize("convert", [sp.csr_matrix, sp.csr_array])
@pytest.mark.parametrize("name", sorted(set(EVERY) - DENSE_ALONE))
def test_sparse_rows_give_what_dense_rows_give(name: str, convert: Any) -> None:
    dense, _ = stock(EVERY[name]).query(X[50:], n_instances=7)
    sparse, _ = stock(EVERY[name], convert(X[:50])).query(convert(X[50:]), n_instances=7)
    np.testing.assert_array_equal(sparse, dense)


@pytest.mark.parametrize("name", EVERY)
def test_the_repaired_learner_can_use_it(name: str) -> None:
    learner = ModalLearner(LogisticRegression(), EVERY[name]).fit(X[:50], Y[:50])
    indices, rows = learner.query(X[50:], n_instances=2)
    assert len(set(indices.tolist())) == len(rows) == 2


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("n", [0, 1, 3, 5])
def test_it_gives_what_there_is_and_no_more(name: str, n: int) -> None:
    for learner in (model(), stock(EVERY[name])):
        indices, utilities = EVERY[name](learner, X[:3], n_instances=n)
        assert len(set(indices.tolist())) == len(utilities) == min(n, 3)


@pytest.mark.parametrize("name", EVERY)
def test_one_instance_is_the_default_and_unknown_arguments_are_ignored(name: str) -> None:
    indices, _ = EVERY[name](model(), X, embedding=X, rng=np.random.default_rng(0), other=1)
    assert len(indices) == 1


@pytest.mark.parametrize("name", EVERY)
def test_the_same_generator_gives_the_same_rows(name: str) -> None:
    first, second = (EVERY[name](stock(EVERY[name]), X, 9, rng=np.random.default_rng(5)) for _ in range(2))
    np.testing.assert_array_equal(first[0], second[0])
    np.testing.assert_array_equal(first[1], second[1])


@pytest.mark.parametrize("name", EVERY)
def test_equal_rows_are_no_trouble(name: str) -> None:
    indices, _ = EVERY[name](stock(EVERY[name]), np.ones((30, 3)), 8)
    assert len(set(indices.tolist())) == 8


@pytest.mark.parametrize("name", EVERY)
def test_nobody_seeds_or_reads_the_global_generator(name: str) -> None:
    np.random.seed(1)
    before = np.random.get_state()[1].copy()  # type: ignore[index, union-attr]
    EVERY[name](stock(EVERY[name]), X[50:], 7)
    np.testing.assert_array_equal(np.random.get_state()[1], before)  # type: ignore[index]


def test_a_config_takes_the_names_of_all_strategies() -> None:
    names = get_args(ActiveConfig.model_fields["strategy"].annotation)
    assert set(names) == set(STRATEGIES)


def test_a_strategy_asks_for_what_the_learner_hands_over_and_for_nothing_else() -> None:
    handed = {"learner", "X", "n_instances", "embedding", "known", "rng", "posterior", "clusters", "_"}
    for name, strategy in EVERY.items():
        assert set(inspect.signature(strategy).parameters) <= handed, name

from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp
from modAL.models import ActiveLearner
from sklearn.linear_model import LogisticRegression

from active.modal import ModalLearner

X = np.random.default_rng(0).normal(size=(20, 3))
Y = (X[:, 0] > 0).astype(int)


def learner(strategy: Any = lambda *_: (np.array([3, 7]), np.array([1.0, 0.5]))) -> ModalLearner:
    return ModalLearner(LogisticRegression(), strategy)


def test_the_stock_learner_does_not_train_on_this_scikit_learn() -> None:
    """When this fails, modAL has been repaired: much of the adapter can go."""
    with pytest.raises(TypeError, match="force_all_finite"):
        ActiveLearner(LogisticRegression()).fit(X, Y)
    with pytest.raises(TypeError, match="force_all_finite"):
        ActiveLearner(LogisticRegression()).teach(X, Y)


@pytest.mark.parametrize("convert", [np.asarray, sp.csr_matrix, sp.csr_array])
def test_teach_adds_to_what_fit_gave(convert: Any) -> None:
    taught = learner()
    taught.fit(convert(X[:10]), Y[:10])
    taught.teach(convert(X[10:]), Y[10:])
    assert taught.X_training.shape == (20, 3)
    np.testing.assert_array_equal(taught.y_training, Y)
    direct = LogisticRegression().fit(convert(X), Y)
    np.testing.assert_allclose(taught.predict_proba(convert(X)), direct.predict_proba(convert(X)))


def test_teach_on_an_unfitted_learner_is_a_fit() -> None:
    taught = learner()
    taught.teach(X, Y)
    assert (taught.predict(X) == Y).mean() > 0.9


def test_fit_forgets_what_was_known() -> None:
    refitted = learner()
    refitted.fit(X, Y)
    refitted.fit(X[:8], Y[:8])
    assert len(refitted.y_training) == 8


def test_only_new_trains_on_the_new_alone() -> None:
    taught = learner()
    taught.fit(X[:10], Y[:10])
    taught.teach(X, 1 - Y, only_new=True)
    assert (taught.predict(X) == 1 - Y).mean() > 0.9
    assert len(taught.y_training) == 10


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_values_that_are_not_finite_are_refused(bad: float) -> None:
    rows = X.copy()
    rows[4, 1] = bad
    for train in (learner().fit, learner().teach, lambda x, y: learner().teach(x, y, only_new=True)):
        with pytest.raises(ValueError, match=r"NaN|infinity"):
            train(rows, Y)


def test_rows_and_labels_must_be_as_many() -> None:
    with pytest.raises(ValueError, match="inconsistent"):
        learner().fit(X, Y[:5])


def test_a_pair_of_indices_stays_a_pair() -> None:
    indices, rows = learner().query(X)
    np.testing.assert_array_equal(indices, [3, 7])
    np.testing.assert_array_equal(rows, X[[3, 7]])
    assert len(learner().query(X, return_metrics=True)) == 3


def test_a_strategy_that_raises_is_called_once() -> None:
    calls = []

    def broken(*_: object) -> None:
        calls.append(1)
        raise RuntimeError("broken strategy")

    with pytest.raises(RuntimeError, match="broken strategy"):
        learner(broken).query(X)
    assert len(calls) == 1

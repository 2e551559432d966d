import numpy as np
import pytest
from scipy.special import softmax
from sklearn.base import clone

from active.estimator import VotesFirstClassifier, checked

K, D, N = 3, 5, 60
RNG = np.random.default_rng(0)
LABELS = RNG.integers(0, K, N)
FEATURES = RNG.normal(size=(N, D))
EXPERTS = RNG.normal(size=(N, 2 * K))
X = np.hstack([FEATURES, EXPERTS]).astype(np.float32)


def test_without_labels_it_is_the_two_experts() -> None:
    proba = VotesFirstClassifier(K).fit(X[:0], LABELS[:0]).predict_proba(X)
    vote, weak_text = X[:, D : D + K], X[:, D + K :]
    np.testing.assert_allclose(proba, softmax(0.7 * vote + 0.5 * weak_text, axis=1), rtol=1e-5)


def test_without_labels_and_votes_it_is_uniform() -> None:
    model = VotesFirstClassifier(K, expert_prior=()).fit(FEATURES[:0], LABELS[:0])
    np.testing.assert_allclose(model.predict_proba(FEATURES), 1 / K)


def test_labels_overrule_the_experts() -> None:
    rows = np.hstack([np.repeat(np.eye(K)[LABELS], 2, axis=1), EXPERTS])
    model = VotesFirstClassifier(K).fit(rows, LABELS)
    assert (model.predict(rows) == LABELS).mean() > 0.95


@pytest.mark.parametrize("labels", [[0], [1, 1, 1, 1, 1, 1, 1], [0, 2, 0, 2, 0, 2, 0, 2]])
def test_classes_unseen_so_far_keep_a_probability(labels: list[int]) -> None:
    y = np.array(labels)
    proba = VotesFirstClassifier(K).fit(X[: len(y)], y).predict_proba(X)
    assert proba.shape == (N, K)
    assert (proba > 0).all()
    np.testing.assert_allclose(proba.sum(axis=1), 1)


def test_few_labels_have_no_temperature_and_many_have() -> None:
    assert VotesFirstClassifier(K).fit(X[:4], LABELS[:4]).temperature_ == 1
    assert VotesFirstClassifier(K).fit(X, LABELS).temperature_ > 1.2  # labels are noise: less sure


def test_labels_out_of_range_are_refused() -> None:
    with pytest.raises(ValueError, match=r"labels lie in \[0, 3\], expected \[0, 2\]"):
        VotesFirstClassifier(K).fit(X[:2], np.array([0, 3]))


def test_it_can_be_cloned_and_gives_the_same_twice() -> None:
    model = VotesFirstClassifier(K, seed=4).fit(X, LABELS)
    again = clone(model).fit(X, LABELS)
    np.testing.assert_array_equal(model.predict_proba(X), again.predict_proba(X))
    np.testing.assert_array_equal(model.classes_, np.arange(K))


def test_rows_that_are_no_distributions_are_refused() -> None:
    with pytest.raises(ValueError, match="row 1"):
        checked(np.array([[0.5, 0.5], [np.nan, 1.0]]))
    rows = X.copy()
    rows[2, 0] = np.nan
    with pytest.raises(ValueError, match="row 2"):
        VotesFirstClassifier(K).fit(X, LABELS).predict_proba(rows)

import numpy as np
import pytest
from scipy.optimize import approx_fprime
from scipy.special import log_softmax
from sklearn.linear_model import LogisticRegression

from active import regression

RNG = np.random.default_rng(0)
N, D, K, E = 30, 4, 3, 2
FEATURES = RNG.normal(size=(N, D))
EXPERTS = RNG.normal(size=(N, E, K))
LABELS = RNG.integers(0, K, N)
ONE_HOT = np.eye(K)[LABELS]
TRUST = regression.Trust(np.array([0.7, 0.5]), np.array([10.0, 1.0]))


def test_the_gradient_is_that_of_the_loss() -> None:
    targets = RNG.dirichlet(np.ones(K), size=N)
    flat = RNG.normal(size=E + K + D * K)
    rest = (FEATURES, EXPERTS, targets, RNG.uniform(0.1, 1, size=N), TRUST)
    numeric = approx_fprime(flat, lambda at: regression.loss_and_gradient(at, *rest)[0], 1e-7)
    np.testing.assert_allclose(regression.loss_and_gradient(flat, *rest)[1], numeric, atol=1e-4)


def test_the_loss_follows_its_formula() -> None:
    now = regression.Coefficients(np.array([1.2]), np.array([0.5, -0.5]), np.array([[2.0, 1.0]]))
    features, experts, targets = np.array([[1.0]]), np.array([[[0.1, -0.1]]]), np.array([[1.0, 0.0]])
    logits = 1.2 * experts[0, 0] + np.array([2.0, 1.0]) + now.intercept
    trust = regression.Trust(np.array([0.7]), np.array([3.0]))
    penalty = 0.1 / 2 * 5 + 3 / 2 * 0.5**2 + 0.025 * 0.5
    expected = penalty - 0.4 * log_softmax(logits)[0]
    found, _ = regression.loss_and_gradient(now.flat(), features, experts, targets, np.array([0.4]), trust)
    assert found == pytest.approx(expected)


def test_without_experts_it_is_ridge_logistic_regression() -> None:
    found = regression.fit_regression(FEATURES, ONE_HOT)
    padded = np.column_stack([FEATURES, np.full(N, np.sqrt(2))])  # penalty .05/2 on the intercept
    peer = LogisticRegression(C=1 / 0.1, fit_intercept=False, tol=1e-10, max_iter=5000).fit(padded, LABELS)
    expected = log_softmax(peer.decision_function(padded), axis=1)
    np.testing.assert_allclose(log_softmax(found.logits(FEATURES), axis=1), expected, atol=2e-3)


def test_without_rows_the_experts_stand_as_their_prior_weighs_them() -> None:
    found = regression.fit_regression(FEATURES[:0], ONE_HOT[:0], EXPERTS[:0], TRUST)
    expected = 0.7 * EXPERTS[:, 0] + 0.5 * EXPERTS[:, 1]
    np.testing.assert_allclose(found.logits(FEATURES, EXPERTS), expected)


def test_a_right_expert_gains_weight_and_a_wrong_one_falls_to_zero_not_below() -> None:
    right, wrong = 3 * ONE_HOT - 1, -3 * ONE_HOT + 1
    trust = regression.Trust(np.array([0.7, 0.5]), np.ones(2))
    found = regression.fit_regression(np.zeros((N, 1)), ONE_HOT, np.stack([right, wrong], axis=1), trust)
    assert found.experts[0] > 0.9
    assert found.experts[1] == 0


def test_soft_targets_are_met_where_nothing_stands_against_them() -> None:
    targets = np.tile([0.7, 0.2, 0.1], (500, 1))
    found = regression.fit_regression(np.zeros((500, 1)), targets)
    np.testing.assert_allclose(np.exp(log_softmax(found.intercept)), targets[0], atol=1e-2)


def test_float32_features_keep_their_precision_in_memory() -> None:
    found = regression.fit_regression(FEATURES, ONE_HOT)
    assert (FEATURES.astype(np.float32) @ found.weights.astype(np.float32)).dtype == np.float32
    np.testing.assert_allclose(found.logits(FEATURES.astype(np.float32)), found.logits(FEATURES), atol=1e-4)


def test_a_weight_of_two_is_a_row_that_stands_twice() -> None:
    weights = np.where(np.arange(N) < 7, 2.0, 1.0)
    again = np.concatenate([np.arange(N), np.arange(7)])
    found = regression.fit_regression(FEATURES, ONE_HOT, EXPERTS, TRUST, weights)
    twice = regression.fit_regression(FEATURES[again], ONE_HOT[again], EXPERTS[again], TRUST)
    np.testing.assert_allclose(found.flat(), twice.flat(), atol=1e-3)


def test_fewer_rows_than_dimensions_lose_nothing_in_the_space_that_they_span() -> None:
    wide = RNG.normal(size=(12, 40))
    coordinates, basis = regression.spanned(wide)
    assert basis is not None
    assert coordinates.shape == (12, 12)
    np.testing.assert_allclose(coordinates @ basis.T, wide, atol=1e-10)
    padded = np.vstack(
        [wide, np.zeros((60, 40))]
    )  # rows of zeros, of weight zero, keep it from being spanned
    weights = np.repeat([1.0, 0.0], [12, 60])
    whole = regression.fit_regression(padded, np.eye(K)[np.resize(LABELS, 72)], weights=weights)
    found = regression.fit_regression(wide, ONE_HOT[:12])
    np.testing.assert_allclose(found.weights, whole.weights, atol=2e-3)


def test_few_dimensions_stay_as_they_are() -> None:
    rows, basis = regression.spanned(FEATURES)
    assert rows is FEATURES
    assert basis is None

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


def test_the_gradient_is_that_of_the_loss() -> None:
    targets = RNG.dirichlet(np.ones(K), size=N)
    prior = np.array([0.7, 0.5])
    flat = RNG.normal(size=E + K + D * K)
    rest = (FEATURES, EXPERTS, targets, prior)
    numeric = approx_fprime(flat, lambda at: regression.loss_and_gradient(at, *rest)[0], 1e-7)
    np.testing.assert_allclose(regression.loss_and_gradient(flat, *rest)[1], numeric, atol=1e-4)


def test_the_loss_follows_its_formula() -> None:
    now = regression.Coefficients(np.array([1.2]), np.array([0.5, -0.5]), np.array([[2.0, 1.0]]))
    features, experts, targets = np.array([[1.0]]), np.array([[[0.1, -0.1]]]), np.array([[1.0, 0.0]])
    logits = 1.2 * experts[0, 0] + np.array([2.0, 1.0]) + now.intercept
    penalty = 0.1 / 2 * 5 + 1 / 2 * 0.5**2 + 0.025 * 0.5
    expected = penalty - log_softmax(logits)[0]
    found, _ = regression.loss_and_gradient(now.flat(), features, experts, targets, np.array([0.7]))
    assert found == pytest.approx(expected)


def test_without_experts_it_is_ridge_logistic_regression() -> None:
    found = regression.fit_regression(FEATURES, ONE_HOT)
    padded = np.column_stack([FEATURES, np.full(N, np.sqrt(2))])  # penalty .05/2 on the intercept
    peer = LogisticRegression(C=1 / 0.1, fit_intercept=False, tol=1e-10, max_iter=5000).fit(padded, LABELS)
    expected = log_softmax(peer.decision_function(padded), axis=1)
    np.testing.assert_allclose(log_softmax(found.logits(FEATURES), axis=1), expected, atol=2e-3)


def test_without_rows_the_experts_stand_as_their_prior_weighs_them() -> None:
    found = regression.fit_regression(FEATURES[:0], ONE_HOT[:0], EXPERTS[:0], (0.7, 0.5))
    expected = 0.7 * EXPERTS[:, 0] + 0.5 * EXPERTS[:, 1]
    np.testing.assert_allclose(found.logits(FEATURES, EXPERTS), expected)


def test_a_right_expert_gains_weight_and_a_wrong_one_falls_to_zero_not_below() -> None:
    right, wrong = 3 * ONE_HOT - 1, -3 * ONE_HOT + 1
    found = regression.fit_regression(np.zeros((N, 1)), ONE_HOT, np.stack([right, wrong], axis=1), (0.7, 0.5))
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


@pytest.mark.parametrize("scale", [0.5, 1.0, 3.0])
def test_the_temperature_undoes_a_scale(scale: float) -> None:
    rng = np.random.default_rng(1)
    honest = rng.normal(size=(4000, K))
    labels = (honest + rng.gumbel(size=honest.shape)).argmax(axis=1)
    assert regression.fit_temperature(scale * honest, labels) == pytest.approx(scale, rel=0.15)


def test_few_labels_leave_the_temperature_near_one() -> None:
    assert regression.fit_temperature(np.array([[5.0, -5.0]]), np.array([0])) == pytest.approx(1, abs=0.1)


def test_probabilities_sum_to_one_at_any_size_of_logits() -> None:
    proba = regression.probabilities(np.array([[1e4, -1e4], [0, 0]], dtype=np.float32), 0.1)
    np.testing.assert_allclose(proba, [[1, 0], [0.5, 0.5]])

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from modAL.models import ActiveLearner
from modAL.uncertainty import classifier_entropy, classifier_margin, classifier_uncertainty
from sklearn.linear_model import LogisticRegression

from active.strategies import uncertainty
from labeling.types import Strategy

RNG = np.random.default_rng(0)
X = RNG.normal(size=(200, 3))
Y = X[:50].argmax(axis=1)
THREE_CLASSES = LogisticRegression().fit(X[:50], Y)

PEERS = [
    (uncertainty.margin, lambda learner: 1 - classifier_margin(learner, X)),
    (uncertainty.least_confidence, lambda learner: classifier_uncertainty(learner, X)),
    (uncertainty.entropy, lambda learner: classifier_entropy(learner, X)),
]


@pytest.mark.parametrize(("strategy", "peer"), PEERS)
def test_utilities_and_rows_are_those_of_modal(strategy: Strategy, peer: Any) -> None:
    indices, utilities = strategy(THREE_CLASSES, X, 25)
    expected = peer(ActiveLearner(THREE_CLASSES))
    np.testing.assert_array_equal(indices, np.argsort(-expected)[:25])
    np.testing.assert_allclose(utilities, expected[indices])


def test_margins_are_the_lead_of_the_first_class() -> None:
    proba = np.array([[0.2, 0.5, 0.3], [1, 0, 0], [0.4, 0.4, 0.2]])
    np.testing.assert_allclose(uncertainty.margins(proba), [0.2, 1, 0], atol=1e-12)


def test_entropy_is_in_nats_and_knows_certainty() -> None:
    proba = np.array([[0.5, 0.5, 0], [1, 0, 0], [1 / 3, 1 / 3, 1 / 3]])
    np.testing.assert_allclose(uncertainty.entropies(proba), [np.log(2), 0, np.log(3)])


@given(st.lists(st.integers(0, 5), max_size=40), st.integers(0, 45))
def test_the_smallest_are_those_of_a_stable_sort(values: list[int], n: int) -> None:
    array = np.array(values, dtype=float)
    np.testing.assert_array_equal(uncertainty.smallest(array, n), np.argsort(array, kind="stable")[:n])


def test_the_smallest_of_infinite_values() -> None:
    values = np.array([np.inf, -np.inf, 3.0, -np.inf])
    np.testing.assert_array_equal(uncertainty.smallest(values, 3), [1, 3, 2])
    assert len(uncertainty.smallest(values, 0)) == 0

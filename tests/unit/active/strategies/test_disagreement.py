from typing import Any

import numpy as np
import pytest
from scipy.spatial.distance import jensenshannon

from active.strategies.disagreement import decidedness, disagreement, divergences
from active.strategies.uncertainty import margin
from labeling.types import Floats

RNG = np.random.default_rng(0)


class Says:
    def __init__(self, proba: Floats) -> None:
        self.proba = proba

    def predict_proba(self, X: Any) -> Floats:
        return self.proba


@pytest.mark.parametrize("k", [2, 5])
def test_divergence_is_that_of_jensen_and_shannon(k: int) -> None:
    p, q = RNG.dirichlet(np.ones(k) / 2, size=(2, 100))
    np.testing.assert_allclose(divergences(p, q), jensenshannon(p, q, axis=1) ** 2, atol=1e-12)
    np.testing.assert_allclose(divergences(p, q), divergences(q, p))


def test_certain_contradiction_is_the_most_and_agreement_nothing() -> None:
    p, q = np.array([[1.0, 0], [0.7, 0.3]]), np.array([[0.0, 1], [0.7, 0.3]])
    np.testing.assert_allclose(divergences(p, q), [np.log(2), 0], atol=1e-12)
    np.testing.assert_allclose(decidedness(np.array([[1, 0], [0.5, 0.5]])), [1, 0], atol=1e-12)


def test_it_asks_where_decided_votes_are_contradicted() -> None:
    learner = Says(np.array([[0.9, 0.1], [0.95, 0.05], [0.5, 0.5], [0.1, 0.9]]))
    votes = np.array([[0.1, 0.9], [0.5, 0.5], [0.4, 0.6], [0.1, 0.9]])
    indices, utilities = disagreement(learner, np.zeros((4, 1)), 4, posterior=votes)
    assert indices[0] == 0
    by_hand = jensenshannon(learner.proba, votes, axis=1) ** 2
    by_hand *= 1 + (votes * np.log(votes)).sum(axis=1) / np.log(2)
    np.testing.assert_allclose(utilities, np.sort(by_hand)[::-1], atol=1e-12)


def test_without_votes_it_goes_by_margin() -> None:
    learner = Says(RNG.dirichlet(np.ones(3), size=50))
    found, expected = (strategy(learner, np.zeros((50, 1)), 9) for strategy in (disagreement, margin))
    np.testing.assert_array_equal(found[0], expected[0])

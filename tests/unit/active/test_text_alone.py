"""What a learner would say of a row if nobody had voted on it."""

from __future__ import annotations

import numpy as np

from active.baselines import PlainModal
from active.learner import VotesFirstLearner
from active.views import Layout
from labeling.types import VoteMatrix


def blobs(n: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Give two clouds of features and the class of each row."""
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 2, n)
    return (rng.normal(size=(n, 4)) + 3 * np.eye(4)[y]).astype(np.float32), y


def test_rows_without_votes_keep_text_and_what_text_tells_of_votes() -> None:
    layout = Layout(n_features=2, n_votes=3, n_experts=2, n_classes=2)
    X = np.arange(1, 10, dtype=np.float64)[None]
    np.testing.assert_array_equal(layout.without_votes(X), [[1, 2, 0, 0, 0, 0, 0, 8, 9]])
    assert X[0, 2] == 3, "the rows themselves stay as they are"
    bare = Layout(n_features=2, n_votes=0, n_experts=0, n_classes=2)
    np.testing.assert_array_equal(bare.without_votes(X[:, :2]), X[:, :2])


def test_the_votes_on_a_row_do_not_sway_its_text() -> None:
    features, y = blobs(200)
    hard = y[:, None].astype(np.int8).repeat(3, axis=1)
    turned = np.arange(200) % 10 == 0
    hard[turned] = 1 - hard[turned]
    learner = VotesFirstLearner(2)
    learner.start(features, VoteMatrix(hard, ("a", "b", "c"), 2))
    told = learner.predict_text()
    assert (told.argmax(axis=1) == y).mean() > 0.9
    assert (learner.predict_proba().argmax(axis=1)[turned] == y[turned]).mean() < 0.5
    np.testing.assert_allclose(told.sum(axis=1), 1)


def test_without_voters_it_is_what_the_learner_says() -> None:
    features, y = blobs(100)
    votes = VoteMatrix(np.empty((100, 0), dtype=np.int8), (), 2)
    learner = VotesFirstLearner(2)
    learner.start(features, votes)
    learner.fit(np.arange(30), y[:30])
    np.testing.assert_array_equal(learner.predict_text(), learner.predict_proba())
    plain = PlainModal(2)
    plain.start(features, votes)
    plain.fit(np.arange(30), y[:30])
    np.testing.assert_array_equal(plain.predict_text(), plain.predict_proba())


def test_text_that_tells_nothing_is_told_as_nothing() -> None:
    votes = VoteMatrix(np.zeros((50, 2), dtype=np.int8), ("a", "b"), 2)
    learner = VotesFirstLearner(2)
    learner.start(np.zeros((50, 3), dtype=np.float32), votes)
    told = learner.predict_text()
    assert np.ptp(told, axis=0).max() < 1e-9, "rows of equal text are told alike"

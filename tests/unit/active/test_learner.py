import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from active.learner import VotesFirstLearner
from labeling.errors import InputError
from labeling.types import Learner, VoteMatrix
from tests.feature_contents import content_of, features_of

RNG = np.random.default_rng(0)
N, K = 120, 3
TRUTH = RNG.integers(0, K, N)
FEATURES = (np.eye(K)[TRUTH] + RNG.normal(scale=0.4, size=(N, K))).astype(np.float32)
HARD = np.where(RNG.random((N, 4)) < 0.5, -1, np.where(RNG.random((N, 4)) < 0.8, TRUTH[:, None], 0)).astype(
    np.int8
)
VOTES = VoteMatrix(HARD, ("a", "b", "c", "d"), K)
NO_VOTES = VoteMatrix(HARD[:, :0], (), K)
EVERYTHING = np.arange(N)


def started(votes: VoteMatrix = VOTES, **parameters: object) -> VotesFirstLearner:
    learner = VotesFirstLearner(K, **parameters)  # type: ignore[arg-type]
    learner.start(FEATURES, votes)
    return learner


def taught(n: int = 30, **parameters: object) -> VotesFirstLearner:
    learner = started(**parameters)
    learner.fit(np.arange(n), TRUTH[:n])
    return learner


def test_it_is_a_learner() -> None:
    port: Learner = VotesFirstLearner(K)
    assert {"start", "fit", "predict_proba", "query"} <= set(dir(port))


def test_texts_to_probabilities() -> None:
    learner = VotesFirstLearner(2)
    texts = ["love this song", "subscribe to my channel", ""]
    features = features_of(content_of(texts))
    learner.start(features, VoteMatrix(np.array([[0], [1], [-1]], dtype=np.int8), ("v",), 2))
    proba = learner.predict_proba()
    assert proba[0, 0] > 0.5 > proba[1, 0]


def test_without_labels_votes_speak_and_without_votes_nothing_does() -> None:
    assert (started().predict_proba().argmax(axis=1) == TRUTH).mean() > 0.7
    np.testing.assert_allclose(started(NO_VOTES).predict_proba(), 1 / K)


@pytest.mark.parametrize("votes", [VOTES, NO_VOTES], ids=["votes", "no votes"])
def test_labels_teach_it(votes: VoteMatrix) -> None:
    learner = started(votes)
    before = (learner.predict_proba().argmax(axis=1) == TRUTH)[40:].mean()
    learner.fit(np.arange(40), TRUTH[:40])
    after = (learner.predict_proba().argmax(axis=1) == TRUTH)[40:].mean()
    assert after > max(before, 0.85)


def test_partitions_are_rows_of_the_whole() -> None:
    learner = taught()
    rows = np.array([7, 3, 90])
    np.testing.assert_allclose(learner.predict_proba(rows), learner.predict_proba()[rows], rtol=1e-5)
    assert learner.predict_proba(rows[:0]).shape == (0, K)


def test_starting_anew_forgets_labels() -> None:
    learner = taught()
    learner.start(FEATURES, VOTES)
    np.testing.assert_array_equal(learner.predict_proba(), started().predict_proba())


def test_wrong_parameters_are_told_all_at_once() -> None:
    with pytest.raises(InputError) as caught:
        VotesFirstLearner(1, uniform_share=1.5, strategy="entropie", minimum_share=-1.0)
    assert len(caught.value.problems) == 4
    assert "active.strategy: expected one of auto, class_balanced" in str(caught.value)
    assert 'got "entropie". Did you mean entropy?' in str(caught.value)


def test_a_pool_that_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="119 rows of features, 120 of votes"):
        VotesFirstLearner(K).start(FEATURES[1:], VOTES)
    with pytest.raises(ValueError, match="on 3 classes, expected 4"):
        VotesFirstLearner(4).start(FEATURES, VOTES)
    broken = FEATURES.copy()
    broken[5, 0] = np.nan
    with pytest.raises(ValueError, match="not finite"):
        VotesFirstLearner(K).start(broken, VOTES)


def test_the_number_of_threads_changes_nothing() -> None:
    expected = taught().predict_proba()
    with threadpool_limits(2):
        np.testing.assert_array_equal(taught().predict_proba(), expected)

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from threadpoolctl import threadpool_limits

from active import learner as module
from active.learner import VotesFirstLearner
from labeling.errors import InputError
from labeling.types import Learner, VoteMatrix

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
    assert {"features", "start", "fit", "predict_proba", "query"} <= set(dir(port))


def test_texts_to_probabilities() -> None:
    learner = VotesFirstLearner(2)
    texts = ["love this song", "subscribe to my channel", ""]
    features = learner.features(texts)
    assert features.dtype == np.float32
    learner.start(features, VoteMatrix(np.array([[0], [1], [-1]], dtype=np.int8), ("v",), 2))
    proba = learner.predict_proba()
    assert proba[0, 0] > 0.5 > proba[1, 0]


def test_features_of_large_pools_are_not_smoothed(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = ["love this song", "love that song", "subscribe to my channel", "visit my channel"]
    learner = VotesFirstLearner(2)
    assert not np.allclose(learner.features(texts), learner.space.fit_transform(texts))
    monkeypatch.setattr(module, "SMOOTHED_UP_TO", 3)
    np.testing.assert_array_equal(learner.features(texts), learner.space.fit_transform(texts))


def test_the_feature_space_has_an_id_that_knows_the_seed() -> None:
    assert VotesFirstLearner(2).feature_space_id == VotesFirstLearner(3).feature_space_id
    assert VotesFirstLearner(2).feature_space_id != VotesFirstLearner(2, seed=1).feature_space_id


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


@settings(deadline=None, max_examples=60)  # a fit in each example
@given(
    n=st.integers(0, 60),
    candidates=st.lists(st.integers(0, N - 1), max_size=80),
    strategy=st.sampled_from(["auto", "margin", "random"]),
    n_labels=st.sampled_from([0, 12]),
)
def test_a_selection_is_of_candidates_without_repetition(
    n: int, candidates: list[int], strategy: str, n_labels: int
) -> None:
    found = taught(n_labels, strategy=strategy).query(n, np.array(candidates, dtype=int))
    assert len(set(found.indices.tolist())) == len(found) == min(n, len(set(candidates)))
    assert set(found.indices.tolist()) <= set(candidates)
    assert len(found.utilities) == len(found.uniform) == len(found)
    assert 0 <= found.inclusion <= 1


def test_half_of_the_first_batch_is_uniform_and_a_tenth_of_later_ones() -> None:
    first, later = started().query(40, EVERYTHING), taught().query(40, EVERYTHING)
    assert (first.uniform.sum(), first.inclusion) == (20, 20 / N)
    assert (later.uniform.sum(), later.inclusion) == (4, 4 / N)


def test_small_batches_hold_their_uniform_share_on_average() -> None:
    batches = [taught(4, seed=seed, uniform_share=0.25).query(2, EVERYTHING) for seed in range(100)]
    assert 35 < sum(batch.uniform.sum() for batch in batches) < 65
    assert {batch.inclusion for batch in batches} == {0.5 / N}


def test_a_random_batch_is_all_uniform() -> None:
    for learner in (started(strategy="random"), taught(strategy="random")):
        found = learner.query(30, EVERYTHING)
        assert found.uniform.all()
        assert found.inclusion == 30 / N


def test_uniform_rows_are_drawn_uniformly() -> None:
    counts = np.zeros(N)
    for seed in range(100):
        found = taught(4, seed=seed, uniform_share=0.5, strategy="margin").query(24, EVERYTHING)
        counts[found.indices[found.uniform]] += 1
    assert counts.sum() == 100 * 12
    chi_squared = ((counts - 10) ** 2 / 10).sum()  # of 119 degrees of freedom
    assert 60 < chi_squared < 180


def test_uniform_rows_are_spread_over_the_batch() -> None:
    places = [np.flatnonzero(taught(4, seed=s).query(20, EVERYTHING).uniform).mean() for s in range(40)]
    assert 7 < np.mean(places) < 12


def test_the_others_stand_in_the_order_of_doubt() -> None:
    found = taught().query(30, EVERYTHING)
    assert (np.diff(found.utilities[~found.uniform]) <= 1e-6).all()


def test_a_selection_depends_on_labels_and_not_on_earlier_calls() -> None:
    learner, fresh = taught(), taught()
    first = learner.query(10, EVERYTHING)
    learner.query(25, EVERYTHING[:50])
    for again in (learner.query(10, EVERYTHING[::-1]), fresh.query(10, EVERYTHING)):
        np.testing.assert_array_equal(again.indices, first.indices)
        np.testing.assert_array_equal(again.uniform, first.uniform)
    assert set(taught(seed=1).query(10, EVERYTHING).indices) != set(first.indices)


def test_later_batches_ask_about_doubtful_rows() -> None:
    learner = taught()
    found = learner.query(10, EVERYTHING[30:])
    top = learner.predict_proba().max(axis=1)
    assert top[found.indices[~found.uniform]].mean() < top[30:].mean() - 0.1


def test_wrong_parameters_are_told_all_at_once() -> None:
    with pytest.raises(InputError) as caught:
        VotesFirstLearner(1, uniform_share=1.5, strategy="entropy")
    assert len(caught.value.problems) == 3
    assert "active.strategy: expected one of auto, diverse_margin" in str(caught.value)


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

import numpy as np
import pytest

from active import pool as module
from active.experts import centred, one_hot_votes
from active.pool import LABEL_MODEL, NAIVE_BAYES, UNRELATED_WORD, VotedPool
from labeling.types import ABSTAIN, VoteMatrix

RNG = np.random.default_rng(0)
N, K = 200, 3
TRUTH = RNG.integers(0, K, N)
FEATURES = (np.eye(K)[TRUTH] + RNG.normal(scale=0.4, size=(N, K))).astype(np.float32)
HARD = np.where(
    RNG.random((N, 4)) < 0.5, ABSTAIN, np.where(RNG.random((N, 4)) < 0.8, TRUTH[:, None], 0)
).astype(np.int8)
VOTES = VoteMatrix(HARD, ("a", "b", "c", "d"), K)
RIGHT = np.where(np.eye(K)[TRUTH] == 1, 0.9, 0.05)
WRONG = np.where(np.eye(K)[(TRUTH + 1) % K] == 1, 0.9, 0.05)
SURE = np.ones(40)
LABELLED = np.arange(40)


def pool_of(posterior: np.ndarray | None = None, votes: VoteMatrix = VOTES) -> VotedPool:
    return VotedPool.of(FEATURES, votes, posterior, seed=0)


@pytest.mark.parametrize(
    "votes",
    [VoteMatrix(HARD[:, :0], (), K), VoteMatrix(np.full((N, 2), ABSTAIN, dtype=np.int8), ("a", "b"), K)],
    ids=["no voter", "votes that cover nothing"],
)
def test_without_votes_rows_are_the_features_themselves(votes: VoteMatrix) -> None:
    pool = pool_of(RIGHT, votes)
    rows, evidence, remarks = pool.weighed(LABELLED, TRUTH[:40], 0.5 * SURE)
    assert rows is FEATURES
    np.testing.assert_array_equal(evidence, 0.5)
    assert remarks == ()
    assert pool.posterior(LABELLED) is None


def test_rows_hold_features_votes_and_experts() -> None:
    pool = pool_of()
    rows, _, remarks = pool.weighed(LABELLED[:0], TRUTH[:0], SURE[:0])
    one_hot = one_hot_votes(HARD, K).toarray()
    assert rows.dtype == np.float32
    np.testing.assert_array_equal(rows[:, :K], FEATURES)
    np.testing.assert_array_equal(rows[:, K : K + one_hot.shape[1]], one_hot)
    np.testing.assert_allclose(rows[:, -2 * K : -K], centred(pool.experts[0].votes), rtol=1e-5)
    assert remarks == ()


def test_the_expert_that_labels_bear_out_weighs_the_votes_and_is_named() -> None:
    for posterior, best in ((RIGHT, LABEL_MODEL), (WRONG, NAIVE_BAYES)):
        pool = pool_of(posterior)
        rows, _, (remark,) = pool.weighed(LABELLED, TRUTH[:40], SURE)
        assert remark.startswith(f"votes are weighed by {best}: log-loss 0.")
        expert = {e.name: e for e in pool.experts}[best]
        np.testing.assert_array_equal(rows[:, -2 * K :], expert.columns())
        before, _, _ = pool.weighed(LABELLED[:0], TRUTH[:0], SURE[:0])
        np.testing.assert_array_equal(before[:, -2 * K :], pool.experts[0].columns())


def test_rows_are_held_once(monkeypatch: pytest.MonkeyPatch) -> None:
    pool = pool_of(RIGHT)
    first, _, _ = pool.weighed(LABELLED[:0], TRUTH[:0], SURE[:0])
    again, _, _ = pool.weighed(LABELLED, TRUTH[:40], SURE)
    assert again is first is pool.rows
    assert np.shares_memory(pool.features, pool.rows)


def test_votes_about_something_else_count_little_before_any_label() -> None:
    texts = RNG.normal(size=(N, 60)).astype(np.float32)
    pool = VotedPool.of(texts, VOTES, None, seed=0)
    assert not pool.related
    assert pool.log_odds == module.UNRELATED_LOG_ODDS
    assert pool.weighed(LABELLED, TRUTH[:40], SURE)[2] == (UNRELATED_WORD,)
    assert pool_of().related


def test_what_votes_say_of_a_row_without_any_is_even() -> None:
    said = pool_of().posterior(np.arange(N))
    assert said is not None
    bare = ~VOTES.covered
    np.testing.assert_allclose(said[bare], 1 / K)
    assert (said[~bare].argmax(axis=1) == TRUTH[~bare]).mean() > 0.7

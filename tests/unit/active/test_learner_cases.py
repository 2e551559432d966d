"""Pools and labels that are out of the ordinary."""

import numpy as np
import pytest

from active.learner import VotesFirstLearner
from labeling.types import ABSTAIN, VoteMatrix

RNG = np.random.default_rng(0)
N, K = 150, 3
TRUTH = RNG.integers(0, K, N)
FEATURES = (np.eye(K)[TRUTH] + RNG.normal(scale=0.4, size=(N, K))).astype(np.float32)
HARD = np.where(
    RNG.random((N, 4)) < 0.5, ABSTAIN, np.where(RNG.random((N, 4)) < 0.8, TRUTH[:, None], 0)
).astype(np.int8)
VOTES = VoteMatrix(HARD, ("a", "b", "c", "d"), K)
BY_NOBODY = VoteMatrix(HARD[:, :0], (), K)
ON_NOTHING = VoteMatrix(np.full((N, 2), ABSTAIN, dtype=np.int8), ("a", "b"), K)
ALL_ROWS = np.arange(N)


def started(votes: VoteMatrix = VOTES, posterior: np.ndarray | None = None) -> VotesFirstLearner:
    learner = VotesFirstLearner(votes.n_classes)
    learner.start(FEATURES, votes, posterior)
    return learner


def accuracy(learner: VotesFirstLearner, rows: np.ndarray = ALL_ROWS) -> float:
    return float((learner.predict_proba(rows).argmax(axis=1) == TRUTH[rows]).mean())


@pytest.mark.parametrize("votes", [VOTES, BY_NOBODY], ids=["votes", "no votes"])
@pytest.mark.parametrize("n_labels", [1, 2, 4, 5, 12])
def test_one_class_seen_so_far(votes: VoteMatrix, n_labels: int) -> None:
    learner = started(votes)
    rows = np.flatnonzero(TRUTH == 1)[:n_labels]
    learner.fit(rows, TRUTH[rows])
    proba = learner.predict_proba()
    assert (proba > 0).all()
    assert len(learner.query(10, np.setdiff1d(ALL_ROWS, rows))) == 10


def test_votes_that_cover_nothing_are_as_no_voters() -> None:
    for learner in (started(ON_NOTHING), started(BY_NOBODY)):
        np.testing.assert_allclose(learner.predict_proba(), 1 / K)
    nothing, nobody = started(ON_NOTHING), started(BY_NOBODY)
    for learner in (nothing, nobody):
        learner.fit(ALL_ROWS[:30], TRUTH[:30])
    np.testing.assert_array_equal(nothing.predict_proba(), nobody.predict_proba())
    np.testing.assert_array_equal(
        nothing.query(8, ALL_ROWS[30:]).indices, nobody.query(8, ALL_ROWS[30:]).indices
    )


def test_seventy_seven_classes_of_which_few_were_seen() -> None:
    k, n = 77, 400
    truth = RNG.integers(0, k, n)
    rows = (np.eye(k)[truth] + RNG.normal(scale=0.05, size=(n, k))).astype(np.float32)
    learner = VotesFirstLearner(k)
    learner.start(rows, VoteMatrix(np.empty((n, 0), dtype=np.int8), (), k))
    learner.fit(np.arange(60), truth[:60])
    known = np.isin(truth, truth[:60])
    found = learner.predict_proba().argmax(axis=1) == truth
    assert found[known].mean() > 0.8
    chosen = learner.query(30, np.arange(60, n)).indices
    assert known[chosen].mean() < known[60:].mean()


def test_a_gold_label_counts_by_its_confidence() -> None:
    wrong = (TRUTH[:60] + 1) % K
    right_labels, rows = np.where(np.arange(60) < 30, TRUTH[:60], wrong), ALL_ROWS[:60]
    learner = started(BY_NOBODY)
    learner.fit(rows, right_labels, np.where(np.arange(60) < 30, 1.0, 0.05))
    assert accuracy(learner, ALL_ROWS[60:]) > 0.85
    learner.fit(rows, right_labels)
    assert accuracy(learner, ALL_ROWS[60:]) < 0.75


def test_votes_that_name_the_next_class_cost_little() -> None:
    shifted = VoteMatrix(np.where(HARD == ABSTAIN, ABSTAIN, (HARD + 1) % K).astype(np.int8), VOTES.voters, K)
    learner, alone = started(shifted), started(BY_NOBODY)
    assert accuracy(learner) < 0.4
    for each in (learner, alone):
        each.fit(ALL_ROWS[:60], TRUTH[:60])
    assert accuracy(learner) > accuracy(alone) - 0.02


def test_remarks_tell_the_expert_and_how_much_votes_count() -> None:
    right = np.where(np.eye(K)[TRUTH] == 1, 0.9, 0.05)
    learner = started(VOTES, right)
    assert learner.remarks_ == ()
    learner.fit(ALL_ROWS[:40], TRUTH[:40])
    by, views = learner.remarks_
    assert by.startswith("votes are weighed by the label model: log-loss 0.")
    assert views.startswith("by 40 labels the learner goes by: votes ")
    assert views.endswith("%")
    quiet = started(BY_NOBODY)
    quiet.fit(ALL_ROWS[:40], TRUTH[:40])
    assert quiet.remarks_ == ()


def test_a_posterior_of_another_shape_is_refused() -> None:
    with pytest.raises(ValueError, match=r"the posterior has shape \(150, 2\), expected \(150, 3\)"):
        started(VOTES, np.full((N, 2), 0.5))


@pytest.mark.parametrize("labels", [0, 7])
def test_features_of_rows_are_held_once(labels: int) -> None:
    learner = started()
    learner.fit(ALL_ROWS[:labels], TRUTH[:labels])
    before = learner._X
    learner.fit(ALL_ROWS[: labels + 20], TRUTH[: labels + 20])
    assert learner._X is before

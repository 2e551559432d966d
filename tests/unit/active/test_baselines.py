"""Baselines do what users of modAL and snorkel would write, to the same numbers."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from modAL.uncertainty import uncertainty_sampling
from sklearn.linear_model import LogisticRegression

from active.baselines import BASELINES, PlainModal, PlainSnorkel, drawn_uniformly, weak_labels
from labeling.types import VoteMatrix

RNG = np.random.default_rng(0)
TRUTH = RNG.integers(3, size=120)
X = (np.eye(3)[TRUTH] @ RNG.normal(size=(3, 8)) + RNG.normal(size=(120, 8))).astype(np.float32)
HARD = np.where(
    RNG.random((120, 4)) < 0.6,
    np.where(RNG.random((120, 4)) < 0.8, TRUTH[:, None], RNG.integers(3, size=(120, 4))),
    -1,
).astype(np.int8)
VOTES = VoteMatrix(HARD, ("a", "b", "c", "d"), 3)
NOBODY = VoteMatrix(np.empty((120, 0), dtype=np.int8), (), 3)
LABELLED = np.arange(0, 60, 3)
ALL = np.arange(120)


@pytest.mark.parametrize("name", BASELINES)
def test_the_port_holds_from_no_label_on(name: str) -> None:
    learner = BASELINES[name](3, seed=0)
    learner.start(X, VOTES)
    for count in (0, 1, 2, 20):
        learner.fit(LABELLED[:count], TRUTH[LABELLED[:count]])
        proba = learner.predict_proba()
        assert proba.shape == (120, 3)
        assert proba.sum(axis=1) == pytest.approx(np.ones(120))
        assert learner.predict_proba(ALL[5:8]) == pytest.approx(proba[5:8])
        free = np.setdiff1d(ALL, LABELLED)
        chosen = learner.query(30, free)
        assert len(set(chosen.indices.tolist()) & set(free.tolist())) == 30
        assert len(chosen.utilities) == len(chosen.uniform) == len(chosen.inclusion) == 30
        assert len(learner.query(500, free)) == len(free)
        assert len(learner.query(5, free[:0])) == 0


@pytest.mark.parametrize("name", BASELINES)
def test_the_same_seed_chooses_the_same(name: str) -> None:
    def chosen(seed: int) -> list[int]:
        learner = BASELINES[name](3, seed=seed)
        learner.start(X, VOTES)
        return learner.query(20, ALL).indices.tolist()

    assert chosen(1) == chosen(1)
    assert chosen(1) != chosen(2)


def test_modal_is_logistic_regression_with_uncertainty_sampling() -> None:
    learner = PlainModal(3)
    learner.start(X, VOTES)
    learner.fit(LABELLED, TRUTH[LABELLED])
    reference = LogisticRegression(max_iter=1000).fit(X[LABELLED], TRUTH[LABELLED])
    assert learner.predict_proba() == pytest.approx(reference.predict_proba(X))
    free = np.setdiff1d(ALL, LABELLED)
    expected, _ = uncertainty_sampling(reference, X[free], n_instances=15)
    selection = learner.query(15, free)
    assert sorted(selection.indices) == sorted(free[expected])
    assert not selection.uniform.any()
    assert np.isnan(selection.inclusion).all()


def test_modal_sees_no_votes() -> None:
    with_votes, without = PlainModal(3), PlainModal(3)
    with_votes.start(X, VOTES)
    without.start(X, NOBODY)
    for learner in (with_votes, without):
        learner.fit(LABELLED, TRUTH[LABELLED])
    assert (with_votes.predict_proba() == without.predict_proba()).all()


def test_classes_that_were_never_seen_have_no_probability() -> None:
    learner = PlainModal(5)
    learner.start(X, VoteMatrix(HARD, VOTES.voters, 5))
    learner.fit(np.array([0, 1]), np.array([1, 4]))
    assert (learner.predict_proba()[:, [0, 2, 3]] == 0).all()
    learner.fit(np.array([0, 1]), np.array([4, 4]))
    assert (learner.predict_proba()[:, 4] == 1).all()
    assert learner.query(3, ALL).uniform.all()


def test_snorkel_learns_from_its_labels_of_covered_rows_and_from_people() -> None:
    from snorkel.labeling.model import LabelModel

    learner = PlainSnorkel(3, seed=4)
    learner.start(X, VOTES)
    learner.fit(LABELLED, TRUTH[LABELLED])
    model = LabelModel(cardinality=3, verbose=False)
    model.fit(HARD.astype(int), seed=4, progress_bar=False)
    known = model.predict(HARD.astype(int))
    known[~VOTES.covered] = -1
    known[LABELLED] = TRUTH[LABELLED]
    reference = LogisticRegression(max_iter=1000).fit(X[known >= 0], known[known >= 0])
    assert learner.predict_proba() == pytest.approx(reference.predict_proba(X))
    assert learner.query(10, ALL).uniform.all()


def test_labels_that_were_taken_back_are_forgotten() -> None:
    learner = PlainSnorkel(3)
    learner.start(X, VOTES)
    before = learner.predict_proba()
    learner.fit(LABELLED, (TRUTH[LABELLED] + 1) % 3)
    assert not np.allclose(learner.predict_proba(), before)
    learner.fit(LABELLED[:0], TRUTH[:0])
    assert learner.predict_proba() == pytest.approx(before)


def test_two_voters_are_counted() -> None:
    hard = np.array([[0, 0], [1, -1], [0, 1], [-1, -1]], dtype=np.int8)
    assert weak_labels(VoteMatrix(hard, ("a", "b"), 2), 0).tolist() == [0, 1, -1, -1]


def test_without_votes_snorkel_has_people_alone() -> None:
    learner = PlainSnorkel(3)
    learner.start(X, NOBODY)
    assert (learner.predict_proba() == 1 / 3).all()
    learner.fit(LABELLED, TRUTH[LABELLED])
    reference = LogisticRegression(max_iter=1000).fit(X[LABELLED], TRUTH[LABELLED])
    assert learner.predict_proba() == pytest.approx(reference.predict_proba(X))


def test_uniform_draws_are_uniform() -> None:
    rng = np.random.default_rng(0)
    counts = np.zeros(10)
    for _ in range(2000):
        selection = drawn_uniformly(3, np.arange(10), rng)
        counts[selection.indices] += 1
        assert selection.inclusion == pytest.approx(np.full(3, 0.3))
    assert counts / 2000 == pytest.approx(np.full(10, 0.3), abs=0.05)


def test_nothing_is_warned_of() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        weak_labels(VOTES, 0)

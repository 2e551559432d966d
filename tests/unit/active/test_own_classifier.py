from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier

from active.custom import OwnObject
from active.learner import VotesFirstLearner
from active.own_classifier import DOUBT, fit_own
from active.regression import NOBODY, Trust
from labeling.errors import InputError
from labeling.types import VoteMatrix

RNG = np.random.default_rng(0)
TRUTH = RNG.integers(0, 3, 150)
X = (np.eye(3)[TRUTH] + RNG.normal(scale=0.3, size=(150, 3))).astype(np.float32)
ONES = np.ones(150)
NOTHING = np.empty((150, 0, 3))


def own(make: Any) -> OwnObject:
    return OwnObject("learner.estimator: mine.py:make", make, "id")


def test_logits_are_those_of_the_classifier_mixed_with_doubt() -> None:
    fitted = fit_own(own(GaussianNB), X[:60], TRUTH[:60], 3, NOBODY, ONES[:60])
    proba = GaussianNB().fit(X[:60], TRUTH[:60]).predict_proba(X)
    expected = np.log((60 * proba + DOUBT / 3) / (60 + DOUBT))
    np.testing.assert_allclose(fitted.logits(X, NOTHING), expected, rtol=1e-5)


def test_experts_are_added_at_the_weights_thought_of_them() -> None:
    trust, said = Trust(np.array([0.7]), np.array([1.0])), RNG.normal(size=(150, 1, 3))
    fitted = fit_own(own(GaussianNB), X[:60], TRUTH[:60], 3, trust, ONES[:60])
    alone = fit_own(own(GaussianNB), X[:60], TRUTH[:60], 3, NOBODY, ONES[:60])
    difference = fitted.logits(X, said) - alone.logits(X, NOTHING)
    np.testing.assert_allclose(difference, 0.7 * said[:, 0], rtol=1e-5)


def test_few_labels_say_little_and_none_nothing() -> None:
    none = fit_own(own(GaussianNB), X[:0], TRUTH[:0], 3, NOBODY, ONES[:0])
    np.testing.assert_allclose(np.ptp(none.logits(X, NOTHING), axis=1), 0)
    one_class = np.flatnonzero(TRUTH == 1)[:3]
    few = fit_own(own(GaussianNB), X[one_class], TRUTH[one_class], 3, NOBODY, ONES[:3])
    assert (few.logits(X, NOTHING).argmax(axis=1) == 1).all()
    assert np.ptp(few.logits(X, NOTHING)) < np.log(3 * 3 / DOUBT + 1) + 1e-9


def test_classes_that_were_not_seen_are_possible() -> None:
    rows = np.flatnonzero(TRUTH != 2)[:40]
    fitted = fit_own(own(KNeighborsClassifier), X[rows], TRUTH[rows], 3, NOBODY, ONES[:40])
    logits = fitted.logits(X, NOTHING)
    assert logits.shape == (150, 3)
    assert np.isfinite(logits).all()


def test_sample_weights_reach_classifiers_that_know_them() -> None:
    weights = np.where(TRUTH == 0, 1.0, 1e-3)
    light = fit_own(own(LogisticRegression), X, TRUTH, 3, NOBODY, weights)
    heavy = fit_own(own(LogisticRegression), X, TRUTH, 3, NOBODY, ONES)
    chosen = [(f.logits(X, NOTHING).argmax(axis=1) == 0).sum() for f in (light, heavy)]
    assert chosen[0] > chosen[1] + 20


def test_a_classifier_that_fails_is_told() -> None:
    class Broken:
        def fit(self, X: Any, y: Any) -> None:
            raise ValueError("no luck")

    with pytest.raises(InputError, match=r"learner.estimator: mine.py:make: ValueError: no luck"):
        fit_own(own(Broken), X, TRUTH, 3, NOBODY, ONES)


@pytest.mark.parametrize("make", [GaussianNB, KNeighborsClassifier])
def test_the_learner_works_with_it(make: Any) -> None:
    hard = np.where(RNG.random((150, 3)) < 0.5, -1, TRUTH[:, None]).astype(np.int8)
    learner = VotesFirstLearner(3, own=own(make))
    learner.start(X, VoteMatrix(hard, ("a", "b", "c"), 3))
    before = (learner.predict_proba().argmax(axis=1) == TRUTH).mean()
    learner.fit(np.arange(40), TRUTH[:40])
    assert before > 0.8
    assert (learner.predict_proba().argmax(axis=1) == TRUTH)[40:].mean() > 0.9
    assert len(learner.query(10, np.arange(40, 150))) == 10


def test_the_learner_works_with_it_and_without_votes() -> None:
    learner = VotesFirstLearner(3, own=own(GaussianNB))
    learner.start(X, VoteMatrix(np.empty((150, 0), dtype=np.int8), (), 3))
    learner.fit(np.arange(40), TRUTH[:40])
    assert (learner.predict_proba().argmax(axis=1) == TRUTH)[40:].mean() > 0.9

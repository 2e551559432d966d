import numpy as np
from modAL.disagreement import vote_entropy as peer
from modAL.models import ActiveLearner, Committee
from sklearn.linear_model import LogisticRegression

from active.modal import ModalLearner
from active.strategies.committee import MEMBERS, committee_votes, resampled, vote_entropies, vote_entropy

RNG = np.random.default_rng(0)
X = RNG.normal(size=(300, 3))
Y = X[:60].argmax(axis=1)


def test_vote_entropy_is_that_of_the_shares_of_votes() -> None:
    votes = np.array([[0, 0, 0, 0], [0, 1, 1, 0], [2, 2, 2, 1]])
    expected = [0, np.log(2), -0.75 * np.log(0.75) - 0.25 * np.log(0.25)]
    np.testing.assert_allclose(vote_entropies(votes, np.arange(3)), expected)


def test_a_committee_of_modal_is_asked_itself() -> None:
    members = []
    for part in np.array_split(np.arange(60), 4):
        learner = ActiveLearner(LogisticRegression().fit(X[part], Y[part]))
        learner.X_training, learner.y_training = X[part], Y[part]
        members.append(learner)
    committee = Committee(members, query_strategy=vote_entropy)
    expected = peer(committee, X)
    indices, utilities = vote_entropy(committee, X, 40)
    np.testing.assert_allclose(utilities, expected[indices], atol=1e-9)
    np.testing.assert_allclose(utilities, np.sort(expected)[::-1][:40], atol=1e-9)
    assert len(committee.query(X, n_instances=3)[0]) == 3


def test_copies_of_a_single_learner_vote_on_bootstrap_samples() -> None:
    learner = ModalLearner(LogisticRegression(), vote_entropy).fit(X[:60], Y)
    votes = committee_votes(learner, X, np.random.default_rng(0))
    assert votes.shape == (300, MEMBERS)
    rng = np.random.default_rng(0)
    draws = [resampled(Y, rng) for _ in range(MEMBERS)]
    again = [LogisticRegression().fit(X[:60][rows], Y[rows]).predict(X) for rows in draws]
    np.testing.assert_array_equal(votes, np.stack(again, axis=1))
    assert 0.05 < (vote_entropies(votes, np.arange(3)) > 0).mean() < 0.7


def test_ties_fall_to_the_smaller_margin() -> None:
    learner = ModalLearner(LogisticRegression(), vote_entropy).fit(X[:60], Y)
    indices, utilities = vote_entropy(learner, X, 300)
    proba = np.sort(learner.predict_proba(X), axis=1)
    lead = (proba[:, -1] - proba[:, -2])[indices]
    tied = np.diff(utilities.round(12)) == 0
    assert tied.sum() > 100
    assert (np.diff(lead)[tied] >= 0).all()
    assert (np.diff(utilities) <= 1e-9).all()


def test_no_class_is_lost_in_a_sample() -> None:
    y = np.array([0] * 50 + [1])
    rows = resampled(y, np.random.default_rng(0))
    np.testing.assert_array_equal(np.bincount(y[rows]), [50, 1])

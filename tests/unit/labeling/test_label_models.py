"""The invariants that label models keep."""

from __future__ import annotations

import numpy as np
import pytest

from labeling.label_models import (
    MajorityModel,
    SnorkelModel,
    make_label_model,
    softmax,
)
from labeling.types import VoteMatrix


def planted(n: int, m: int, k: int, seed: int, coverage: float = 0.6) -> VoteMatrix:
    rng = np.random.default_rng(seed)
    truth = rng.integers(k, size=n)
    right = rng.random((n, m)) < rng.uniform(0.6, 0.9, size=m)
    hard = np.where(right, truth[:, None], rng.integers(k, size=(n, m)))
    hard = np.where(rng.random((n, m)) < coverage, hard, -1).astype(np.int8)
    return VoteMatrix(hard, tuple(f"v{j}" for j in range(m)), k)


@pytest.mark.parametrize("kind", ["snorkel", "majority"])
def test_rows_sum_to_one_and_abstentions_give_the_class_balance(kind):
    votes = planted(200, 4, 3, 2, coverage=0.3)
    balance = np.array([0.2, 0.3, 0.5])
    model, _ = make_label_model(kind, 4)
    proba = model.fit(model.statistics(votes), class_balance=balance).predict_proba(votes)
    np.testing.assert_allclose(proba.sum(axis=1), 1)
    assert (~votes.covered).any()
    np.testing.assert_allclose(proba[~votes.covered], np.tile(balance, ((~votes.covered).sum(), 1)))


@pytest.mark.parametrize("kind", ["snorkel", "majority"])
def test_order_of_items_does_not_matter(kind):
    votes = planted(150, 4, 2, 3)
    order = np.random.default_rng(0).permutation(150)
    shuffled = VoteMatrix(votes.hard[order], votes.voters, 2)
    model, _ = make_label_model(kind, 4)
    straight = model.fit(model.statistics(votes)).predict_proba(votes)
    model, _ = make_label_model(kind, 4)
    turned = model.fit(model.statistics(shuffled)).predict_proba(shuffled)
    np.testing.assert_allclose(straight[order], turned, atol=1e-6)


def test_majority_agrees_with_snorkels_voter_where_there_is_one_winner():
    from snorkel.labeling.model import MajorityLabelVoter

    votes = planted(200, 5, 3, 4)
    model = MajorityModel()
    proba = model.fit(model.statistics(votes)).predict_proba(votes)
    theirs = MajorityLabelVoter(cardinality=3).predict(votes.hard.astype(int), tie_break_policy="abstain")
    clear = theirs != -1
    assert clear.sum() > 50
    np.testing.assert_array_equal(proba[clear].argmax(axis=1), theirs[clear])


def test_contributions_add_up_to_the_posterior():
    votes = planted(100, 6, 4, 5)
    model = SnorkelModel(0)
    model.fit(model.statistics(votes))
    for row, expected in zip(votes.hard[:20], model.predict_proba(votes)[:20], strict=True):
        logits = model.explain(row).sum(axis=0) + np.log(model.class_balance_)
        np.testing.assert_allclose(softmax(logits[None])[0], expected, atol=1e-9)


def test_hundreds_of_votes_do_not_overflow():
    votes = planted(60, 400, 2, 6, coverage=1.0)
    model = SnorkelModel(0)
    proba = model.fit(model.statistics(votes)).predict_proba(votes)
    assert np.isfinite(proba).all()


def test_training_leaves_the_global_random_state_alone():
    votes = planted(50, 3, 2, 7)
    np.random.seed(11)
    expected = np.random.random()
    np.random.seed(11)
    model = SnorkelModel(0)
    model.fit(model.statistics(votes))
    assert np.random.random() == expected


def test_fewer_than_three_voters_fall_back_with_a_word():
    model, word = make_label_model("snorkel", 2)
    assert isinstance(model, MajorityModel)
    assert word is not None
    assert "three voters" in word


@pytest.mark.parametrize(
    ("hard", "error"),
    [
        (np.array([[-2]], dtype=np.int8), ValueError),
        (np.array([[2]], dtype=np.int8), ValueError),
        (np.array([[0.5]]), TypeError),
        (np.zeros((2, 2), dtype=np.int8), ValueError),
    ],
)
def test_votes_that_are_no_votes_are_refused(hard, error):
    with pytest.raises(error):
        VoteMatrix(hard, ("a",), 2)

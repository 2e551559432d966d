"""A model over groups keeps the contract of every label model."""

from __future__ import annotations

import numpy as np
import pytest

from labeling.label_models import LABEL_MODELS
from labeling.label_models.grouped import GroupedModel
from labeling.label_models.posterior import softmax
from labeling.types import GoldVotes, VoteMatrix

GROUPS = ((0, 3, 4), (1,), (2,), (5,))


def copied(n=400, seed=0, soft=False):
    rng = np.random.default_rng(seed)
    truth = rng.integers(3, size=n)
    own = np.where(rng.random((n, 4)) < 0.7, truth[:, None], rng.integers(3, size=(n, 4)))
    own[rng.random(own.shape) < 0.3] = -1
    hard = own[:, [0, 1, 2, 0, 0, 3]].copy()
    hard[rng.random(n) < 0.1, 3] = 2
    likelihoods = {"f": rng.dirichlet(np.ones(3), n).astype(np.float32)} if soft else {}
    return VoteMatrix(hard.astype(np.int8), tuple("abcdef"), 3, soft=likelihoods), truth


@pytest.mark.parametrize("kind", LABEL_MODELS)
@pytest.mark.parametrize("soft", [False, True])
@pytest.mark.parametrize("taught", [False, True])
def test_contributions_add_up_to_the_posterior(kind, soft, taught):
    votes, truth = copied(soft=soft)
    gold = GoldVotes(votes.take(np.arange(60)), truth[:60]) if taught else None
    model = GroupedModel(LABEL_MODELS[kind](0), GROUPS)
    model.fit(model.statistics(votes), gold=gold, class_balance=np.array([0.2, 0.3, 0.5]))
    proba = model.predict_proba(votes)
    for i in range(60):
        likelihoods = {5: votes.soft["f"][i]} if soft else None
        logits = np.log(model.class_balance_) + model.explain(votes.hard[i], likelihoods).sum(axis=0)
        np.testing.assert_allclose(softmax(logits[None])[0], proba[i], atol=1e-9)


def test_those_who_agree_with_their_group_share_its_say():
    votes, _ = copied()
    model = GroupedModel(LABEL_MODELS["snorkel"](0), GROUPS)
    model.fit(model.statistics(votes))
    added = model.explain(np.array([0, -1, -1, 2, 0, -1], dtype=np.int8))
    np.testing.assert_array_equal(added[0], added[4])
    assert added[0].any()
    assert not added[[1, 2, 3, 5]].any()


def test_a_voter_weighs_what_its_group_does():
    votes, _ = copied()
    model = GroupedModel(LABEL_MODELS["snorkel"](0), GROUPS)
    model.fit(model.statistics(votes))
    assert model.weights_.shape == (6,)
    assert model.weights_[0] == model.weights_[3] == model.weights_[4]
    assert np.isfinite(model.weights_).all()

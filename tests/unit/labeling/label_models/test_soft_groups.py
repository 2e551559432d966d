"""Soft voters in groups: together one vote, never counted twice, explained to the last digit."""

from __future__ import annotations

import numpy as np
import pytest

from labeling.label_models import LABEL_MODELS
from labeling.label_models.correlation import mean_likelihood, merge_votes
from labeling.label_models.grouped import GroupedModel
from labeling.label_models.posterior import softmax
from labeling.types import VoteMatrix

GROUPS = ((0, 3, 4), (1,), (2, 5))


def voted(n=300, seed=0, soft="adef"):
    rng = np.random.default_rng(seed)
    truth = rng.integers(3, size=n)
    hard = np.where(rng.random((n, 6)) < 0.7, truth[:, None], rng.integers(3, size=(n, 6)))
    hard[rng.random(hard.shape) < 0.3] = -1
    likely = {}
    for name in soft:
        of_voter = rng.dirichlet(np.ones(3), n).astype(np.float32)
        of_voter[hard[:, "abcdef".index(name)] < 0] = 0
        likely[name] = of_voter
    return VoteMatrix(hard.astype(np.int8), tuple("abcdef"), 3, soft=likely)


@pytest.mark.parametrize("kind", LABEL_MODELS)
def test_contributions_add_up_to_the_posterior(kind):
    votes = voted()
    model = GroupedModel(LABEL_MODELS[kind](0), GROUPS)
    model.fit(model.statistics(votes), class_balance=np.array([0.2, 0.3, 0.5]))
    proba = model.predict_proba(votes)
    for i in range(80):
        likely = {"abcdef".index(name): of_voter[i] for name, of_voter in votes.soft.items()}
        logits = np.log(model.class_balance_) + model.explain(votes.hard[i], likely).sum(axis=0)
        np.testing.assert_allclose(softmax(logits[None])[0], proba[i], rtol=0, atol=1e-9)


def test_a_group_of_soft_voters_gives_their_mean():
    votes = voted()
    merged = merge_votes(votes, GROUPS)
    assert merged.voters == ("a = d = e", "b", "c = f")
    assert set(merged.soft) == {"a = d = e"}
    row = int(np.flatnonzero((votes.hard[:, [0, 3, 4]] >= 0).all(axis=1))[0])
    mean = np.exp(np.mean([np.log(votes.soft[name][row]) for name in "ade"], axis=0))
    found = merged.soft["a = d = e"][row]
    np.testing.assert_allclose(found / found.sum(), mean / mean.sum(), rtol=1e-5)


def test_beside_hard_votes_a_soft_voter_counts_by_its_hard_vote():
    votes = voted()
    merged = merge_votes(votes, GROUPS)
    without = merge_votes(VoteMatrix(votes.hard, votes.voters, 3), GROUPS)
    np.testing.assert_array_equal(merged.hard[:, 2], without.hard[:, 2])
    assert "c = f" not in merged.soft


def test_copies_are_one():
    alone = voted().soft["a"]
    np.testing.assert_allclose(
        mean_likelihood([alone] * 3) / alone.max(axis=1, keepdims=True).clip(1e-9),
        alone / alone.max(axis=1, keepdims=True).clip(1e-9) ** 2,
        rtol=1e-5,
    )


def test_who_abstains_does_not_weaken_the_others():
    votes = voted()
    silent = np.zeros_like(votes.soft["a"])
    for pair in ([votes.soft["a"], silent], [silent, votes.soft["a"]]):
        mean = mean_likelihood(pair)
        largest = votes.soft["a"].max(axis=1, keepdims=True)
        np.testing.assert_allclose(mean * largest, votes.soft["a"], rtol=1e-4, atol=1e-6)
    assert not mean_likelihood([silent, silent]).any()


def test_members_share_what_they_said():
    votes = voted()
    model = GroupedModel(LABEL_MODELS["naive_bayes"](0), GROUPS)
    model.fit(model.statistics(votes))
    row = int(np.flatnonzero((votes.hard[:, 0] >= 0) & (votes.hard[:, 3] >= 0) & (votes.hard[:, 4] < 0))[0])
    likely = {"abcdef".index(name): of_voter[row] for name, of_voter in votes.soft.items()}
    added = model.explain(votes.hard[row], likely)
    assert added[0].any()
    assert added[3].any()
    assert not added[4].any()

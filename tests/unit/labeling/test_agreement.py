"""The agreement of voters, by hand and against scikit-learn."""

from __future__ import annotations

import json

import numpy as np
import pytest
from scipy.stats import binomtest
from sklearn.metrics import cohen_kappa_score

from labeling.agreement import measure_agreement
from labeling.types import PoolGold, VoteMatrix

NOBODY = PoolGold.all_drawn(np.full(600, -1, dtype=np.int8))


def models(n=600, seed=0, k=4):
    """Two prompts of one model, another model, and functions that err alone."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(k, size=n)

    def voter(accuracy):
        return np.where(rng.random(n) < accuracy, truth, (truth + rng.integers(1, k, n)) % k)

    first = voter(0.8)
    copy = np.where(rng.random(n) < 0.02, voter(0.8), first)
    columns = [first, copy, *(voter(0.75) for _ in range(4))]
    names = ("desk@m", "cue@m", "desk@o", "lf_a", "lf_b", "lf_c")
    return VoteMatrix(np.stack(columns, axis=1).astype(np.int8), names, k), truth.astype(np.int8)


def test_a_pair_by_hand():
    hard = np.array([[0, 0], [1, 1], [2, 1], [0, -1], [1, 1], [2, 2]], dtype=np.int8)
    gold = PoolGold.all_drawn(np.array([0, 2, 0, 1, 0, -1], dtype=np.int8))
    found = measure_agreement(VoteMatrix(hard, ("a", "b"), 3), gold, ("a", "b")).pairs[0]
    assert (found.both, found.agree, found.judged) == (5, 0.8, 4)
    interval = binomtest(4, 5).proportion_ci(0.95, "wilson")
    assert found.agree_interval == pytest.approx((interval.low, interval.high), abs=1e-4)
    assert (found.both_wrong, found.both_wrong_chance) == (3, round(3 * 3 / 4, 2))
    assert found.same_wrong == pytest.approx(2 / 3, abs=1e-4)
    assert found.same_wrong_chance == 0.5


def test_chance_is_cohens():
    votes, _ = models()
    found = measure_agreement(votes, NOBODY, votes.voters[:3])
    for pair in found.pairs:
        a, b = (votes.hard[:, votes.voters.index(name)] for name in (pair.first, pair.second))
        kappa = (pair.agree - pair.agree_chance) / (1 - pair.agree_chance)
        assert kappa == pytest.approx(cohen_kappa_score(a, b), abs=1e-3)


def test_prompts_of_one_model_are_found_to_be_one():
    votes, truth = models()
    found = measure_agreement(votes, PoolGold.all_drawn(truth), votes.voters[:3])
    assert found.groups == (("desk@m", "cue@m"),)
    first, *others = found.pairs
    assert (first.first, first.second) == ("desk@m", "cue@m")
    assert first.same_wrong > 0.9
    assert first.both_wrong > 3 * first.both_wrong_chance
    for pair in others:
        assert pair.same_wrong_interval[0] < pair.same_wrong_chance < pair.same_wrong_interval[1]
        assert pair.both_wrong == pytest.approx(pair.both_wrong_chance, abs=12)


def test_groups_of_others_are_none_of_the_models():
    votes, truth = models()
    assert measure_agreement(votes, PoolGold.all_drawn(truth), ("desk@o", "lf_a")).groups == ()


def test_without_gold_only_agreement_is_known():
    votes, _ = models()
    found = measure_agreement(votes, NOBODY, votes.voters[:2])
    pair = found.pairs[0]
    assert (pair.judged, pair.both_wrong, pair.same_wrong, pair.same_wrong_interval) == (0, 0, None, None)
    assert found.groups == (("desk@m", "cue@m"),)
    told = found.to_dict()
    assert json.loads(json.dumps(told)) == told | {
        "pairs": [p | {"agree_interval": list(p["agree_interval"])} for p in told["pairs"]]
    }


def test_voters_that_never_meet():
    hard = np.array([[0, -1], [-1, 1]], dtype=np.int8)
    gold = PoolGold.all_drawn(np.array([-1, -1], dtype=np.int8))
    pair = measure_agreement(VoteMatrix(hard, ("a", "b"), 2), gold, ("a", "b")).pairs[0]
    assert (pair.both, pair.agree, pair.agree_interval, pair.agree_chance) == (0, None, None, None)


def test_one_voter_has_nobody_to_agree_with():
    votes, _ = models()
    assert measure_agreement(votes, NOBODY, ("desk@o",)).to_dict() == {"pairs": [], "groups": []}

"""How often a vote is right by its confidence: against scikit-learn and scipy, and by simulation."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit, logit
from scipy.stats import beta
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

from labeling.calibration.voter_confidence import (
    LEVEL_VOTES,
    PRIOR_ACCURACY,
    PRIOR_VOTES,
    Levels,
    Logistic,
    Rising,
    fit_confidence,
    fit_vote_accuracy,
    worth,
)

COARSE = np.array([0.6, 0.8, 0.95])


def overconfident(n, seed, *, coarse):
    """Stated confidence and the true probability of being right, which is nearer to a half."""
    rng = np.random.default_rng(seed)
    if coarse:
        stated = rng.choice(COARSE, n, p=[0.15, 0.3, 0.55])
        true = np.interp(stated, COARSE, [0.55, 0.65, 0.8])
    else:
        stated = np.clip(rng.beta(12, 1.5, n), 0.01, 0.99)
        true = expit(0.4 * logit(stated) + 0.2)
    return stated, true, rng.random(n) < true


def judged(n, seed=0):
    stated, _, right = overconfident(n, seed, coarse=True)
    return stated, right, np.ones(n)


@pytest.mark.parametrize(
    ("n", "kind"), [(5, "beta"), (49, "beta"), (50, "platt"), (999, "platt"), (1000, "isotonic")]
)
def test_the_number_of_judged_votes_chooses(n, kind):
    assert fit_confidence(*judged(n)).kind == kind


def test_uneven_labels_are_fewer():
    stated, right, ones = judged(60)
    assert fit_confidence(stated, right, 0.3 * ones).kind == "beta"
    uneven = np.where(np.arange(60) < 20, 2.8, 0.1)
    assert worth(uneven) == pytest.approx(60**2 / (20 * 2.8**2 + 40 * 0.1**2), rel=0.01)
    assert fit_confidence(stated, right, uneven).kind == "beta"


def test_levels_are_beta_distributed_around_the_accuracy_of_all():
    stated, right = np.repeat([0.6, 0.9], [10, 20]), np.repeat([0, 1, 0, 1], [6, 4, 2, 18]) > 0
    found = fit_confidence(stated, right, np.ones(30))
    assert isinstance(found, Levels)
    overall = (22 + PRIOR_VOTES * PRIOR_ACCURACY) / (30 + PRIOR_VOTES)
    assert found.overall == pytest.approx(overall)
    a, b = 4 + LEVEL_VOTES * overall, 6 + LEVEL_VOTES * (1 - overall)
    assert found.accuracy[0] == pytest.approx(beta.mean(a, b))
    assert (found.low[0], found.high[0]) == pytest.approx(beta.interval(0.95, a, b))
    assert found.predict(np.array([0.75]))[0] == pytest.approx(found.accuracy.mean())


def test_intervals_hold_the_accuracy_of_a_level_nine_times_of_ten():
    held = []
    for seed in range(60):
        stated, _, right = overconfident(45, seed, coarse=True)
        found = fit_confidence(stated, right, np.ones(45))
        true = np.interp(found.confidence, COARSE, [0.55, 0.65, 0.8])
        held += ((found.low <= true) & (true <= found.high)).tolist()
    assert np.mean(held) >= 0.88


@pytest.mark.parametrize("seed", range(3))
def test_the_logistic_curve_is_scikit_learns(seed):
    stated, _, right = overconfident(300, seed, coarse=False)
    weights = np.random.default_rng(seed).uniform(0.9, 1.1, 300)
    weights *= 300 / (weights**2).sum()  # so that Kish's number is their sum
    found = fit_confidence(stated, right, weights)
    assert isinstance(found, Logistic)
    counts = weights * min(1, weights.sum() / (weights**2).sum())
    added = PRIOR_VOTES * counts / counts.sum()
    x = np.concatenate([stated, stated, stated])
    y = np.repeat([1, 1, 0], 300)
    y[:300] = right
    w = np.concatenate([counts, added * PRIOR_ACCURACY, added * (1 - PRIOR_ACCURACY)])
    peer = LogisticRegression(C=np.inf, tol=1e-9, max_iter=1000).fit(logit(x)[:, None], y, w)
    expected = peer.predict_proba(logit(stated)[:, None])[:, 1]
    np.testing.assert_allclose(found.predict(stated), expected, atol=1e-4)


def test_the_rising_curve_is_scikit_learns():
    stated, _, right = overconfident(2000, 1, coarse=True)
    found = fit_confidence(stated, right, np.ones(2000))
    assert isinstance(found, Rising)
    added = PRIOR_VOTES / 2000
    shrunk = (right + added * PRIOR_ACCURACY) / (1 + added)
    peer = IsotonicRegression().fit(stated, shrunk)
    np.testing.assert_allclose(found.predict(COARSE), peer.predict(COARSE), atol=1e-9)


@pytest.mark.parametrize("n", [8, 30, 200, 1500])
@given(st.integers(0, 2**32 - 1), st.booleans())
@settings(max_examples=15)
def test_a_surer_vote_is_never_less_probable(n, seed, backwards):
    """Also where confidence is worth nothing, or worse: then it says nothing."""
    rng = np.random.default_rng(seed)
    stated = rng.choice(COARSE, n)
    right = rng.random(n) < (1 - stated if backwards else 0.7)
    p = fit_confidence(stated, right, np.ones(n)).predict(np.linspace(0.01, 1, 50))
    assert (np.diff(p) >= -1e-12).all()
    assert ((p > 0) & (p < 1)).all()


def test_nothing_is_learnt_from_confidence_that_runs_backwards():
    stated = np.repeat([0.6, 0.95], 100)
    found = fit_confidence(stated, np.arange(200) < 100, np.ones(200))
    p = found.predict(np.array([0.6, 0.95]))
    assert p[0] == p[1] == pytest.approx((100 + PRIOR_VOTES * PRIOR_ACCURACY) / (200 + PRIOR_VOTES))


@pytest.mark.parametrize(
    ("labels", "most"),
    [
        pytest.param(100, 0.055, id="100"),
        pytest.param(200, 0.038, id="200"),
        pytest.param(1000, 0.03, id="1000"),
    ],
)
@pytest.mark.parametrize("coarse", [True, False])
def test_overconfidence_is_mended(labels, most, coarse):
    """Mean error of the probability: about .13 raw, near .05 with 100 labels and .03 with 200."""
    raw, mended = [], []
    for seed in range(30):
        stated, true, right = overconfident(labels + 2000, seed, coarse=coarse)
        found = fit_confidence(stated[:labels], right[:labels], np.ones(labels))
        raw.append(np.abs(stated - true)[labels:].mean())
        mended.append(np.abs(found.predict(stated[labels:]) - true[labels:]).mean())
    assert np.mean(raw) > 0.12
    assert np.mean(mended) < most


@pytest.mark.parametrize("coarse", [True, False])
def test_few_labels_do_no_harm(coarse):
    """Against what is believed without any: the same of every vote."""
    mended, flat = [], []
    for seed in range(40):
        stated, true, right = overconfident(512, seed, coarse=coarse)
        found = fit_confidence(stated[:12], right[:12], np.ones(12))
        mended.append(np.square(found.predict(stated[12:]) - true[12:]).mean())
        flat.append(np.square(PRIOR_ACCURACY - true[12:]).mean())
    assert np.mean(mended) < np.mean(flat) + 0.004


class TestVoteAccuracy:
    def voter(self, n=400, seed=0):
        """A voter that is right at .9 where it says 0 and at .6 where it says 1."""
        rng = np.random.default_rng(seed)
        hard = rng.integers(-1, 2, n).astype(np.int8)
        right = rng.random(n) < np.where(hard == 0, 0.9, 0.6)
        labels = np.where(hard < 0, rng.integers(2, size=n), np.where(right, hard, 1 - hard))
        return hard, rng.choice(COARSE, n).astype(np.float32), labels

    def test_a_class_with_many_votes_has_a_map_of_its_own(self):
        hard, stated, labels = self.voter()
        found = fit_vote_accuracy(hard, stated, labels, np.ones(400))
        assert set(found.own) == {0, 1}
        p = found.predict(np.array([0, 1, -1], dtype=np.int8), np.full(3, 0.8))
        assert p[0] - p[1] > 0.2
        assert np.isnan(p[2])

    def test_with_few_votes_all_classes_share_one(self):
        hard, stated, labels = self.voter(120)
        found = fit_vote_accuracy(hard, stated, labels, np.ones(120))
        assert not found.own
        p = found.predict(np.array([0, 1], dtype=np.int8), np.full(2, 0.8))
        assert p[0] == p[1]

    def test_a_voter_who_does_not_say_how_sure_it_is_has_the_accuracy_of_its_votes(self):
        hard, stated, labels = self.voter()
        found = fit_vote_accuracy(hard, np.full_like(stated, np.nan), labels, np.ones(400))
        p = found.predict(hard, np.full(400, np.nan))
        for c, share in ((0, 0.9), (1, 0.6)):
            assert p[hard == c] == pytest.approx(share, abs=0.08)

    def test_abstentions_judge_nobody(self):
        hard, stated, labels = self.voter()
        cast = hard >= 0
        ones = np.ones(400)
        found = fit_vote_accuracy(hard, stated, labels, ones)
        voted = fit_vote_accuracy(hard[cast], stated[cast], labels[cast], ones[cast])
        assert found.judged == voted.judged == cast.sum()
        np.testing.assert_array_equal(
            found.predict(hard, stated)[cast], voted.predict(hard[cast], stated[cast])
        )

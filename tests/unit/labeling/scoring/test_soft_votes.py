"""Soft votes of language models: worth what labels bear out, honest out of fold, nothing without labels."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labeling.label_models import LABEL_MODELS
from labeling.label_models.posterior import log_likelihood, softmax
from labeling.scoring import fit_vote_model, score_votes
from labeling.scoring.soft_votes import (
    USUAL,
    expected_accuracies,
    fit_soft_voters,
    of_rows,
    vote_likelihood,
)
from labeling.scoring.vote_model import hold_out
from labeling.scoring.vote_scores import folds_of, judge
from labeling.types import GoldVotes, PoolGold, VoteMatrix

NAMES = ("HAM", "SPAM")
MODELS = ("desk@m", "cue@m", "near@m")
KINDS = sorted(LABEL_MODELS)


def asked(n=1200, seed=0, shared=0.5, functions=3):
    """Three models who state how sure they are, share draws, and stand beside independent functions."""
    rng = np.random.default_rng(seed)
    truth = (rng.random(n) < 0.4).astype(np.int8)
    together = rng.random(n) < shared
    one = (rng.random(n), rng.choice([0.6, 0.8, 0.95], n))
    columns, confidence = [], {}
    for name in MODELS:
        draw, stated = (
            np.where(together, common, own)
            for common, own in zip(one, (rng.random(n), rng.choice([0.6, 0.8, 0.95], n)), strict=True)
        )
        right = draw < np.interp(stated, [0.6, 0.8, 0.95], [0.6, 0.8, 0.93])
        columns.append(np.where(rng.random(n) < 0.05, -1, np.where(right, truth, 1 - truth)))
        confidence[name] = np.where(columns[-1] < 0, np.nan, stated).astype(np.float32)
    for _ in range(functions):
        right, voted = rng.random(n) < 0.7, rng.random(n) < 0.3
        columns.append(np.where(voted, np.where(right, truth, 1 - truth), -1))
    voters = (*MODELS, *(f"lf_{j}" for j in range(functions)))
    return VoteMatrix(np.stack(columns, axis=1).astype(np.int8), voters, 2), confidence, truth


def digests(votes):
    return [f"item {i}" for i in range(len(votes))]


def drawn(truth, size, seed=0):
    labels = np.full(len(truth), -1, dtype=np.int8)
    rows = np.random.default_rng(seed).choice(len(truth), size, replace=False)
    labels[rows] = truth[rows]
    return PoolGold.all_drawn(labels)


class TestLikelihood:
    @given(st.integers(2, 6), st.integers(0, 2**32 - 1))
    @settings(max_examples=40)
    def test_with_the_class_balance_it_is_the_accuracy(self, k, seed):
        rng = np.random.default_rng(seed)
        balance = rng.dirichlet(np.ones(k)) * 0.9 + 0.1 / k
        hard, right = rng.integers(-1, k, 20).astype(np.int8), rng.uniform(0.05, 0.95, 20)
        likely = vote_likelihood(hard, right, balance)
        assert (likely[hard < 0] == 0).all()
        cast = np.flatnonzero(hard >= 0)
        posterior = likely[cast] * balance
        posterior /= posterior.sum(axis=1, keepdims=True)
        np.testing.assert_allclose(posterior[np.arange(len(cast)), hard[cast]], right[cast])
        for row, said in zip(posterior, hard[cast], strict=True):
            rest = np.arange(k) != said
            np.testing.assert_allclose(row[rest] / row[rest].sum(), balance[rest] / balance[rest].sum())

    def test_a_voter_alone_is_as_probable_as_it_is_right(self):
        votes, confidence, truth = asked(functions=0)
        alone = VoteMatrix(votes.hard[:, :1], MODELS[:1], 2)
        fitted = fit_vote_model(
            "naive_bayes", 0, alone, drawn(truth, 300), NAMES, {"desk@m": confidence["desk@m"]}
        )
        posterior = fitted.model.predict_proba(fitted.votes)
        for stated, true in ((0.6, 0.6), (0.95, 0.93)):
            at = np.isclose(confidence["desk@m"], stated)
            said = posterior[at, votes.hard[at, 0]]
            assert said.mean() == pytest.approx(true, abs=0.06)


class TestNothingChanges:
    @pytest.mark.parametrize("kind", KINDS)
    def test_without_language_models(self, kind):
        votes, _, truth = asked(400)
        gold = drawn(truth, 35)
        plain = score_votes(kind, 0, votes, gold, digests(votes), NAMES)
        named = score_votes(kind, 0, votes, gold, digests(votes), NAMES, {})
        np.testing.assert_array_equal(named.posterior, plain.posterior)
        assert named.calibrator == plain.calibrator
        assert named.voters == {}
        assert named.soft == {}

    @pytest.mark.parametrize("labels", [0, 5])
    def test_with_few_labels(self, labels):
        votes, confidence, truth = asked(400)
        gold = drawn(truth, labels)
        plain = score_votes("snorkel", 0, votes, gold, digests(votes), NAMES)
        stated = score_votes("snorkel", 0, votes, gold, digests(votes), NAMES, confidence)
        np.testing.assert_array_equal(stated.posterior, plain.posterior)

    def test_training_sees_hard_votes(self):
        votes, confidence, truth = asked(400)
        gold = drawn(truth, 100)
        soft = fit_vote_model("snorkel", 0, votes, gold, NAMES, confidence)
        hard = fit_vote_model("snorkel", 0, votes, gold, NAMES)
        assert set(soft.votes.soft) == set(MODELS)
        np.testing.assert_array_equal(soft.model.weights_, hard.model.weights_)
        np.testing.assert_array_equal(soft.untaught, hard.untaught)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("labels", [0, 20, 150])
def test_contributions_add_up_to_the_posterior(kind, labels):
    votes, confidence, truth = asked(400)
    fitted = fit_vote_model(kind, 0, votes, drawn(truth, labels), NAMES, confidence)
    posterior = fitted.posterior()
    for i in range(60):
        logits = np.log(fitted.model.class_balance_) + fitted.contributions(i).sum(axis=0)
        np.testing.assert_allclose(softmax(logits[None])[0], posterior[i], rtol=0, atol=1e-9)


def test_a_surer_vote_weighs_more():
    votes, confidence, truth = asked()
    fitted = fit_vote_model("naive_bayes", 0, votes, drawn(truth, 200), NAMES, confidence)
    weight = {}
    for stated in (0.6, 0.8, 0.95):
        rows = np.flatnonzero(np.isclose(confidence["desk@m"], stated))[:100]
        added = np.array([fitted.contributions(int(i))[0] for i in rows])
        named = votes.hard[rows, 0]
        weight[stated] = (added[np.arange(len(rows)), named] - added[np.arange(len(rows)), 1 - named]).mean()
    assert 0 < weight[0.6] < weight[0.8] < weight[0.95]


@pytest.mark.parametrize("kind", ["snorkel", "naive_bayes", "weighted_majority"])
def test_confidence_makes_better_probabilities(kind):
    gains = []
    for seed in range(4):
        votes, confidence, truth = asked(seed=seed)
        gold = drawn(truth, 200, seed)
        rest = gold.labels < 0
        losses = [
            -np.log(scores.posterior[rest, truth[rest]]).mean()
            for scores in (
                score_votes(kind, 0, votes, gold, digests(votes), NAMES),
                score_votes(kind, 0, votes, gold, digests(votes), NAMES, confidence),
            )
        ]
        gains.append(losses[0] - losses[1])
    assert np.mean(gains) > 0.02


class TestDependence:
    def fitted(self, shared, labels=1000):
        votes, confidence, truth = asked(3000, shared=shared, functions=0)
        gold = drawn(truth, labels)
        told = GoldVotes(votes.take(gold.rows), gold.told)
        said = of_rows(confidence, gold.rows)
        return (
            fit_soft_voters(
                told, said, np.array([0.6, 0.4]), [(0,), (1,), (2,)], expected_accuracies(votes, MODELS)
            ),
            votes,
            confidence,
        )

    def test_shared_draws_make_several_count_as_fewer(self):
        independent, one = (self.fitted(shared)[0].dependence for shared in (0.0, 0.95))
        assert independent[0] < 0.45
        assert one[0] > 0.7

    def test_without_labels_to_tell_it_is_the_usual(self):
        found, *_ = self.fitted(0.5, labels=12)
        np.testing.assert_allclose(found.dependence, USUAL, atol=0.3)

    def test_a_vote_alone_keeps_its_evidence(self):
        found, votes, confidence = self.fitted(0.5)
        alone = np.flatnonzero((votes.hard != -1).sum(axis=1) == 1)
        assert len(alone)
        balance = np.array([0.6, 0.4])
        soft = found.soften(votes, confidence, balance).take(alone).soft
        right = found.right(votes, confidence)
        for name in MODELS:
            cast = votes.hard[alone, MODELS.index(name)] != -1
            expected = vote_likelihood(
                votes.hard[alone[cast], MODELS.index(name)], right[name][alone[cast]], balance
            )
            np.testing.assert_allclose(soft[name][cast], expected, rtol=1e-6)

    def test_a_group_counts_as_one(self):
        """Copies of a model, found to be one, say no more than the model alone."""
        votes, confidence, truth = asked(2000, functions=3)
        gold = drawn(truth, 200)
        copies = VoteMatrix(votes.hard[:, [0, 0, 0, 3, 4, 5]], (*MODELS, *votes.voters[3:]), 2)
        copied = dict.fromkeys(MODELS, confidence["desk@m"])
        single = VoteMatrix(votes.hard[:, [0, 3, 4, 5]], ("desk@m", *votes.voters[3:]), 2)
        many = fit_vote_model("naive_bayes", 0, copies, gold, NAMES, copied)
        one = fit_vote_model("naive_bayes", 0, single, gold, NAMES, {"desk@m": confidence["desk@m"]})
        assert (0, 1, 2) in many.groups
        np.testing.assert_allclose(many.posterior(), one.posterior(), atol=0.01)

    def test_a_majority_takes_shares_as_they_are(self):
        """It averages votes: to weaken several of them would count twice that they are alike."""
        votes, confidence, truth = asked(800, functions=0)
        fitted = fit_vote_model("majority", 0, votes, drawn(truth, 200), NAMES, confidence)
        agree = (votes.hard == votes.hard[:, :1]).all(axis=1) & (votes.hard[:, 0] >= 0)
        assert fitted.posterior()[agree].max(axis=1).mean() > 0.75


class TestExpectation:
    def test_agreement_bounds_it(self):
        votes, _, _ = asked(3000, shared=0.0, functions=0)
        found = expected_accuracies(votes, MODELS)
        both = (votes.hard[:, 0] >= 0) & (votes.hard[:, 1] >= 0)
        agree = (votes.hard[:, 0] == votes.hard[:, 1])[both].mean()
        assert found["desk@m"] <= agree < 0.9

    def test_models_that_agree_and_one_alone_are_expected_to_be_right_at_nine_of_ten(self):
        votes, _, _ = asked(3000, shared=1.0, functions=3)
        assert set(expected_accuracies(votes, MODELS).values()) == {0.9}
        assert expected_accuracies(votes, MODELS[:1]) == {"desk@m": 0.9}


class TestHonesty:
    def test_held_out_folds_have_not_seen_their_labels(self):
        """Turning the labels of a fold over changes nothing of what is said of it."""
        votes, confidence, truth = asked(400)
        gold = drawn(truth, 100)
        fitted = fit_vote_model("naive_bayes", 0, votes, gold, NAMES, confidence)
        folds = folds_of([f"item {i}" for i in gold.rows])
        turned = gold.labels.copy()
        turned[gold.rows[folds == 2]] = 1 - turned[gold.rows[folds == 2]]
        honest = hold_out(fitted, gold, gold.rows, folds)
        other = hold_out(fitted, PoolGold.all_drawn(turned), gold.rows, folds)
        np.testing.assert_array_equal(honest.proba[folds == 2], other.proba[folds == 2])
        assert not np.array_equal(honest.proba[folds == 1], other.proba[folds == 1])
        for name in MODELS:
            np.testing.assert_array_equal(honest.right[name][folds == 2], other.right[name][folds == 2])

    def test_what_is_held_out_is_judged_before_and_after(self):
        votes, confidence, truth = asked()
        scores = score_votes("snorkel", 0, votes, drawn(truth, 300), digests(votes), NAMES, confidence)
        assert set(scores.voters) == set(MODELS)
        for found in scores.voters.values():
            assert set(found) == {"stated", "recalibrated"}
            assert found["stated"].labelled > 200
            assert found["recalibrated"].error_low <= found["recalibrated"].error

    def test_overconfident_models_are_mended(self):
        votes, confidence, truth = asked(3000)
        sure = {name: np.where(np.isnan(c), np.nan, 0.9 + c / 20) for name, c in confidence.items()}
        stated = {name: c.astype(np.float32) for name, c in sure.items()}
        found = score_votes("snorkel", 0, votes, drawn(truth, 500), digests(votes), NAMES, stated).voters
        for name in MODELS:
            assert found[name]["stated"].error > 0.08
            assert found[name]["recalibrated"].error < 0.06

    def test_models_that_do_not_say_how_sure_are_judged_recalibrated_alone(self):
        votes, confidence, truth = asked(600)
        silent = {name: np.full_like(c, np.nan) for name, c in confidence.items()}
        found = score_votes("snorkel", 0, votes, drawn(truth, 100), digests(votes), NAMES, silent).voters
        assert all(set(of_voter) == {"recalibrated"} for of_voter in found.values())


@pytest.mark.parametrize("kind", ["weighted_majority", "naive_bayes", "snorkel"])
def test_a_model_that_is_worse_than_random_speaks_against_what_it_names(kind):
    votes, confidence, truth = asked(1500)
    hard = votes.hard.copy()
    hard[:, 0] = np.where(hard[:, 0] >= 0, 1 - hard[:, 0], -1)
    wrong = VoteMatrix(hard, votes.voters, 2)
    fitted = fit_vote_model(kind, 0, wrong, drawn(truth, 150), NAMES, confidence)
    assert fitted.worse.tolist()[:3] == [True, False, False]
    alone = (hard[:, 1:] == -1).all(axis=1) & (hard[:, 0] >= 0)
    for i in np.flatnonzero((hard[:, 0] >= 0) & ~alone)[:20]:
        added = fitted.contributions(int(i))[0]
        assert added[hard[i, 0]] < added[1 - hard[i, 0]]


def test_a_model_that_has_no_say_has_no_soft_vote():
    votes, confidence, truth = asked(400)
    muted = VoteMatrix(np.where(np.arange(6) == 0, -1, votes.hard).astype(np.int8), votes.voters, 2)
    fitted = fit_vote_model("snorkel", 0, muted, drawn(truth, 100), NAMES, confidence)
    assert set(fitted.votes.soft) == set(MODELS[1:])
    assert not fitted.contributions(0)[0].any()


@pytest.mark.parametrize("stated", [False, True])
@pytest.mark.parametrize("kind", ["snorkel", "naive_bayes"])
def test_unanimous_voters_are_as_sure_as_they_are_right(kind, stated):
    """Three of 85 % who share half of their draws look 99.9 % sure and are right 90.5 %.

    Calibration on held-out labels brings that down, whether the voters are language models or not.
    """
    before, gaps = [], []
    for seed in range(6):
        rng = np.random.default_rng(seed)
        truth = rng.integers(2, size=2000).astype(np.int8)
        right = rng.random((2000, 3)) < 0.85
        right = np.where((rng.random(2000) < 0.5)[:, None], right[:, :1], right)
        votes = VoteMatrix(np.where(right, truth[:, None], 1 - truth[:, None]).astype(np.int8), MODELS, 2)
        gold = drawn(truth, 200, seed)
        silent = dict.fromkeys(MODELS, np.full(2000, np.nan, dtype=np.float32)) if stated else None
        agree = (votes.hard == votes.hard[:, :1]).all(axis=1) & (gold.labels < 0)
        nobody = PoolGold.all_drawn(np.full(2000, -1, dtype=np.int8))
        untaught = score_votes(kind, 0, votes, nobody, digests(votes), NAMES).posterior[agree]
        taught = score_votes(kind, 0, votes, gold, digests(votes), NAMES, silent).posterior[agree]
        before.append(untaught.max(axis=1).mean())
        gaps.append(taught.max(axis=1).mean() - right[agree, 0].mean())
    assert np.mean(before) > 0.998
    assert abs(np.mean(gaps)) < 0.015
    assert np.mean(np.abs(gaps)) < 0.03


def test_what_labels_made_is_hardly_changed_by_the_same_labels():
    """Unless there are other voters, whose say is not made of labels."""
    spreads = []
    for functions in (0, 3):
        votes, confidence, truth = asked(400, functions=functions)
        gold = drawn(truth, 100)
        for stated in (confidence, None):
            fitted = fit_vote_model("snorkel", 0, votes, gold, NAMES, stated)
            spreads.append(judge(fitted, gold, digests(votes)).scale_spread)
    assert spreads[0] < spreads[1] == spreads[2] == spreads[3]


def test_a_likelihood_is_relative_to_its_best_class():
    likely = vote_likelihood(np.array([1], dtype=np.int8), np.array([0.9]), np.array([0.2, 0.3, 0.5]))
    assert likely.max() == 1
    np.testing.assert_allclose(np.exp(log_likelihood(likely)), likely)

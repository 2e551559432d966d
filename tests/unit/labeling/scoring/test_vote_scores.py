"""The label model inside the scorer: guarded, taught, calibrated, and honest about it."""

from __future__ import annotations

import typing

import numpy as np
import pytest

from labeling.config.sections import LabelModelConfig
from labeling.label_models import LABEL_MODELS
from labeling.label_models.posterior import softmax
from labeling.scoring import fit_vote_model, score_votes
from labeling.scoring.vote_scores import folds_of, judge
from labeling.types import PoolGold, VoteMatrix

NAMES = ("HAM", "SPAM")
KINDS = sorted(LABEL_MODELS)


def project(n=800, seed=0, accuracies=(0.85, 0.8, 0.75, 0.7), coverage=0.5, soft=False):
    rng = np.random.default_rng(seed)
    truth = (rng.random(n) < 0.35).astype(np.int8)
    right = rng.random((n, len(accuracies))) < np.array(accuracies)
    hard = np.where(right, truth[:, None], 1 - truth[:, None])
    hard = np.where(rng.random(hard.shape) < coverage, hard, -1).astype(np.int8)
    chance = rng.beta(2, 2, n)
    likelihoods = {"a": np.column_stack([1 - chance, chance]).astype(np.float32)} if soft else {}
    return VoteMatrix(hard, tuple("abcdefgh"[: len(accuracies)]), 2, soft=likelihoods), truth


def gold_of(truth, size, seed=0):
    rows = np.random.default_rng(seed).choice(len(truth), size, replace=False)
    labels = np.full(len(truth), -1, dtype=np.int8)
    labels[rows] = truth[rows]
    return PoolGold.all_drawn(labels)


def score(votes, gold, kind="snorkel"):
    digests = [f"item {i}" for i in range(len(votes))]
    return score_votes(kind, 0, votes, gold, digests, NAMES)


def nobody(votes):
    return PoolGold.all_drawn(np.full(len(votes), -1, dtype=np.int8))


def log_loss(posterior, truth, rows):
    return -np.log(np.maximum(posterior[rows, truth[rows]], 1e-9)).mean()


def test_the_config_takes_every_label_model():
    kinds = typing.get_args(LabelModelConfig.model_fields["kind"].annotation)
    assert sorted(kinds) == KINDS


@pytest.mark.parametrize("kind", KINDS)
def test_known_items_have_their_label_for_certain(kind):
    votes, truth = project()
    gold = gold_of(truth, 60)
    scores = score(votes, gold, kind)
    np.testing.assert_array_equal(scores.posterior[gold.rows], np.eye(2)[gold.told])
    np.testing.assert_array_equal(scores.labels[gold.rows], gold.told)
    np.testing.assert_allclose(scores.posterior.sum(axis=1), 1)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("labels", [0, 80])
@pytest.mark.parametrize("soft", [False, True])
def test_contributions_add_up_to_the_posterior(kind, labels, soft):
    votes, truth = project(300, soft=soft)
    fitted = fit_vote_model(kind, 0, votes, gold_of(truth, labels), NAMES)
    posterior = fitted.posterior()
    for i in range(60):
        logits = np.log(fitted.model.class_balance_) + fitted.contributions(i).sum(axis=0)
        np.testing.assert_allclose(softmax(logits[None])[0], posterior[i], atol=1e-9)


def test_what_nobody_votes_on_has_no_label():
    votes, truth = project(coverage=0.2)
    scores = score(votes, nobody(votes))
    assert (~votes.covered).sum() > 100
    assert (scores.labels[~votes.covered] == -1).all()
    assert (scores.labels[votes.covered] != -1).all()
    told = score(votes, PoolGold.all_drawn(np.where(votes.covered, -1, truth).astype(np.int8)))
    np.testing.assert_array_equal(told.labels[~votes.covered], truth[~votes.covered])


def test_no_votes_at_all_are_said():
    votes = VoteMatrix(np.full((4, 2), -1, dtype=np.int8), ("a", "b"), 2)
    scores = score(votes, PoolGold.all_drawn(np.array([1, -1, -1, -1], dtype=np.int8)))
    assert "no voter votes" in scores.remarks[0]
    assert scores.posterior.tolist() == [[0, 1], [0.5, 0.5], [0.5, 0.5], [0.5, 0.5]]
    assert scores.labels.tolist() == [1, -1, -1, -1]


@pytest.mark.parametrize("kind", ["snorkel", "majority", "dawid_skene"])
def test_labels_lower_the_log_loss_of_the_others(kind):
    gains = []
    for seed in range(4):
        votes, truth = project(seed=seed)
        gold = gold_of(truth, 150, seed)
        rest = np.flatnonzero((gold.labels == -1) & votes.covered)
        plain = log_loss(score(votes, nobody(votes), kind).posterior, truth, rest)
        gains.append(plain - log_loss(score(votes, gold, kind).posterior, truth, rest))
    assert np.mean(gains) > 0.005


def test_copies_are_merged_and_said():
    votes, truth = project(2000, accuracies=(0.7, 0.8, 0.8, 0.8), coverage=1.0)
    hard = votes.hard[:, [0, 0, 0, 0, 0, 1, 2, 3]]
    copied = VoteMatrix(hard, tuple("abcdefgh"), 2)
    scores = score(copied, nobody(copied))
    assert any("a, b, c, d and e make the same errors" in said for said in scores.remarks)
    assert (scores.labels == truth).mean() > 0.84  # .70 with five copies counted as five
    assert len(set(scores.weights[:5])) == 1


def test_who_is_worse_than_random_has_no_say_in_a_majority():
    votes, truth = project(2000, accuracies=(0.8, 0.75, 0.7, 0.2, 0.2))
    scores = score(votes, nobody(votes), "majority")
    assert any(said.startswith("d and e do worse than random: not counted") for said in scores.remarks)
    assert scores.weights[3:].tolist() == [0, 0]
    covered = (votes.hard[:, :3] != -1).any(axis=1)
    assert (scores.labels[covered] == truth[covered]).mean() > 0.75


def test_a_learned_model_trusts_them_less_than_the_others():
    votes, _ = project(2000, accuracies=(0.8, 0.75, 0.7, 0.2))
    scores = score(votes, nobody(votes))
    assert any("worse than random" in said for said in scores.remarks)
    assert scores.weights[3] < min(scores.weights[:3])


def test_a_class_balance_that_is_off_is_said():
    votes, truth = project(3000, accuracies=(0.75, 0.7, 0.7, 0.7))
    rare = np.flatnonzero((truth == 0) | (np.random.default_rng(0).random(3000) < 0.1))
    votes, truth = votes.take(rare), truth[rare]
    scores = score(votes, gold_of(truth, 200))
    assert any(said.startswith("SPAM: by votes") for said in scores.remarks)


def test_worse_than_majority_is_said_when_labels_show_it():
    votes, truth = project(900, accuracies=(0.9, 0.9, 0.9), coverage=1.0)
    gold = gold_of(truth, 300)
    digests = [f"item {i}" for i in range(900)]
    fitted = fit_vote_model("snorkel", 0, votes, gold, NAMES)
    judgement = judge(fitted, gold, digests)
    assert judgement.remarks() == []
    judgement.proba[:] = judgement.proba[:, ::-1]
    [said] = judgement.remarks()
    assert said.startswith("the label model is worse than majority here")


class TestHonesty:
    def test_held_out_posteriors_have_not_seen_their_labels(self):
        votes, truth = project(400)
        gold = gold_of(truth, 100)
        digests = [f"item {i}" for i in range(400)]
        first = judge(fit_vote_model("snorkel", 0, votes, gold, NAMES), gold, digests)
        held = first.folds == 0
        rows = gold.rows[votes.covered[gold.rows]][held]
        flipped = gold.labels.copy()
        flipped[rows] = 1 - flipped[rows]
        lies = PoolGold(flipped, gold.drawn)
        fitted = fit_vote_model("snorkel", 0, votes, gold, NAMES)
        again = judge(fitted, lies, digests)
        np.testing.assert_allclose(again.proba[held], first.proba[held], atol=1e-9)
        assert np.abs(again.proba[~held] - first.proba[~held]).max() > 1e-4

    def test_folds_are_even_and_go_by_item(self):
        digests = [f"item {i}" for i in range(53)]
        folds = folds_of(digests)
        assert set(np.bincount(folds)) == {10, 11}
        np.testing.assert_array_equal(folds_of(digests[::-1]), folds[::-1])

    def test_few_labels_judge_nothing(self):
        votes, truth = project(200)
        scores = score(votes, gold_of(truth, 10))
        assert scores.reliability == {}
        assert scores.calibrator == "none none"

    def test_reliability_before_and_after(self):
        votes, truth = project(1500)
        scores = score(votes, gold_of(truth, 250), "majority")
        before, after = scores.reliability["label model"], scores.reliability["calibrated"]
        assert after.error < before.error
        assert before.labelled == after.labelled

    def test_a_model_that_is_judged_stays_as_it_was(self):
        votes, truth = project(300)
        gold = gold_of(truth, 100)
        fitted = fit_vote_model("snorkel", 0, votes, gold, NAMES)
        before = fitted.posterior()
        judge(fitted, gold, [f"item {i}" for i in range(300)])
        np.testing.assert_array_equal(fitted.posterior(), before)

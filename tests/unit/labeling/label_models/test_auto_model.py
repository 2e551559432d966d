"""The choice of a label model: by rule, by human labels, and in words."""

from __future__ import annotations

import numpy as np
import pytest

from labeling.label_models import AutoModel, count_co_votes
from labeling.label_models import auto as module
from labeling.label_models.auto import (
    candidates,
    choose_by_rule,
    co_votes_of,
    cooled_losses,
    sample_with_gold,
)
from labeling.label_models.patterns import count_patterns
from labeling.types import GoldVotes, VoteMatrix


def votes_of(hard: np.ndarray, k: int = 2) -> VoteMatrix:
    return VoteMatrix(hard.astype(np.int8), tuple(f"v{j}" for j in range(hard.shape[1])), k)


def drawn(n: int, m: int, seed: int, coverage: float) -> tuple[VoteMatrix, np.ndarray]:
    rng = np.random.default_rng(seed)
    truth = rng.integers(2, size=n)
    hard = np.where(rng.random((n, m)) < 0.75, truth[:, None], 1 - truth[:, None])
    return votes_of(np.where(rng.random((n, m)) < coverage, hard, -1)), truth


def opposed(n: int, seed: int) -> tuple[VoteMatrix, np.ndarray]:
    """Give votes whose majority is wrong: only human labels can tell."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(2, size=n)
    right = rng.random((n, 6)) < np.array([0.9, 0.9, 0.2, 0.2, 0.2, 0.2])
    return votes_of(np.where(right, truth[:, None], 1 - truth[:, None])), truth


@pytest.mark.parametrize(
    ("m", "coverage", "kind", "reason"),
    [
        (2, 1.0, "majority", "the votes of fewer than three voters do not tell who of them is right"),
        (3, 1.0, "naive_bayes", "3.0 votes per item are few for a model of each voter's errors"),
        (8, 1.0, "dawid_skene", "8.0 votes per item, of voters who each give several answers"),
    ],
)
def test_the_rule_looks_at_voters_and_votes(m: int, coverage: float, kind: str, reason: str) -> None:
    votes, _ = drawn(300, m, 0, coverage)
    model = AutoModel()
    model.fit(model.statistics(votes))
    assert choose_by_rule(count_patterns(votes)) == (kind, reason)
    assert model.kind_ == kind
    assert model.remarks_[0] == f"auto took {kind}: {reason}"
    assert model.losses_ == {}


def test_voters_of_one_answer_take_one_step() -> None:
    votes, _ = drawn(300, 8, 0, 1.0)
    hard = np.where(votes.hard == np.arange(8) % 2, votes.hard, -1)
    hard[:, 7] = votes.hard[:, 7]
    assert choose_by_rule(count_patterns(votes_of(hard))) == (
        "naive_bayes",
        "7 of 8 voters only ever give one answer",
    )


def test_fits_that_take_minutes_are_left_out_where_votes_are_wide() -> None:
    assert set(candidates(68, 6)) - set(candidates(77, 77)) == {"snorkel", "triplet"}
    assert {"naive_bayes", "dawid_skene"} <= set(candidates(77, 77))


def test_human_labels_choose_what_tells_them_best() -> None:
    votes, truth = opposed(800, 1)
    model = AutoModel()
    statistics = model.statistics(votes)
    gold = GoldVotes(votes.take(np.arange(150)), truth[:150])
    model.fit(statistics, gold=gold)
    assert set(model.losses_) == set(candidates(6, 2))
    assert model.losses_[model.kind_] <= min(model.losses_.values()) + 0.1
    assert "in cross-validation on 150 human labels" in model.remarks_[0]
    rest = votes.take(np.arange(150, 800))
    assert (model.predict_proba(rest).argmax(axis=1) == truth[150:]).mean() > 0.85
    alone = AutoModel().fit(statistics)
    assert (alone.predict_proba(rest).argmax(axis=1) == truth[150:]).mean() < 0.5


@pytest.mark.parametrize("m", [1, 2])
def test_human_labels_choose_among_models_for_one_or_two_voters_too(m: int) -> None:
    rng = np.random.default_rng(4)
    truth = rng.integers(2, size=400)
    wrong_on_ones = np.where((truth == 1) & (rng.random(400) < 0.8), 0, truth)
    hard = np.column_stack([wrong_on_ones, np.where(rng.random(400) < 0.9, truth, 1 - truth)])[:, :m]
    votes = votes_of(hard)
    model = AutoModel()
    model.fit(model.statistics(votes), gold=GoldVotes(votes.take(np.arange(200)), truth[:200]))
    assert set(model.losses_) == {"majority", "naive_bayes", "weighted_majority"}
    assert model.kind_ == "naive_bayes"
    assert np.isfinite(model.predict_proba(votes)).all()


def test_few_human_labels_do_not_choose() -> None:
    votes, truth = drawn(300, 8, 2, 1.0)
    model = AutoModel()
    gold = GoldVotes(votes.take(np.arange(39)), truth[:39])
    model.fit(model.statistics(votes), gold=gold)
    assert model.losses_ == {}
    assert model.kind_ == "dawid_skene"


def test_a_model_is_only_displaced_by_one_that_is_surely_better(monkeypatch: pytest.MonkeyPatch) -> None:
    votes, truth = drawn(400, 8, 3, 1.0)
    gold = GoldVotes(votes.take(np.arange(60)), truth[:60])
    model = AutoModel()
    model.fit(model.statistics(votes), gold=gold)
    assert min(model.losses_.values()) < model.losses_["dawid_skene"]
    assert model.kind_ == "dawid_skene"
    monkeypatch.setattr(module, "STANDARD_ERRORS", -100.0)
    model.fit(model.statistics(votes), gold=gold)
    assert model.kind_ == min(model.losses_, key=model.losses_.__getitem__) != "dawid_skene"


def test_the_same_seed_chooses_the_same() -> None:
    votes, truth = opposed(300, 4)
    gold = GoldVotes(votes.take(np.arange(80)), truth[:80])
    one, two = (AutoModel(5).fit(count_patterns(votes), gold=gold) for _ in range(2))
    assert one.losses_ == two.losses_
    np.testing.assert_array_equal(one.predict_proba(votes), two.predict_proba(votes))


def test_co_votes_from_patterns_are_exact() -> None:
    votes, _ = drawn(500, 6, 5, 0.5)
    ours, theirs = co_votes_of(count_patterns(votes)), count_co_votes(votes)
    np.testing.assert_array_equal(ours.counts, theirs.counts)
    assert ours.rows == theirs.rows


def test_a_sample_keeps_the_items_with_gold(monkeypatch: pytest.MonkeyPatch) -> None:
    votes, truth = drawn(500, 4, 6, 0.8)
    gold = GoldVotes(votes.take(np.arange(30)), truth[:30])
    patterns = count_patterns(votes)
    assert sample_with_gold(patterns, gold, 0).rows == 500
    monkeypatch.setattr(module, "COMPARED_ON", 100)
    sample = sample_with_gold(patterns, gold, 0)
    assert sample.rows == 130
    assert sample.without(gold.votes.hard).rows == 100


def test_one_temperature_by_hand() -> None:
    """Sure at .9 and right on three of four: the best temperature makes it .75."""
    proba = np.array([[0.9, 0.1]] * 4)
    losses = cooled_losses(proba, np.array([0, 0, 0, 1]), np.ones(4))
    np.testing.assert_allclose(losses, -np.log([0.75, 0.75, 0.75, 0.25]), atol=1e-4)
    heavier = cooled_losses(proba, np.array([0, 0, 0, 1]), np.array([1, 1, 1, 3.0]))
    np.testing.assert_allclose(heavier.sum() / 6, np.log(2), atol=1e-2)


def test_a_settled_model_keeps_its_kind() -> None:
    """Whatever labels it is fitted to: a calibrator for one kind is none for another."""
    rng = np.random.default_rng(4)
    truth = rng.integers(2, size=400)
    wrong_on_ones = np.where((truth == 1) & (rng.random(400) < 0.8), 0, truth)
    votes = votes_of(np.column_stack([wrong_on_ones, np.where(rng.random(400) < 0.9, truth, 1 - truth)]))
    model = AutoModel().fit(count_patterns(votes), gold=GoldVotes(votes.take(np.arange(200)), truth[:200]))
    assert (model.kind_, AutoModel().fit(count_patterns(votes)).kind_) == ("naive_bayes", "majority")
    settled = model.settled().fit(count_patterns(votes))
    assert settled.kind_ == "naive_bayes"
    assert settled.losses_ == {}

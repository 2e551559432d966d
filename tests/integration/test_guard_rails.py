"""Guard rails of the label models: the harm that votes do without each, and that it is gone with it.

What is shown beside the code it belongs to is not shown again: copies (`test_correlation`), sparse voters and
training that diverges (`test_snorkel_model`).
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

from labeling.label_models import LABEL_MODELS, SnorkelModel, snorkel
from labeling.label_models.guards import share_right
from labeling.scoring import fit_vote_model, score_votes, vote_model
from labeling.scoring.vote_scores import VoteScores
from labeling.types import GoldVotes, PoolGold, VoteMatrix

NAMES = ("HAM", "SPAM")


def votes_of(hard: np.ndarray, k: int = 2) -> VoteMatrix:
    return VoteMatrix(hard.astype(np.int8), tuple(f"v{j}" for j in range(hard.shape[1])), k)


def drawn(
    n: int, accuracies: list[float], coverage: Any = 1.0, share: float = 0.5, seed: int = 0
) -> tuple[VoteMatrix, np.ndarray]:
    """Draw votes of independent voters on two classes, of which the second has this share."""
    rng = np.random.default_rng(seed)
    truth = (rng.random(n) < share).astype(int)
    right = rng.random((n, len(accuracies))) < np.array(accuracies)
    hard = np.where(right, truth[:, None], 1 - truth[:, None])
    return votes_of(np.where(rng.random(hard.shape) < coverage, hard, -1)), truth


def gold_of(truth: np.ndarray, size: int, seed: int = 0) -> PoolGold:
    rows = np.random.default_rng(seed).choice(len(truth), size, replace=False)
    labels = np.full(len(truth), -1, dtype=np.int8)
    labels[rows] = truth[rows]
    return PoolGold.all_drawn(labels)


def scored(kind: str, votes: VoteMatrix, gold: PoolGold | None = None) -> VoteScores:
    digests = [f"item {i}" for i in range(len(votes))]
    nobody = PoolGold.all_drawn(np.full(len(votes), -1, dtype=np.int8))
    return score_votes(kind, 0, votes, gold or nobody, digests, NAMES)


def snorkels_own(hard: np.ndarray, k: int = 2, **known: Any) -> Any:
    """Fit the package's own model at its defaults."""
    from snorkel.labeling.model import LabelModel

    model = LabelModel(cardinality=k, verbose=False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(hard, seed=0, progress_bar=False, **known)
    return model


class TestWorseThanRandom:
    """One of five is right at .3 and votes three times as often as each of the others, right at .7."""

    ACCURACIES = (0.75, 0.7, 0.7, 0.7, 0.3)
    COVERAGE = (0.3, 0.3, 0.3, 0.3, 0.9)
    FOOLED = ("snorkel", "majority", "weighted_majority", "naive_bayes", "auto")

    def both(
        self,
        kind: str,
        gold: int,
        monkeypatch: pytest.MonkeyPatch,
        accuracies: tuple[float, ...] = ACCURACIES,
        coverage: tuple[float, ...] = COVERAGE,
    ) -> tuple[float, float, vote_model.VoteModel, np.ndarray]:
        """Give accuracy without and with the guard where others vote, the guarded model, and chance."""
        votes, truth = drawn(3000, list(accuracies), np.array(coverage))
        known = gold_of(truth, gold)
        models = [fit_vote_model(kind, 0, votes, known, NAMES)]
        with monkeypatch.context() as patch:
            patch.setattr(vote_model, "taken_as_witnesses", lambda model, votes, voters: voters & False)
            models.append(fit_vote_model(kind, 0, votes, known, NAMES))
        rest = (votes.hard[:, :-1] >= 0).any(axis=1) & (known.labels == -1)
        guarded, plain = (share_right(m.posterior()[rest], truth[rest]).mean() for m in models if m)
        assert models[0] is not None
        said = np.bincount(votes.hard[votes.hard[:, -1] >= 0, -1])
        return plain, guarded, models[0], said / said.sum() @ models[0].model.class_balance_

    def test_snorkels_own_believes_it(self) -> None:
        votes, truth = drawn(3000, list(self.ACCURACIES), np.array(self.COVERAGE))
        model = snorkels_own(votes.hard.astype(int))
        assert model.get_weights()[4] > 0.6
        assert (model.predict(votes.hard.astype(int)) == truth).mean() < 0.4

    @pytest.mark.parametrize("gold", [0, 200])
    @pytest.mark.parametrize("kind", LABEL_MODELS)
    def test_it_never_speaks_for_the_class_that_it_names(
        self, kind: str, gold: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        harmed, mended, model, chance = self.both(kind, gold, monkeypatch)
        assert model.worse.tolist() == [False] * 4 + [True]
        assert model.weights[4] < chance - 0.05
        assert any(said.startswith("v4 does worse than random") for said in model.remarks)
        for a in (0, 1):
            alone = np.where(np.arange(5) == 4, a, -1)[None]
            assert model.posterior_of(votes_of(alone))[0, a] <= model.model.class_balance_[a] + 1e-9
        assert mended > 0.69
        assert mended > harmed - 0.005
        if not gold and kind in self.FOOLED:
            assert harmed < 0.6

    @pytest.mark.parametrize("kind", ["dawid_skene", "one_coin"])
    def test_one_that_turns_expectation_maximisation_upside_down(
        self, kind: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        accuracies, coverage = (0.8, 0.75, 0.7, 0.2), (0.3, 0.3, 0.3, 0.8)
        harmed, mended, model, _ = self.both(kind, 0, monkeypatch, accuracies, coverage)
        assert harmed < 0.3
        assert mended > 0.74
        assert model.silenced.tolist() == [False, False, False, True]

    def test_what_it_tells_by_being_wrong_is_not_thrown_away(self, monkeypatch: pytest.MonkeyPatch) -> None:
        votes, truth = drawn(3000, list(self.ACCURACIES), np.array(self.COVERAGE))
        gold = gold_of(truth, 200)
        heard = fit_vote_model("naive_bayes", 0, votes, gold, NAMES)
        assert heard is not None
        assert not heard.silenced.any()
        assert any("counted against the class that a vote names" in said for said in heard.remarks)
        monkeypatch.setattr(vote_model, "taken_as_witnesses", lambda model, votes, voters: voters)
        muted = fit_vote_model("naive_bayes", 0, votes, gold, NAMES)
        assert muted is not None
        right = [share_right(model.posterior(), truth)[gold.labels == -1].mean() for model in (heard, muted)]
        assert right[0] > right[1] + 0.03

    def test_where_all_are_silenced_nothing_breaks(self) -> None:
        votes, truth = drawn(400, [0.2, 0.25, 0.3])
        for kind in LABEL_MODELS:
            scores = scored(kind, votes, gold_of(truth, 100))
            assert np.isfinite(scores.posterior).all()
            assert np.nan_to_num(scores.weights).max() < 0.5


def test_copies_that_only_people_can_tell() -> None:
    """Five voters copy one function on three items of four; three good ones are independent."""
    rng = np.random.default_rng(0)
    truth = rng.integers(2, size=4000)
    copied = np.where(rng.random(4000) < 0.6, truth, 1 - truth)
    own = np.where(rng.random((4000, 5)) < 0.6, truth[:, None], 1 - truth[:, None])
    copies = np.where(rng.random((4000, 5)) < 0.75, copied[:, None], own)
    good = np.where(rng.random((4000, 3)) < 0.8, truth[:, None], 1 - truth[:, None])
    votes, gold = votes_of(np.column_stack([copies, good])), gold_of(truth, 300)
    rest = gold.labels == -1
    told = GoldVotes(votes.take(gold.rows), gold.told)
    one = SnorkelModel(0)
    harmed = share_right(one.fit(one.statistics(votes), gold=told).predict_proba(votes), truth)[rest].mean()
    mended = (scored("snorkel", votes, gold).labels == truth)[rest].mean()
    assert harmed < 0.87
    assert mended > 0.885


def test_a_set_for_one_class_makes_everything_of_that_class_and_says_so() -> None:
    rng = np.random.default_rng(1)
    truth = (rng.random(2000) < 0.3).astype(int)
    fires = rng.random((2000, 4)) < np.where(truth == 1, 0.5, 0.2)[:, None]
    hard = np.where(fires, 1, -1)
    covered = fires.any(axis=1)
    assert (snorkels_own(hard).predict(hard)[covered] == 1).all()
    scores = scored("snorkel", votes_of(hard))
    assert truth[covered].mean() < 0.5
    assert any(said.startswith("every vote is for SPAM: no model can learn") for said in scores.remarks)
    gold = gold_of(truth, 200)
    taught = scored("snorkel", votes_of(hard), gold)
    rest = covered & (gold.labels == -1)
    assert (taught.labels == truth)[rest].mean() > truth[rest].mean() + 0.15


@pytest.mark.parametrize("m", [1, 2])
def test_too_few_voters(m: int) -> None:
    votes, truth = drawn(400, [0.8, 0.7][:m], 0.8)
    with pytest.raises(ValueError, match="at least 3"):
        snorkels_own(votes.hard.astype(int))
    scores = scored("snorkel", votes)
    assert f"snorkel needs three voters, there are {m}: majority serves instead" in scores.remarks
    assert (scores.labels == truth)[votes.covered].mean() > 0.7


def test_a_row_with_hundreds_of_votes() -> None:
    """Three hundred voters who each vote on one row in fifty, and one row on which all do."""
    votes, _ = drawn(2000, [0.8] * 300, 0.02)
    full, _ = drawn(1, [0.8] * 300)
    hard = np.vstack([full.hard, votes.hard])
    with np.errstate(all="ignore"):
        assert np.isnan(snorkels_own(hard.astype(int)).predict_proba(hard.astype(int))[0]).all()
    model = SnorkelModel(0)
    proba = model.fit(model.statistics(votes_of(hard))).predict_proba(votes_of(hard))
    assert np.isfinite(proba).all()
    assert proba[0].max() > 0.999


def test_a_run_that_diverges_without_a_nan(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("labeling.label_models.snorkel_training.EPOCHS", 4)
    monkeypatch.setattr(snorkel, "STEP_SIZES", (0.3, 0.05))
    votes, truth = drawn(300, [0.7] * 11)
    right = {}
    for guards in (False, True):
        model = SnorkelModel(0, guards=guards)
        proba = model.fit(model.statistics(votes)).predict_proba(votes)
        right[guards] = (proba.argmax(axis=1) == truth).mean()
        assert bool(model.remarks_) == guards
    assert right[False] < 0.6
    assert right[True] > 0.85


class TestRareClasses:
    @pytest.mark.parametrize("seed", range(3))
    def test_the_one_among_two_hundred_is_found(self, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
        """Trained with an even class balance, snorkel's model never finds one, whatever people tell."""
        votes, truth = drawn(3000, [0.95] * 6, 0.5, share=0.005, seed=seed)
        gold = gold_of(truth, 200, seed)
        rare = (truth == 1) & votes.covered & (gold.labels == -1)
        mended = scored("snorkel", votes, gold).labels == 1
        monkeypatch.setattr(snorkel, "SURE", np.inf)
        harmed = scored("snorkel", votes, gold).labels == 1
        assert harmed[rare].mean() == 0
        assert mended[rare].mean() > 0.5
        assert truth[mended & (gold.labels == -1)].mean() > 0.5

    def test_people_who_have_not_met_it(self) -> None:
        votes, truth = drawn(3000, [0.9] * 5, 0.5, share=0.01)
        rows = np.flatnonzero(truth == 0)[:100]
        with pytest.raises(ValueError, match="Y_dev has 1 class"):
            snorkels_own(votes.hard.astype(int), Y_dev=truth[rows])
        labels = np.full(3000, -1, dtype=np.int8)
        labels[rows] = 0
        scores = scored("snorkel", votes, PoolGold.all_drawn(labels))
        assert (scores.labels[votes.covered & (truth == 1)] == 1).mean() > 0.3


def test_ties_do_not_depend_on_the_order_of_rows() -> None:
    hard = np.tile([0, 1, -1], (300, 1))
    behind_another = np.vstack([[[0, 0, 0]], hard])
    voter = snorkels_own(np.vstack([hard, np.tile([0, 0, 1], (50, 1)), np.tile([1, 1, 0], (50, 1))]))
    first, again = (voter.predict(rows, tie_break_policy="random")[-300:] for rows in (hard, behind_another))
    assert (first != again).mean() > 0.3
    digests = [f"item {i}" for i in range(300)]
    nobody = PoolGold.all_drawn(np.full(301, -1, dtype=np.int8))
    ours = score_votes("majority", 0, votes_of(behind_another), nobody, ["front", *digests], NAMES)
    np.testing.assert_array_equal(ours.labels[1:], scored("majority", votes_of(hard)).labels)


def test_a_row_without_a_vote_is_not_of_the_big_class() -> None:
    votes, truth = drawn(3000, [0.75] * 5, 0.2, share=0.2)
    hard, blank = votes.hard.astype(int), ~votes.covered
    theirs = snorkels_own(hard, class_balance=[0.8, 0.2]).predict(hard)
    assert blank.sum() > 500
    assert (theirs[blank] == 0).all()
    gold = gold_of(truth, 200)
    scores = scored("snorkel", votes, gold)
    assert (scores.labels[blank & (gold.labels == -1)] == -1).all()


class TestClassBalance:
    def test_off_by_a_factor(self) -> None:
        votes, truth = drawn(4000, [0.75] * 5, 0.3, share=0.1)
        theirs = snorkels_own(votes.hard.astype(int)).predict_proba(votes.hard.astype(int)).argmax(axis=1)
        gold = gold_of(truth, 150)
        rest = votes.covered & (gold.labels == -1)
        assert theirs[rest].mean() > 1.8 * truth[rest].mean()
        scores = scored("snorkel", votes, gold)
        assert any(said.startswith("SPAM: by votes") for said in scores.remarks)
        assert (scores.labels == truth)[rest].mean() > (theirs == truth)[rest].mean() + 0.05

    def test_an_abstention_among_labels_is_no_class(self) -> None:
        votes, _ = drawn(400, [0.75] * 5)
        labels = np.array([0] * 100 + [-1] * 300)
        assert snorkels_own(votes.hard.astype(int), Y_dev=labels).p[0] == pytest.approx(0.75)
        with pytest.raises(ValueError, match=r"gold labels lie in \[-1, 0\]"):
            GoldVotes(votes, labels)


@pytest.mark.parametrize(("abstention", "vote"), [(-2, 1), (-1, 0.5), (-1, np.nan)])
def test_what_is_no_vote_is_refused(abstention: int, vote: float) -> None:
    votes, _ = drawn(200, [0.8] * 4, 0.7)
    strange = np.where(votes.hard == -1, abstention, np.where(votes.hard == 1, vote, 0.0))
    proba = snorkels_own(strange).predict_proba(strange)
    assert np.isfinite(proba).all()
    whole = strange.astype(np.int8) if abstention == -2 else strange
    with pytest.raises((TypeError, ValueError), match="votes"):
        VoteMatrix(whole, votes.voters, 2)


def test_a_model_that_is_worse_than_majority_is_named() -> None:
    """Voters of one answer: a model with one accuracy each collapses on one of the classes."""
    rng = np.random.default_rng(0)
    truth = (rng.random(3000) < 0.4).astype(int)
    fires = rng.random((3000, 8)) < np.where(truth[:, None] == np.arange(8) % 2, 0.3, 0.06)
    votes, gold = votes_of(np.where(fires, np.arange(8) % 2, -1)), gold_of(truth, 200)
    rest = votes.covered & (gold.labels == -1)
    right = {
        kind: (scored(kind, votes, gold).labels == truth)[rest].mean() for kind in ("one_coin", "majority")
    }
    assert right["one_coin"] < right["majority"] - 0.2
    assert any("worse than majority here" in said for said in scored("one_coin", votes, gold).remarks)
    assert not any("worse than majority" in said for said in scored("naive_bayes", votes, gold).remarks)

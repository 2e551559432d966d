"""What goes wrong with a set of votes is found, named, and does less harm."""

from __future__ import annotations

import numpy as np
import pytest

from labeling.label_models import MajorityModel, vote_shares
from labeling.label_models.guards import (
    balance_remarks,
    believed_alone,
    grouped_remarks,
    lead_over_majority,
    lift_on_gold,
    lift_over_others,
    majority_remarks,
    muted,
    one_sided,
    share_right,
    taken_as_witnesses,
    worse_remarks,
    worse_than_random,
)
from labeling.label_models.tables import TableModel
from labeling.types import GoldVotes, VoteMatrix

NAMES = ("HAM", "SPAM")


def voters(accuracies, n=4000, seed=0, coverage=0.6):
    rng = np.random.default_rng(seed)
    truth = rng.integers(2, size=n)
    hard = np.column_stack([np.where(rng.random(n) < a, truth, 1 - truth) for a in accuracies])
    hard = np.where(rng.random(hard.shape) < coverage, hard, -1).astype(np.int8)
    return VoteMatrix(hard, tuple("abcdefgh"[: len(accuracies)]), 2), truth


def right(votes, truth):
    return share_right(vote_shares(votes), truth).mean()


class TestWorseThanRandom:
    ACCURACIES = (0.8, 0.75, 0.7, 0.2, 0.25)

    def test_they_are_found_and_majority_is_better_without_them(self):
        votes, truth = voters(self.ACCURACIES)
        worse = worse_than_random(votes)
        assert worse.tolist() == [False, False, False, True, True]
        assert right(votes, truth) < 0.6
        assert right(muted(votes, worse), truth) > 0.7

    def test_people_overrule_a_crowd_of_them(self):
        votes, truth = voters((0.2, 0.25, 0.3, 0.8))
        assert worse_than_random(votes).tolist() == [False, False, False, True]
        gold = GoldVotes(votes.take(np.arange(200)), truth[:200])
        assert worse_than_random(votes, gold).tolist() == [True, True, True, False]

    def test_labels_that_are_too_few_to_say_leave_it_to_the_other_voters(self):
        votes, truth = voters(self.ACCURACIES, coverage=1.0)
        fair = np.flatnonzero(votes.hard[:, 3] == truth)[:9], np.flatnonzero(votes.hard[:, 3] != truth)[:12]
        rows = np.concatenate(fair)
        gold = GoldVotes(votes.take(rows), truth[rows])
        lift, error, _ = lift_on_gold(gold)
        assert -2 * error[3] < lift[3] < 0
        assert worse_than_random(votes, gold)[3]

    @pytest.mark.parametrize("seed", range(5))
    def test_the_worst_is_no_witness_against_the_others(self, seed):
        """It votes more than the three good ones together, who would else be accused with it."""
        votes, _ = voters((0.8, 0.75, 0.7, 0.2), n=8000, seed=seed, coverage=np.array([0.3, 0.3, 0.3, 0.8]))
        lift, error, _ = lift_over_others(votes)
        assert (lift < -5 * error).sum() > 1
        assert worse_than_random(votes).tolist() == [False, False, False, True]

    @pytest.mark.parametrize("seed", range(5))
    def test_weak_voters_are_not_accused(self, seed):
        votes, truth = voters((0.55, 0.52, 0.6, 0.9), seed=seed)
        gold = GoldVotes(votes.take(np.arange(100)), truth[:100])
        assert not worse_than_random(votes).any()
        assert worse_than_random(votes, gold)[2:].sum() == 0

    def test_a_few_votes_accuse_nobody(self):
        hard = np.array([[0, 1]] * 10 + [[-1, -1]] * 10, dtype=np.int8)
        votes = VoteMatrix(hard, ("a", "b"), 2)
        assert not worse_than_random(votes).any()
        assert not worse_than_random(votes, GoldVotes(votes, np.ones(20, dtype=int))).any()

    @pytest.mark.parametrize(("people", "most"), [(True, 0.04), (False, 0.0)])
    def test_who_says_a_rare_class_at_random_is_seldom_accused(self, people, most):
        """No hit among 25 votes leaves these no spread: by it, people would accuse one voter in thirteen."""
        accused = []
        for seed in range(200):
            rng = np.random.default_rng(seed)
            truth = (rng.random(250) < 0.1).astype(int)
            hard = np.column_stack([truth, truth, truth, np.where(np.arange(250) < 25, 1, -1)])
            votes = VoteMatrix(hard.astype(np.int8), tuple("abcd"), 2)
            accused.append(worse_than_random(votes, GoldVotes(votes, truth) if people else None)[3])
        assert np.mean(accused) <= most

    def test_functions_for_one_class_are_measured_by_its_share(self):
        rng = np.random.default_rng(1)
        truth = (rng.random(2000) < 0.1).astype(int)
        good = np.where((truth == 1) & (rng.random(2000) < 0.5) | (rng.random(2000) < 0.05), 1, -1)
        bad = np.where((truth == 0) & (rng.random(2000) < 0.3), 1, -1)
        votes = VoteMatrix(np.column_stack([good, bad]).astype(np.int8), ("good", "bad"), 2)
        gold = GoldVotes(votes, truth)
        lift, error, number = lift_on_gold(gold)
        assert number.tolist() == [(good == 1).sum(), (bad == 1).sum()]
        assert lift[0] > 5 * error[0]
        assert lift[1] == pytest.approx(-truth.mean())
        assert worse_than_random(votes, gold).tolist() == [False, True]


def test_lift_is_the_gain_over_the_same_votes_on_random_items():
    hard = np.array([[0]] * 30 + [[-1]] * 10, dtype=np.int8)
    truth = np.array([0] * 24 + [1] * 16)
    lift, _, number = lift_on_gold(GoldVotes(VoteMatrix(hard, ("a",), 2), truth))
    assert number[0] == 30
    assert lift[0] == pytest.approx(24 / 30 - 24 / 40)


def test_a_voter_alone_has_no_witness():
    votes, _ = voters((0.9,))
    lift, error, number = lift_over_others(votes)
    assert (lift[0], error[0], number[0]) == (0, np.inf, 0)


def test_muted_voters_abstain_and_lose_their_soft_votes():
    soft = {name: np.ones((2, 2), dtype=np.float32) for name in "ab"}
    votes = VoteMatrix(np.array([[0, 1], [1, 1]], dtype=np.int8), ("a", "b"), 2, soft=soft)
    silent = muted(votes, np.array([True, False]))
    assert silent.hard.tolist() == [[-1, 1], [-1, 1]]
    assert silent.soft.keys() == {"b"}


class TestOneSided:
    def votes(self, columns, soft=None):
        hard = np.asarray(columns, dtype=np.int8)
        return VoteMatrix(hard, tuple(map(str, range(hard.shape[1]))), 3, soft=soft or {})

    def test_votes_for_one_class_alone_are_named(self):
        [said] = one_sided(self.votes([[1, 1], [-1, 1]]), ("A", "B", "C"))
        assert said.startswith("every vote is for B")
        assert "A and C" in said

    def test_such_votes_make_every_covered_item_that_class(self):
        votes = self.votes([[1, 1], [-1, 1], [1, -1]])
        model = MajorityModel()
        assert (model.fit(model.statistics(votes)).predict_proba(votes)[:, 1] == 1).all()

    def test_classes_that_nobody_votes_for_are_named(self):
        assert "nobody votes for B:" in one_sided(self.votes([[0, 2], [-1, 2]]), ("A", "B", "C"))[0]

    def test_all_classes_voted_for_is_nothing_to_say(self):
        assert one_sided(self.votes([[0, 2], [1, 2]]), ("A", "B", "C")) == []

    def test_soft_votes_are_votes(self):
        soft = {"1": np.array([[0.1, 0.8, 0.1], [0, 0, 0]], dtype=np.float32)}
        assert one_sided(self.votes([[0, -1], [2, -1]], soft), ("A", "B", "C")) == []

    def test_no_votes_at_all_are_said_elsewhere(self):
        assert one_sided(self.votes([[-1], [-1]]), ("A", "B", "C")) == []


def test_groups_are_named():
    said = grouped_remarks(((0, 2), (1,), (3, 4, 5)), tuple("abcdef"))
    assert [line.partition(":")[0] for line in said] == [
        "a and c make the same errors",
        "d, e and f make the same errors",
    ]


def test_worse_voters_are_named_with_what_became_of_them():
    worse, silenced = np.array([True, False, True, True]), np.array([True, False, True, False])
    first, second = worse_remarks(worse, silenced, tuple("abcd"))
    assert first == "a and c do worse than random: not counted. Mend them or take them out."
    assert second.startswith("d does worse than random: counted against the class that a vote names. Mend it")
    assert worse_remarks(np.zeros(3, dtype=bool), np.zeros(3, dtype=bool), tuple("abc")) == []


def test_a_vote_alone_is_held_against_the_class_balance():
    table = np.log(np.array([[[0.6, 0.2], [0.4, 0.8]], [[0.3, 0.6], [0.7, 0.4]]]))
    model = TableModel()
    model.log_table_, model.class_balance_ = table, np.array([0.75, 0.25])
    votes = VoteMatrix(np.array([[0, 0], [0, 1], [1, -1], [-1, 1]], dtype=np.int8), ("a", "b"), 2)
    named, times = believed_alone(model, votes, 0)
    np.testing.assert_allclose(named, [0.45 / 0.5, 0.2 / 0.5])
    assert times.tolist() == [2, 1]
    everybody = np.array([True, True])
    assert taken_as_witnesses(model, votes, everybody).tolist() == [True, False]
    assert not taken_as_witnesses(model, votes, ~everybody).any()


def test_a_soft_vote_alone_speaks_for_the_class_it_names():
    votes = VoteMatrix(np.array([[0, 1], [1, 0]], dtype=np.int8), ("a", "b"), 2)
    model = MajorityModel()
    model.fit(model.statistics(votes))
    soft = {"a": np.array([[0.7, 0.3], [0.4, 0.6]], dtype=np.float32)}
    named, times = believed_alone(model, VoteMatrix(votes.hard, votes.voters, 2, soft=soft), 0)
    np.testing.assert_allclose(named, [0.7, 0.6], atol=1e-6)
    assert times.tolist() == [1, 1]


def test_a_balance_that_is_off_by_a_factor_is_said_with_numbers():
    low, high, shares = np.array([0.05, 0.8]), np.array([0.2, 0.95]), np.array([0.1, 0.9])
    [said] = balance_remarks(np.array([0.4, 0.6]), low, high, shares, NAMES)[:1]
    assert "HAM: by votes 40.0% of the items, by people's labels 10.0% (5.0% to 20.0%)" in said
    assert balance_remarks(np.array([0.19, 0.81]), low, high, shares, NAMES) == []


def test_a_lead_is_weighed_and_has_an_interval():
    model, majority = np.array([1.0, 1.0, 0.0, 0.0]), np.array([0.0, 1.0, 1.0, 0.0])
    assert lead_over_majority(model, majority, np.ones(4))[0] == 0
    lead, low, high = lead_over_majority(model, majority, np.array([3.0, 1.0, 1.0, 1.0]))
    assert lead == pytest.approx(2 / 6)
    assert low < lead < high


def test_worse_than_majority_is_said_only_when_it_is_sure():
    assert majority_remarks(-0.05, -0.12, 0.02, 100) == []
    [said] = majority_remarks(-0.05, -0.08, -0.02, 100)
    assert said.startswith("the label model is worse than majority here: -5.0% right (-8.0% to -2.0%) on 100")


def test_a_tie_is_half_right():
    proba = np.array([[0.5, 0.5, 0.0], [0.2, 0.3, 0.5], [1 / 3, 1 / 3, 1 / 3]])
    np.testing.assert_allclose(share_right(proba, np.array([0, 0, 2])), [0.5, 0, 1 / 3])

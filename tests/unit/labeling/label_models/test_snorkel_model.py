"""Snorkel's model: its own numbers where guards are off, and no harm where its own numbers do harm."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labeling.label_models import SnorkelModel, snorkel, vote_shares
from labeling.label_models.co_votes import CoVotes
from labeling.label_models.snorkel_training import (
    loss_gradient,
    most_trusting,
    other_voters,
    overlap_rates,
    smallest_probability,
    start,
    train,
)
from labeling.types import GoldVotes, VoteMatrix


def planted(n, m, k, seed, coverage=0.6, accuracy=(0.55, 0.95)):
    rng = np.random.default_rng(seed)
    truth = rng.integers(k, size=n)
    right = rng.random((n, m)) < rng.uniform(*accuracy, size=m)
    hard = np.where(right, truth[:, None], (truth[:, None] + rng.integers(1, k, size=(n, m))) % k)
    hard = np.where(rng.random((n, m)) < coverage, hard, -1).astype(np.int8)
    return VoteMatrix(hard, tuple(f"v{j}" for j in range(m)), k), truth


def fitted(votes, balance=None, **parameters):
    model = SnorkelModel(threads=1, **parameters)
    return model.fit(model.statistics(votes), class_balance=balance)


def snorkels_own(votes, balance=None, seed=0):
    from snorkel.labeling.model import LabelModel

    model = LabelModel(cardinality=votes.n_classes, verbose=False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(votes.hard.astype(int), class_balance=balance, seed=seed, progress_bar=False)
    return model


@settings(max_examples=20, deadline=None)
@given(
    n=st.integers(2, 1000),
    m=st.integers(3, 12),
    k=st.integers(2, 7),
    coverage=st.sampled_from([0.03, 0.15, 0.5, 1.0]),
    balance_seed=st.none() | st.integers(0, 99),
    seed=st.integers(0, 2**32 - 1),
)
def test_without_guards_it_is_snorkel(n, m, k, coverage, balance_seed, seed):
    votes, _ = planted(n, m, k, seed, coverage, accuracy=(0.2, 0.95))
    shares = None if balance_seed is None else np.random.default_rng(balance_seed).uniform(0.05, 1, size=k)
    balance = None if shares is None else shares / shares.sum()
    theirs = snorkels_own(votes, balance, seed)
    ours = fitted(votes, balance, seed=seed, guards=False)
    assert not ours.remarks_
    np.testing.assert_allclose(ours.mu_, theirs.mu.detach().numpy(), atol=1e-6)
    expected, covered = theirs.predict_proba(votes.hard.astype(int)), votes.covered
    np.testing.assert_allclose(ours.predict_proba(votes)[covered], expected[covered], atol=1e-5)
    voting = votes.hard.max(axis=0) >= 0
    with np.errstate(divide="ignore"):
        np.testing.assert_allclose(ours.weights_[voting], theirs.get_weights()[voting], atol=1e-6)


def test_the_gradient_is_the_losss():
    votes, _ = planted(200, 4, 3, 1)
    rates = overlap_rates(SnorkelModel().statistics(votes))
    said, p = np.diag(rates).copy(), np.array([0.2, 0.3, 0.5], dtype=np.float32)
    mu, elsewhere = start(said, p, 0) + np.float32(0.1), other_voters(12, 3)

    def loss(at):
        overlap = (rates - (at * p) @ at.T)[elsewhere]
        return float((overlap**2).sum() + (((at * p).sum(axis=1) - said) ** 2).sum())

    gradient, value = loss_gradient(rates, said, p, mu, elsewhere)
    assert value == pytest.approx(loss(mu.astype(float)), rel=1e-5)
    for place in [(0, 0), (4, 2), (11, 1)]:
        up, down = mu.astype(float), mu.astype(float)
        up[place] += 1e-5
        down[place] -= 1e-5
        assert gradient[place] == pytest.approx((loss(up) - loss(down)) / 2e-5, rel=1e-3, abs=1e-5)


def test_the_loss_falls_and_is_told():
    votes, _ = planted(500, 6, 2, 2)
    losses = fitted(votes).losses_
    assert losses.shape == (100,)
    assert losses[-1] < 0.2 * losses[0]


@settings(max_examples=30, deadline=None)
@given(st.integers(2, 5), st.integers(0, 999))
def test_the_permutation_chosen_trusts_voters_most(k, seed):
    rng = np.random.default_rng(seed)
    mu, balance = rng.random((4 * k, k)), np.full(k, 1 / k)

    def trust(at):
        return at.reshape(4, k, k).trace(axis1=1, axis2=2).sum()

    best = most_trusting(mu, balance)
    assert trust(best) >= max(trust(mu[:, rng.permutation(k)]) for _ in range(20)) - 1e-9
    np.testing.assert_array_equal(np.sort(best, axis=1), np.sort(mu, axis=1))


def test_columns_of_unequal_balance_stay_in_place():
    mu = np.array([[0.1, 0.9], [0.9, 0.1]])
    np.testing.assert_array_equal(most_trusting(mu, np.array([0.3, 0.7])), mu)
    np.testing.assert_array_equal(most_trusting(mu, np.array([0.5, 0.5])), mu[:, ::-1])


@pytest.mark.parametrize(("rows", "floor"), [(10, 0.01), (1000, 0.001), (1001, 1e-4), (10**6, 1e-6)])
def test_snorkels_floor(rows, floor):
    assert smallest_probability(rows) == pytest.approx(floor)


def seldom_voting(overlap, rows=10_000, seldom=30):
    """Three busy voters, and thirty that are right and fire once, on rows where others vote or do not."""
    votes, truth = planted(rows, 3, 2, 3, coverage=0.9)
    hard = np.full((rows, 3 + seldom), -1, dtype=np.int8)
    hard[:, :3] = votes.hard
    alone = np.full((seldom, 3 + seldom), -1, dtype=np.int8)
    for j in range(seldom):
        hard[-1 - j, 3 + j] = alone[j, 3 + j] = truth[-1 - j]
    if not overlap:
        hard[-seldom:, :3] = -1
    names = tuple(f"v{j}" for j in range(3 + seldom))
    return VoteMatrix(hard, names, 2), VoteMatrix(alone, names, 2), truth[: -1 - seldom : -1]


def test_snorkels_floor_silences_voters_who_seldom_vote():
    votes, alone, truth = seldom_voting(overlap=False)
    spoken = np.arange(len(truth)), truth
    np.testing.assert_allclose(fitted(votes, guards=False).predict_proba(alone)[spoken], 0.5, atol=1e-6)
    assert (fitted(votes).predict_proba(alone)[spoken] > 0.65).all()


def test_voters_who_seldom_vote_are_not_judged_by_one_row():
    votes, alone, truth = seldom_voting(overlap=True)
    spoken = np.arange(len(truth)), truth
    theirs = fitted(votes, guards=False).predict_proba(alone)[spoken]
    ours = fitted(votes).predict_proba(alone)[spoken]
    assert theirs.min() < 0.35
    assert ours.min() > 0.4
    assert -np.log(ours).mean() < 0.7 * -np.log(theirs).mean()


def test_what_many_votes_say_is_left_as_it_is():
    votes, _ = planted(50_000, 4, 2, 4)
    exact, guarded = (fitted(votes, guards=guards).mu_ for guards in (False, True))
    np.testing.assert_allclose(exact, guarded, rtol=0.002)


def test_a_rare_class_is_still_found():
    rng = np.random.default_rng(5)
    truth = (rng.random(20_000) < 0.002).astype(int)
    right = rng.random((20_000, 6)) < 0.95
    quiet = rng.random((20_000, 6)) < 0.5
    hard = np.where(right, truth[:, None], 1 - truth[:, None])
    hard = np.where(quiet, -1, hard).astype(np.int8)
    votes = VoteMatrix(hard, tuple("abcdef"), 2)
    proba = fitted(votes, np.array([0.998, 0.002])).predict_proba(votes)
    assert np.isfinite(proba).all()
    agreed = ((hard == 1).sum(axis=1) >= 3) & ((hard == 0).sum(axis=1) == 0)
    assert agreed.sum() > 5
    assert (proba[agreed, 1] > 0.5).mean() > 0.9


def test_a_class_that_nobody_names_gives_no_nan():
    votes, _ = planted(200, 4, 2, 6)
    wider = VoteMatrix(votes.hard, votes.voters, 5)
    for guards in (True, False):
        proba = fitted(wider, guards=guards).predict_proba(wider)
        np.testing.assert_allclose(proba.sum(axis=1), 1)


def test_many_dense_voters_make_snorkel_diverge_and_get_a_smaller_step():
    votes, truth = planted(300, 200, 2, 7, coverage=1.0)
    with pytest.raises(Exception, match="Loss is NaN"):
        snorkels_own(votes)
    for guards in (True, False):
        model = fitted(votes, guards=guards)
        assert "diverges at its step size 0.01: 0.001 served" in model.remarks_[0]
        assert (model.predict_proba(votes).argmax(axis=1) == truth).mean() > 0.99


def test_where_every_step_diverges_every_vote_weighs_the_same(monkeypatch):
    monkeypatch.setattr(snorkel, "STEP_SIZES", (1e4, 1e3))
    votes, _ = planted(300, 9, 3, 8)
    model = fitted(votes)
    assert model.remarks_ == (
        "snorkel's training diverges at step sizes 10000.0, 1000.0: majority serves instead",
    )
    assert np.isnan(model.weights_).all()
    assert not len(model.losses_)
    shares = vote_shares(votes)
    best = shares.max(axis=1)
    clear = (shares == best[:, None]).sum(axis=1) == 1
    assert clear.sum() > 200
    proba = model.predict_proba(votes)
    np.testing.assert_array_equal(proba[clear].argmax(axis=1), shares[clear].argmax(axis=1))


def test_a_run_whose_loss_rose_is_no_convergence():
    votes, _ = planted(300, 30, 2, 9, coverage=1.0)
    rates = overlap_rates(SnorkelModel().statistics(votes))
    assert train(rates, np.full(2, 0.5), 0, 0.01).converging
    assert not train(rates, np.full(2, 0.5), 0, 0.2).converging


@pytest.mark.parametrize("m", [1, 2])
def test_too_few_voters_are_a_majority_with_a_word(m):
    votes, _ = planted(60, m, 3, 10, coverage=0.7)
    model = fitted(votes)
    assert model.remarks_ == (f"snorkel needs three voters, there are {m}: majority serves instead",)
    one = (votes.hard >= 0).sum(axis=1) == 1
    proba = model.predict_proba(votes)
    np.testing.assert_array_equal(proba[one].argmax(axis=1), votes.hard[one].max(axis=1))


def test_human_labels_anchor_a_voter_who_is_always_wrong():
    votes, truth = planted(400, 4, 2, 11, accuracy=(0.6, 0.7))
    hard = votes.hard.copy()
    hard[:, 0] = 1 - truth
    votes = VoteMatrix(hard, votes.voters, 2)
    model = SnorkelModel()
    statistics = model.statistics(votes)
    untaught = model.fit(statistics).weights_[0]
    gold = GoldVotes(votes.take(slice(0, 200)), truth[:200])
    assert model.fit(statistics, gold=gold).weights_[0] < min(0.2, untaught)


def test_hundreds_of_votes_on_a_row():
    votes, truth = planted(100, 400, 2, 12, coverage=0.9)
    proba = fitted(votes).predict_proba(votes)
    np.testing.assert_allclose(proba.sum(axis=1), 1)
    assert (proba.argmax(axis=1) == truth).mean() > 0.95


def test_a_fit_from_merged_shards_with_a_changed_voter_is_the_fit_to_all():
    votes, _ = planted(400, 5, 3, 13)
    hard = votes.hard.copy()
    hard[:, 2] = np.roll(hard[:, 2], 1)
    changed = VoteMatrix(hard, votes.voters, 3)
    model = SnorkelModel(3)
    shards = model.statistics(votes.take(slice(0, 150))) + model.statistics(votes.take(slice(150, 400)))
    incremental = model.fit(shards.replace_voter(changed, 2)).mu_
    np.testing.assert_array_equal(incremental, SnorkelModel(3).fit(model.statistics(changed)).mu_)


@pytest.mark.parametrize(
    "balance", [[0.5, 0.5, 0.0], [0.5, 0.5], [0.7, 0.7, 0.1], [np.nan, 0.5, 0.5], [-0.5, 1.0, 0.5]]
)
def test_a_class_balance_that_is_none_is_refused(balance):
    votes, _ = planted(50, 3, 3, 14)
    with pytest.raises(ValueError, match="expected 3 positive shares that sum to one"):
        fitted(votes, np.array(balance))


def test_no_rows_are_refused():
    with pytest.raises(ValueError, match="no rows"):
        SnorkelModel().fit(CoVotes(np.zeros((6, 6), dtype=np.int64), 0, 3, 2))


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        (np.array([[0, 1], [-2, 0]], dtype=np.int8), "'a' says -2 on row 1, expected"),
        (np.array([[0, 1], [0, 2]], dtype=np.int8), "'b' says 2 on row 1, expected"),
        (np.array([[0, 0.5], [1, 0]]), "float64, 'b' says 0.5 on row 0, expected int8"),
        (np.array([[0, 1], [np.nan, 0]]), "float64, 'a' says nan on row 1, expected int8"),
        (np.array([[True, False]]), "votes are bool, expected int8"),
        (np.array([[300, 0]]), "int64, 'a' says 300 on row 0, expected int8"),
    ],
)
def test_what_is_no_vote_is_named_with_its_place(wrong, word):
    with pytest.raises((TypeError, ValueError), match=word), warnings.catch_warnings():
        VoteMatrix(wrong, ("a", "b"), 2)


def test_the_torch_threads_of_others_stay_as_they_are():
    import torch

    before = torch.get_num_threads()
    fitted(planted(50, 3, 2, 15)[0])
    assert torch.get_num_threads() == before

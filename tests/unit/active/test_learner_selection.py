from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from active import selection
from active.learner import FIRST_UNIFORM_SHARE, VotesFirstLearner
from active.strategies import BEGINNERS, STRATEGIES, first_batch, strategy_for
from labeling.types import Selection, VoteMatrix

RNG = np.random.default_rng(0)
N, K, D = 120, 3, 24
TRUTH = RNG.integers(0, K, N)
FEATURES = (2 * np.eye(K, D)[TRUTH] + RNG.normal(scale=0.4, size=(N, D))).astype(np.float32)
HARD = np.where(RNG.random((N, 4)) < 0.5, -1, np.where(RNG.random((N, 4)) < 0.8, TRUTH[:, None], 0)).astype(
    np.int8
)
VOTES = VoteMatrix(HARD, ("a", "b", "c", "d"), K)
NO_VOTES = VoteMatrix(HARD[:, :0], (), K)
EVERYTHING = np.arange(N)


@cache
def taught(n: int = 30, *, voted: bool = True, **other: Any) -> VotesFirstLearner:
    """A learner with the first ``n`` labels; asking it changes nothing, so tests may share it."""
    return fresh(n, VOTES if voted else NO_VOTES, FEATURES, **other)


def fresh(n: int, votes: VoteMatrix, features: Any, **other: Any) -> VotesFirstLearner:
    learner = VotesFirstLearner(K, **other)
    learner.start(features, votes)
    if n:
        learner.fit(np.arange(n), TRUTH[:n])
    return learner


def same(one: Selection, other: Selection) -> bool:
    pairs = zip(vars(one).values(), vars(other).values(), strict=True)
    return all(np.array_equal(a, b, equal_nan=a.dtype.kind == "f") for a, b in pairs)


@settings(deadline=None, max_examples=40)  # a fit in each example
@given(
    n=st.integers(0, 60),
    candidates=st.lists(st.integers(0, N - 1), max_size=80),
    strategy=st.sampled_from(sorted(STRATEGIES)),
    n_labels=st.sampled_from([0, 12]),
)
def test_a_selection_is_of_candidates_without_repetition(
    n: int, candidates: list[int], strategy: str, n_labels: int
) -> None:
    found = taught(n_labels, strategy=strategy).query(n, np.array(candidates, dtype=int))
    assert len(set(found.indices.tolist())) == len(found) == min(n, len(set(candidates)))
    assert set(found.indices.tolist()) <= set(candidates)
    assert len(found.utilities) == len(found.uniform) == len(found.inclusion) == len(found)
    assert ((found.inclusion[found.uniform] > 0) & (found.inclusion[found.uniform] <= 1)).all()
    assert np.isnan(found.inclusion[~found.uniform]).all()


@pytest.mark.parametrize("voted", [True, False], ids=["votes", "no votes"])
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_every_strategy_fills_a_batch_at_every_stage(strategy: str, voted: bool) -> None:
    for n_labels in (0, 1, 30):
        learner = taught(n_labels, voted=voted, strategy=strategy)
        assert len(learner.query(20, EVERYTHING[n_labels:])) == 20


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_the_same_state_gives_the_same_batch(strategy: str) -> None:
    learner, anew = taught(strategy=strategy), fresh(30, VOTES, FEATURES, strategy=strategy)
    first = learner.query(10, EVERYTHING)
    learner.query(25, EVERYTHING[:50])
    assert same(learner.query(10, EVERYTHING[::-1]), first)
    assert same(anew.query(10, EVERYTHING), first)
    assert set(taught(seed=1, strategy=strategy).query(10, EVERYTHING).indices) != set(first.indices)


def test_strategies_are_told_apart_by_name() -> None:
    names = (
        "diverse_margin",
        "disagreement",
        "k_center",
        "margin",
        "random",
        "typical_first",
    )
    batches = {frozenset(taught(strategy=name).query(12, EVERYTHING).indices.tolist()) for name in names}
    assert len(batches) == len(names)


def test_those_that_go_by_doubt_alone_begin_with_a_draw() -> None:
    assert {name for name in STRATEGIES if strategy_for(name, 0) is not first_batch} == BEGINNERS
    assert all(strategy_for(name, 1) is strategy for name, strategy in STRATEGIES.items())


def test_a_fifth_of_the_first_batch_is_uniform() -> None:
    found = taught(0).query(40, EVERYTHING)
    assert found.uniform.sum() == round(FIRST_UNIFORM_SHARE * 40)
    np.testing.assert_allclose(found.inclusion[found.uniform], found.uniform.sum() / N)


def test_batches_draw_what_lacks_to_their_share_of_all_answers() -> None:
    learner = fresh(0, VOTES, FEATURES, uniform_share=0.25)
    rows, uniform = np.empty(0, dtype=int), []
    for size in (10, 10, 2, 2, 2, 2, 2, 20):
        found = learner.query(size, np.setdiff1d(EVERYTHING, rows))
        rows = np.concatenate([rows, found.indices])
        uniform.append(int(found.uniform.sum()))
        learner.fit(rows, TRUTH[rows])
        # What the strategy picks of the first of the uniform order belongs to the sample as well.
        answered = np.isin(learner._uniform_order, rows)
        assert np.append(answered, False).argmin() >= 0.25 * len(rows) - 1.01
        assert sum(uniform) <= 0.25 * len(rows) + 1.01


def test_a_random_batch_is_all_uniform() -> None:
    for learner in (taught(0, strategy="random"), taught(strategy="random")):
        found = learner.query(30, EVERYTHING)
        assert found.uniform.all()
        np.testing.assert_allclose(found.inclusion, 30 / N)


def test_uniform_rows_are_drawn_uniformly() -> None:
    counts = np.zeros(N)
    for seed in range(60):
        found = taught(0, seed=seed, uniform_share=0.5, strategy="margin").query(40, EVERYTHING)
        counts[found.indices[found.uniform]] += 1
    assert counts.sum() == 60 * 20
    chi_squared = ((counts - 10) ** 2 / 10).sum()  # of 119 degrees of freedom
    assert 60 < chi_squared < 180


def test_uniform_rows_are_spread_over_the_batch() -> None:
    batches = [taught(0, seed=s, uniform_share=0.25).query(20, EVERYTHING).uniform for s in range(20)]
    assert 6 < np.mean([np.flatnonzero(uniform).mean() for uniform in batches]) < 13


def test_the_others_stand_in_the_order_of_doubt() -> None:
    learner = taught(strategy="margin", uniform_share=0.0, minimum_share=0.0)
    found = learner.query(30, EVERYTHING)
    assert (np.diff(found.utilities) <= 1e-6).all()
    top = np.sort(learner.predict_proba(), axis=1)
    lead = np.sort(top[:, -1] - top[:, -2])
    np.testing.assert_allclose(found.utilities, 1 - lead[:30], atol=1e-6)


def test_later_batches_ask_about_doubtful_rows() -> None:
    learner = taught(strategy="diverse_margin")
    found = learner.query(10, EVERYTHING[30:])
    top = learner.predict_proba().max(axis=1)
    assert top[found.indices[~found.uniform]].mean() < top[30:].mean() - 0.05


@pytest.mark.parametrize("strategy", ["auto", "margin", "k_center", "random"])
def test_no_batch_holds_near_duplicates(strategy: str) -> None:
    copies = np.vstack([FEATURES[:40]] * 3) + 0.01 * RNG.normal(size=(N, D))
    learner = fresh(6, VOTES, copies.astype(np.float32), strategy=strategy)
    chosen = learner.query(25, EVERYTHING).indices
    assert len(set((chosen % 40).tolist())) == 25
    assert len(learner.query(60, EVERYTHING)) == 60


def test_no_batch_holds_two_of_a_cluster() -> None:
    clusters = EVERYTHING // 4
    chosen = taught().query(30, EVERYTHING, clusters=clusters).indices
    assert len(set(clusters[chosen].tolist())) == 30
    assert len(set(clusters[taught().query(30, EVERYTHING).indices].tolist())) < 30


def test_a_share_of_each_batch_is_critical() -> None:
    critical = np.zeros(N, dtype=bool)
    critical[[40, 60, 80, 100]] = True
    learner = taught(uniform_share=0.0, strategy="margin")
    free = critical[learner.query(20, EVERYTHING).indices].sum()
    held = critical[learner.query(20, EVERYTHING, critical).indices].sum()
    assert held == max(2, free)
    all_of_them = taught(minimum_share=0.5, strategy="margin").query(20, EVERYTHING, critical)
    assert critical[all_of_them.indices].sum() == 4


def test_a_share_of_each_batch_looks_for_rare_classes() -> None:
    rows = np.concatenate([np.flatnonzero(c == TRUTH)[:n] for c, n in enumerate((15, 15, 4))])
    found = {}
    for share in (0.0, 0.25, 1.0):
        learner = VotesFirstLearner(K, strategy="typical_first", minimum_share=share, uniform_share=0.0)
        learner.start(FEATURES, VOTES)
        learner.fit(rows, TRUTH[rows])
        chosen = learner.query(12, np.setdiff1d(EVERYTHING, rows)).indices
        found[share] = int((learner.predict_proba(chosen).argmax(axis=1) == 2).sum())
    assert found[1.0] == 12 > found[0.0]
    assert found[0.25] >= 3


def test_large_pools_are_sampled_and_critical_rows_still_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selection, "SEEN_ROWS", 30)
    critical = np.zeros(N, dtype=bool)
    critical[[40, 60, 80, 100]] = True
    found = taught(minimum_share=0.3).query(10, EVERYTHING, critical)
    assert critical[found.indices].sum() >= 3
    assert len(found) == 10

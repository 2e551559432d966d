"""What every label model keeps to, whatever its kind."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labeling.label_models import LABEL_MODELS, softmax
from labeling.types import GoldVotes, VoteMatrix

KINDS = sorted(LABEL_MODELS)
CLOSE = {"snorkel": 1e-4}
"""Snorkel starts from random numbers per voter and class: it is not equivariant to the last digit."""


def drawn(
    n: int, m: int, k: int, seed: int, coverage: float = 0.5, one_sided: bool = False
) -> tuple[VoteMatrix, np.ndarray]:
    rng = np.random.default_rng(seed)
    truth = rng.integers(k, size=n)
    right = rng.random((n, m)) < rng.uniform(0.6, 0.9, size=m)
    hard = np.where(right, truth[:, None], rng.integers(k, size=(n, m)))
    hard = np.where(rng.random((n, m)) < coverage, hard, -1)
    if one_sided:
        hard = np.where(hard == np.arange(m) % k, hard, -1)
    return VoteMatrix(hard.astype(np.int8), tuple(f"v{j}" for j in range(m)), k), truth


def gold_of(votes: VoteMatrix, truth: np.ndarray, g: int) -> GoldVotes:
    return GoldVotes(votes.take(np.arange(g)), truth[:g])


def fitted(kind: str, votes: VoteMatrix, **known: object):
    model = LABEL_MODELS[kind](0)
    return model.fit(model.statistics(votes), **known)


@pytest.mark.parametrize("one_sided", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_rows_sum_to_one_and_an_empty_row_gives_the_class_balance(kind: str, one_sided: bool) -> None:
    votes, truth = drawn(400, 6, 3, 1, coverage=0.3, one_sided=one_sided)
    given = np.array([0.2, 0.3, 0.5])
    for known in ({}, {"class_balance": given}, {"gold": gold_of(votes, truth, 60)}):
        model = fitted(kind, votes, **known)
        proba = model.predict_proba(votes)
        np.testing.assert_allclose(proba.sum(axis=1), 1)
        assert (~votes.covered).any()
        np.testing.assert_allclose(proba[~votes.covered] - model.class_balance_, 0, atol=1e-9)
        assert model.weights_.shape == (6,)
        assert all(isinstance(remark, str) for remark in model.remarks_)
    np.testing.assert_allclose(fitted(kind, votes, class_balance=given).class_balance_, given)


@pytest.mark.parametrize("one_sided", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_contributions_add_up_to_the_posterior(kind: str, one_sided: bool) -> None:
    votes, truth = drawn(300, 7, 4, 2, one_sided=one_sided)
    model = fitted(kind, votes, gold=gold_of(votes, truth, 50), class_balance=np.array([0.1, 0.2, 0.3, 0.4]))
    expected = model.predict_proba(votes)
    for row, proba in zip(votes.hard[:40], expected, strict=False):
        logits = np.log(model.class_balance_) + model.explain(row).sum(axis=0)
        np.testing.assert_allclose(softmax(logits[None])[0], proba, atol=1e-9)


@pytest.mark.parametrize("kind", KINDS)
def test_soft_votes_stand_in_place_of_the_column(kind: str) -> None:
    votes, _ = drawn(200, 5, 3, 3)
    likelihood = np.random.default_rng(0).random((200, 3)).astype(np.float32)
    likelihood[:20] = 0
    soft = VoteMatrix(votes.hard, votes.voters, 3, soft={"v1": likelihood})
    model = fitted(kind, votes)
    proba = model.predict_proba(soft)
    without = votes.hard.copy()
    without[:, 1] = -1
    silent = model.predict_proba(VoteMatrix(without, votes.voters, 3))
    np.testing.assert_allclose(proba[:20], silent[:20], atol=1e-9)
    assert np.abs(proba[20:] - silent[20:]).max() > 0.01
    for i in range(40):
        logits = np.log(model.class_balance_) + model.explain(votes.hard[i], {1: likelihood[i]}).sum(axis=0)
        np.testing.assert_allclose(softmax(logits[None])[0], proba[i], atol=1e-9)


@pytest.mark.parametrize("kind", KINDS)
def test_shards_give_what_the_whole_gives(kind: str) -> None:
    votes, _ = drawn(300, 5, 3, 4)
    model = LABEL_MODELS[kind](0)
    parts = [model.statistics(votes.take(np.arange(a, b))) for a, b in ((0, 90), (90, 300))]
    whole = fitted(kind, votes).predict_proba(votes)
    np.testing.assert_allclose(model.fit(parts[0] + parts[1]).predict_proba(votes), whole, atol=1e-9)


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=15, deadline=None)
@given(
    n=st.integers(60, 300),
    m=st.integers(3, 7),
    k=st.integers(2, 4),
    seed=st.integers(0, 999),
    one_sided=st.booleans(),
)
def test_permuted_items_voters_and_classes_give_permuted_answers(
    kind: str, n: int, m: int, k: int, seed: int, one_sided: bool
) -> None:
    votes, _ = drawn(n, m, k, seed, one_sided=one_sided)
    rng = np.random.default_rng(seed)
    items, voters, classes = rng.permutation(n), rng.permutation(m), rng.permutation(k)
    renamed = np.append(classes, -1).astype(np.int8)[votes.hard][items][:, voters]
    turned = VoteMatrix(renamed, tuple(votes.voters[j] for j in voters), k)
    straight = fitted(kind, votes).predict_proba(votes)
    answers = fitted(kind, turned).predict_proba(turned)[:, classes]
    np.testing.assert_allclose(answers, straight[items], atol=CLOSE.get(kind, 1e-6))


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "majority"])
def test_hundreds_of_votes_do_not_overflow(kind: str) -> None:
    votes, truth = drawn(60, 400, 2, 6, coverage=1.0)
    proba = fitted(kind, votes).predict_proba(votes)
    assert np.isfinite(proba).all()
    assert (proba.argmax(axis=1) == truth).mean() > 0.9


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("balance", [[0.5, 0.6], [1.0, 0.0], [0.2, 0.3, 0.5]])
def test_a_class_balance_that_is_none_is_refused(kind: str, balance: list[float]) -> None:
    votes, _ = drawn(50, 4, 2, 7)
    with pytest.raises(ValueError, match="class balance"):
        fitted(kind, votes, class_balance=np.array(balance))


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "majority"])
def test_no_rows_are_refused(kind: str) -> None:
    votes, _ = drawn(50, 4, 2, 8)
    with pytest.raises(ValueError, match="no rows"):
        fitted(kind, votes.take(np.empty(0, dtype=np.int64)))


@pytest.mark.parametrize("kind", ["dawid_skene", "one_coin", "naive_bayes", "weighted_majority", "snorkel"])
def test_human_labels_find_who_is_worse_than_random(kind: str) -> None:
    votes, truth = drawn(600, 4, 2, 9, coverage=1.0)
    hard = votes.hard.copy()
    hard[:, :2] = np.where(
        np.random.default_rng(2).random((600, 2)) < 0.85, 1 - truth[:, None], truth[:, None]
    )
    votes = VoteMatrix(hard, votes.voters, 2)
    told = fitted(kind, votes, gold=gold_of(votes, truth, 300))
    assert told.weights_[:2].max() < told.weights_[2:].min()

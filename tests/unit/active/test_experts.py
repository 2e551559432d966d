import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from active import experts
from active.regression import fit_regression

K = 3
VOTES = arrays(np.int8, st.tuples(st.integers(1, 12), st.integers(1, 5)), elements=st.integers(-1, K - 1))


@given(VOTES)
def test_log_posteriors_are_distributions(hard: np.ndarray) -> None:
    proba = np.exp(experts.vote_log_posterior(hard, K))
    assert proba.shape == (len(hard), K)
    np.testing.assert_allclose(proba.sum(axis=1), 1)


@given(VOTES, st.permutations(range(K)), st.randoms())
def test_the_vote_expert_ignores_the_order_of_voters_and_names_of_classes(
    hard: np.ndarray, classes: list[int], order: st.DataObject
) -> None:
    voters = list(range(hard.shape[1]))
    order.shuffle(voters)  # type: ignore[attr-defined]
    renamed = np.where(hard < 0, -1, np.array(classes)[hard]).astype(np.int8)[:, voters]
    expected = experts.vote_log_posterior(hard, K)
    np.testing.assert_allclose(experts.vote_log_posterior(renamed, K)[:, classes], expected, atol=1e-9)


def test_rows_without_votes_give_the_class_prior() -> None:
    hard = np.array([[0, 0], [0, -1], [0, 0], [-1, 1], [-1, -1]], dtype=np.int8)
    majority = experts.soft_majority(hard[:4], 2)
    prior = majority.sum(axis=0) + 10
    proba = np.exp(experts.vote_log_posterior(hard, 2)[-1])
    np.testing.assert_allclose(proba, prior / prior.sum())
    assert proba[0] > 0.5


def test_without_any_vote_all_classes_are_equal() -> None:
    log_p = experts.vote_log_posterior(np.full((4, 2), -1, dtype=np.int8), K)
    np.testing.assert_allclose(np.exp(log_p), 1 / K)


def test_soft_majority_is_smoothed_by_three_tenths_of_a_vote() -> None:
    shares = experts.soft_majority(np.array([[0, 0, 1], [-1, -1, -1]], dtype=np.int8), 2)
    np.testing.assert_allclose(shares, [[2.3 / 3.6, 1.3 / 3.6], [0.5, 0.5]])


def test_likelihoods_follow_their_formula() -> None:
    hard = np.array([[0], [0], [1]], dtype=np.int8)
    majority = np.array([[1, 0], [1, 0], [0, 1]], dtype=float)
    found = experts.vote_likelihoods(experts.vote_indicators(hard, 2), majority)
    share = np.array([2.5, 1.5]) / 4
    expected = [
        [(2 + 30 * share[0] * 0.8) / 32, 30 * share[0] * 0.2 / 31],
        [30 * share[1] * 0.2 / 32, (1 + 30 * share[1] * 0.8) / 31],
    ]
    np.testing.assert_allclose(found[0], expected)


def test_a_voter_that_agrees_with_the_others_weighs_more() -> None:
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 2, 400)
    good = [np.where(rng.random(400) < 0.9, truth, 1 - truth) for _ in range(3)]
    noise = rng.integers(0, 2, 400)
    hard = np.column_stack([*good, noise]).astype(np.int8)
    probe = np.array([[0, -1, -1, 1]], dtype=np.int8)
    proba = np.exp(experts.vote_log_posterior(np.vstack([hard, probe]), 2)[-1])
    assert proba[0] > 0.6


def test_one_hot_votes_drop_columns_that_never_occur() -> None:
    columns = experts.one_hot_votes(np.array([[1, -1], [1, 0], [-1, 2]], dtype=np.int8), K).toarray()
    np.testing.assert_allclose(columns, 0.33 * np.array([[1, 0, 0], [1, 1, 0], [0, 0, 1]]), rtol=1e-6)


def test_weak_text_carries_votes_to_rows_without_any() -> None:
    features = np.eye(2, dtype=np.float32)[[0, 0, 0, 0, 1, 1, 1, 1]]
    hard = np.array([[0], [0], [0], [-1], [1], [1], [1], [-1]], dtype=np.int8)
    log_p = experts.weak_text_log_posterior(features, experts.vote_log_posterior(hard, 2), hard[:, 0] >= 0)
    assert log_p[3, 0] > log_p[3, 1] + 0.2
    assert log_p[7, 1] > log_p[7, 0] + 0.2


def test_weak_text_without_any_vote_has_no_opinion() -> None:
    features = np.ones((3, 2), dtype=np.float32)
    log_p = experts.weak_text_log_posterior(features, np.zeros((3, K)), np.zeros(3, dtype=bool))
    np.testing.assert_allclose(np.exp(log_p), 1 / K)


@pytest.mark.parametrize(("size", "expected"), [(3, 3), (10, 6)])
def test_samples_have_no_repetition(size: int, expected: int) -> None:
    drawn = experts.sampled(np.arange(6) * 2, size, seed=0)
    assert len(set(drawn.tolist())) == expected
    assert set(drawn.tolist()) <= set(range(0, 12, 2))


def test_centred_rows_sum_to_zero() -> None:
    np.testing.assert_allclose(experts.centred(np.log([[0.5, 0.25, 0.25]])).sum(), 0, atol=1e-12)


def test_soft_votes_stand_in_place_of_their_columns() -> None:
    hard = np.array([[0, 1], [1, 1], [0, -1]], dtype=np.int8)
    likely = np.array([[0.5, 0.25], [0.1, 0.9], [0, 0]], dtype=np.float32)
    soft = np.exp(experts.vote_log_posterior(hard, 2, {1: likely}))
    without = np.exp(experts.vote_log_posterior(np.where([True, False], hard, -1).astype(np.int8), 2))
    np.testing.assert_allclose(soft[2], np.exp(experts.vote_log_posterior(hard, 2))[2])
    odds = (soft[:2, 0] / soft[:2, 1]) / (likely[:2, 0] / likely[:2, 1])
    of_first = experts.vote_likelihoods(experts.vote_indicators(hard, 2), experts.soft_majority(hard, 2))[0]
    assert odds[0] / odds[1] == pytest.approx(
        of_first[0, 0] / of_first[0, 1] * of_first[1, 1] / of_first[1, 0]
    )
    assert not np.allclose(soft[:2], without[:2])


@given(VOTES)
def test_no_soft_votes_change_nothing(hard: np.ndarray) -> None:
    np.testing.assert_array_equal(
        experts.vote_log_posterior(hard, K, {}), experts.vote_log_posterior(hard, K)
    )


def test_weak_text_does_not_repeat_the_votes_on_its_own_rows() -> None:
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 2, 300)
    told = np.where(rng.random(300) < 0.8, truth, 1 - truth)
    features = np.hstack([np.eye(2)[truth], 0.3 * rng.normal(size=(300, 200))]).astype(np.float32)
    said = np.log(np.where(np.eye(2)[told] == 1, 0.9, 0.1))
    right = experts.weak_text_log_posterior(features, said, np.ones(300, dtype=bool)).argmax(axis=1) == truth
    assert right[told != truth].mean() > 0.6
    repeated = fit_regression(features, np.exp(said)).logits(features).argmax(axis=1) == truth
    assert repeated[told != truth].mean() < 0.5


def test_few_covered_rows_are_not_halved() -> None:
    features = np.eye(2, dtype=np.float32)[[0, 1]]
    said = np.log([[0.9, 0.1], [0.1, 0.9]])
    log_p = experts.weak_text_log_posterior(features, said, np.ones(2, dtype=bool))
    assert log_p[0, 0] > log_p[0, 1]
    assert log_p[1, 1] > log_p[1, 0]

import numpy as np
import pytest

from active import evidence
from active.experts import weak_text_log_posterior

RNG = np.random.default_rng(0)


def test_chosen_rows_are_weighed_to_look_like_the_pool() -> None:
    sure = RNG.random(2000) < 0.8
    proba = np.where(sure[:, None], [0.95, 0.05], [0.55, 0.45])
    covered = RNG.random(2000) < 0.9
    rows = np.concatenate([np.flatnonzero(sure)[:20], np.flatnonzero(~sure)[:60]])
    weights = evidence.representative_weights(proba, covered, rows)
    assert (weights > 0).all()
    assert weights[sure[rows]].sum() / weights.sum() == pytest.approx(0.8, abs=0.06)
    assert weights.sum() == pytest.approx(weights.sum() ** 2 / (weights**2).sum(), rel=1e-6)


def test_rows_that_look_like_the_pool_count_in_full() -> None:
    proba = RNG.dirichlet([1, 1, 1], size=400)
    weights = evidence.representative_weights(proba, np.ones(400, dtype=bool), np.arange(400))
    np.testing.assert_allclose(weights, 1, atol=1e-3)


def test_rows_that_are_all_alike_and_no_rows_have_nothing_to_balance() -> None:
    proba = np.full((30, 2), 0.5)
    covered = np.zeros(30, dtype=bool)
    np.testing.assert_allclose(evidence.representative_weights(proba, covered, np.arange(7)), 1)
    assert evidence.representative_weights(proba, covered, np.arange(0)).shape == (0,)


def test_doubt_is_none_where_sure_and_most_where_all_are_alike() -> None:
    np.testing.assert_allclose(
        evidence.gini(np.array([[1.0, 0, 0], [1 / 3] * 3, [0.5, 0.5, 0]])), [0, 2 / 3, 0.5]
    )


def test_a_label_out_of_the_blue_costs_a_bounded_score() -> None:
    scores = evidence.held_out_score(np.array([[100.0, -100.0], [100.0, -100.0]]), np.array([0, 1]))
    np.testing.assert_allclose(scores, [np.log(0.85 + 0.075), np.log(0.075)])
    hot = evidence.held_out_score(np.array([[100.0, -100.0]]), np.array([0]), temperature=1e6)
    np.testing.assert_allclose(hot, np.log(0.5), atol=1e-3)


def test_models_weigh_by_odds_and_evidence() -> None:
    held_out = np.log([[0.9, 0.9], [0.3, 0.6]])
    found = evidence.model_weights(np.log([1.0, 3.0]), held_out, np.array([1.0, 2.0]))
    expected = np.array([1 * 0.9 * 0.9**2, 3 * 0.3 * 0.6**2])
    np.testing.assert_allclose(found, expected / expected.sum())


def test_an_overconfident_expert_is_judged_at_the_temperature_that_suits_it() -> None:
    labels = RNG.integers(0, 2, 4000)
    told = np.where(RNG.random(4000) < 0.8, labels, 1 - labels)
    honest = np.log(np.where(np.eye(2)[told] == 1, 0.8, 0.2))
    entropy = -(0.8 * np.log(0.8) + 0.2 * np.log(0.2))
    for scale in (1.0, 4.0):
        found = evidence.loss_of(scale * honest, labels, np.ones(4000))
        assert found == pytest.approx(entropy, abs=0.03)


@pytest.mark.parametrize("seed", range(5))
def test_text_is_related_to_votes_on_it_and_not_to_shuffled_ones(seed: int) -> None:
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 2, 400)
    features = (np.eye(2)[truth] * 2 + rng.normal(size=(400, 2))) @ rng.normal(size=(2, 60)) / 8
    said = np.log(np.where(np.eye(2)[truth] == 1, 0.9, 0.1))
    covered = rng.random(400) < 0.8
    for votes, low, high in ((said, 4, np.inf), (said[rng.permutation(400)], -np.inf, 1)):
        weak_text = weak_text_log_posterior(features, votes, covered, seed)
        assert low < evidence.text_relation(weak_text, votes, covered, seed) < high


def test_votes_that_say_nothing_and_few_votes_are_not_called_unrelated() -> None:
    features, everywhere = RNG.normal(size=(80, 3)), np.ones(80, dtype=bool)
    said = np.log(np.full((80, 2), 0.5))
    weak_text = weak_text_log_posterior(features, said, everywhere)
    assert evidence.text_relation(weak_text, said, everywhere, 0) == 0
    assert evidence.text_relation(-np.abs(features[:, :2]), said, np.arange(80) < 49, 0) == 0

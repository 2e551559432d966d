from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from active.modal import ModalLearner
from active.strategies import variance_reduction as strategy
from active.strategies.variance_reduction import (
    INTERCEPT,
    PRECISION,
    drawn_by_doubt,
    greedy_reduction,
    spread_of_doubt,
    weight_covariance,
    with_intercept,
)
from labeling.types import Floats

RNG = np.random.default_rng(0)
X = RNG.normal(size=(260, 4))
Y = (X[:, 0] + 0.3 * RNG.normal(size=260) > 0).astype(int)


def by_hand(
    covariance: Floats, wanted: Floats, rows: Floats, information: Floats, own: Floats, n: int
) -> tuple[list[int], list[float]]:
    """Invert the precision anew for every row at every step."""
    precision, chosen, gains = np.linalg.inv(covariance), [], []
    for _ in range(n):
        before = np.trace(wanted @ np.linalg.inv(precision))
        after = [
            np.trace(wanted @ np.linalg.inv(precision + weight * np.outer(row, row)))
            for row, weight in zip(rows, information, strict=True)
        ]
        gain = before - np.array(after) + own
        gain[chosen] = -np.inf
        best = int(gain.argmax())
        chosen.append(best)
        gains.append(float(gain[best]))
        precision = precision + information[best] * np.outer(rows[best], rows[best])
    return chosen, gains


@pytest.mark.parametrize("seed", range(4))
def test_greedy_steps_are_those_of_inverting_anew(seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows, square = rng.normal(size=(40, 5)), rng.normal(size=(5, 5))
    covariance, wanted = square @ square.T / 5 + np.eye(5), spread_of_doubt(rows, rng.random(40))
    information, own = rng.random(40) / 4, rng.random(40)
    expected = by_hand(covariance, wanted, rows, information, own, 8)
    chosen, gains = greedy_reduction(covariance, wanted, rows, information, own, 8)
    assert chosen.tolist() == expected[0]
    np.testing.assert_allclose(gains, expected[1])


def test_the_covariance_is_the_inverse_of_laplaces_precision() -> None:
    information = RNG.random(30) / 4
    precision = sum(w * np.outer(x, x) for w, x in zip(information, X[:30], strict=True))
    expected = np.linalg.inv(precision + PRECISION * np.eye(4))
    np.testing.assert_allclose(weight_covariance(X[:30], information), expected)


def test_the_summed_variance_is_a_trace() -> None:
    doubt, square = RNG.random(50), RNG.normal(size=(4, 4))
    covariance = square @ square.T
    summed = sum(d**2 / 2 * x @ covariance @ x for d, x in zip(doubt, X[:50], strict=True))
    assert np.trace(spread_of_doubt(X[:50], doubt) @ covariance) == pytest.approx(summed)


def test_the_first_choice_is_the_best_of_all_single_labels() -> None:
    learner = ModalLearner(LogisticRegression(), strategy).fit(X[:60], Y[:60])
    pool = X[60:]
    chosen, utilities = strategy(learner, pool, 6)
    doubt = 1 - (learner.predict_proba(pool) ** 2).sum(axis=1)
    known_doubt = 1 - (learner.predict_proba(X[:60]) ** 2).sum(axis=1)
    rows, known = (np.hstack([r, np.full((len(r), 1), INTERCEPT)]) for r in (pool, X[:60]))
    covariance = weight_covariance(known, known_doubt / 2)
    expected, gains = by_hand(covariance, spread_of_doubt(rows, doubt), rows, doubt / 2, doubt, 6)
    assert chosen.tolist() == expected
    np.testing.assert_allclose(utilities, gains)


def test_labelled_rows_make_their_neighbours_less_wanted() -> None:
    corner = np.repeat(np.eye(3), 20, axis=0) + 0.05 * RNG.normal(size=(60, 3))

    class Undecided:
        X_training: Any = corner[:15]

        def predict_proba(self, rows: Floats) -> Floats:
            return np.full((len(rows), 2), 0.5)

    chosen, _ = strategy(Undecided(), corner[15:], 10)
    corners = (chosen + 15) // 20
    assert set(corners[:2].tolist()) == {1, 2}
    assert (corners == 0).sum() <= 2
    given, _ = strategy(Undecided(), corner[15:], 10, embedding=corner[15:], known=corner[:15])
    np.testing.assert_array_equal(given, chosen)


def test_rows_are_drawn_by_doubt_in_large_pools(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(drawn_by_doubt.__globals__, "SAMPLE_ROWS", 50)
    doubt = np.where(np.arange(400) < 60, 0.5, 0.01)
    drawn = drawn_by_doubt(doubt, np.random.default_rng(0))
    assert len(set(drawn.tolist())) == 50
    assert (drawn < 60).mean() > 0.7
    np.testing.assert_array_equal(drawn_by_doubt(doubt[:40], np.random.default_rng(0)), np.arange(40))


def test_a_constant_column_stands_last() -> None:
    np.testing.assert_array_equal(with_intercept(X[:3]), np.c_[X[:3], np.full(3, INTERCEPT)])

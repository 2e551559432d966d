import numpy as np
from sklearn.linear_model import LogisticRegression

from active.strategies.draws import first_batch, random, weighted_draw
from active.strategies.uncertainty import margins

X = np.random.default_rng(0).normal(size=(200, 2))
MODEL = LogisticRegression().fit(X[:50], (X[:50, 0] > 0).astype(int))


def test_draws_follow_their_weights() -> None:
    weights = np.array([0.0, 1.0, 3.0])
    firsts = [weighted_draw(weights, 1, np.random.default_rng(i))[0] for i in range(2000)]
    shares = np.bincount(firsts, minlength=3) / 2000
    np.testing.assert_allclose(shares, [0, 0.25, 0.75], atol=0.03)


def test_second_draws_follow_the_weights_that_are_left() -> None:
    weights = np.array([1.0, 2.0, 5.0])
    drawn = [weighted_draw(weights, 2, np.random.default_rng(i)).tolist() for i in range(4000)]
    after_last = [second for first, second in drawn if first == 2]
    assert abs(np.mean(np.array(after_last) == 1) - 2 / 3) < 0.03


def test_rows_of_no_weight_come_last() -> None:
    drawn = weighted_draw(np.array([0.0, 1.0, 0.0, 1.0]), 4, np.random.default_rng(0))
    assert set(drawn[:2].tolist()) == {1, 3}


def test_the_first_batch_prefers_doubt_and_random_does_not() -> None:
    lead = margins(MODEL.predict_proba(X))
    doubtful, _ = first_batch(MODEL, X, 40)
    uniform, utilities = random(MODEL, X, 40)
    assert lead[doubtful].mean() < 0.7 * lead.mean()
    assert abs(lead[uniform].mean() - lead.mean()) < 0.15
    assert len(set(utilities.tolist())) == 1


def test_random_rows_are_uniform() -> None:
    counts = np.zeros(20)
    for seed in range(2000):
        counts[random(MODEL, X[:20], 5, rng=np.random.default_rng(seed))[0]] += 1
    assert counts.sum() == 10_000
    assert ((counts - 500) ** 2 / 500).sum() < 50  # of 19 degrees of freedom

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from sklearn.cluster import KMeans
from sklearn.linear_model import LogisticRegression

from active.strategies.diversity import diverse_margin, diverse_smallest
from active.strategies.uncertainty import margins

RNG = np.random.default_rng(0)
X = RNG.normal(size=(200, 2))


def test_a_diverse_batch_takes_one_of_each_cluster_of_doubts() -> None:
    rows = np.repeat(np.eye(3) * 10, 5, axis=0) + RNG.normal(scale=0.01, size=(15, 3))
    values = np.arange(15) / 15
    chosen = diverse_smallest(values, rows, 3, np.random.default_rng(0))
    np.testing.assert_array_equal(chosen, [0, 5, 10])


def test_a_diverse_batch_stays_within_its_shortlist() -> None:
    values = RNG.permutation(100)
    chosen = diverse_smallest(values, X[:100], 4, np.random.default_rng(0))
    assert (values[chosen] < 20).all()
    assert (np.diff(values[chosen]) > 0).all()


def test_it_is_the_smallest_margin_of_each_group_of_k_means() -> None:
    model = LogisticRegression().fit(X[:50], (X[:50, 0] > 0).astype(int))
    lead = margins(model.predict_proba(X))
    shortlist = np.argsort(lead)[:40]
    seed = int(np.random.default_rng(7).integers(2**31))
    groups = KMeans(8, n_init=1, random_state=seed).fit_predict(X[shortlist])
    expected = {min(shortlist[groups == g], key=lead.__getitem__) for g in range(8)}
    chosen, utilities = diverse_margin(model, X, 8, rng=np.random.default_rng(7))
    assert set(chosen.tolist()) == expected
    np.testing.assert_allclose(utilities, 1 - lead[chosen])


@given(st.integers(0, 30), st.integers(1, 30))
def test_a_diverse_batch_is_full_even_where_all_rows_are_equal(n: int, p: int) -> None:
    chosen = diverse_smallest(np.zeros(p), np.ones((p, 2)), n, np.random.default_rng(0))
    assert len(set(chosen.tolist())) == min(n, p)

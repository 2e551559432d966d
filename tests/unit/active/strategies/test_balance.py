import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

from active.modal import ModalLearner
from active.strategies.balance import balanced, class_balanced
from active.strategies.uncertainty import margins

RNG = np.random.default_rng(0)
X = RNG.normal(size=(300, 3))


def by_hand(values: list[int], groups: list[int], counts: list[int], n: int) -> list[int]:
    left, have, chosen = set(range(len(values))), list(counts), []
    while left and len(chosen) < n:
        least = min(have[groups[i]] for i in left)
        best = min((i for i in left if have[groups[i]] == least), key=lambda i: (groups[i], values[i], i))
        left.remove(best)
        have[groups[best]] += 1
        chosen.append(best)
    return chosen


@given(
    st.lists(st.tuples(st.integers(0, 4), st.integers(0, 2)), max_size=25),
    st.lists(st.integers(0, 4), min_size=3, max_size=3),
    st.integers(0, 30),
)
def test_the_group_with_the_fewest_is_served_first(
    rows: list[tuple[int, int]], counts: list[int], n: int
) -> None:
    values, groups = [v for v, _ in rows], [g for _, g in rows]
    arrays = np.array(values, dtype=float), np.array(groups, dtype=int), np.array(counts)
    assert balanced(*arrays, n).tolist() == by_hand(values, groups, counts, n)


def test_a_class_with_few_labels_is_asked_about_until_it_is_even() -> None:
    y = np.r_[np.zeros(30), np.ones(26), np.full(4, 2)].astype(int)
    learner = ModalLearner(LogisticRegression(), class_balanced).fit(X[:60] + 2 * np.eye(3)[y], y)
    pool = X[60:] + 2 * np.eye(3)[np.arange(240) % 3]
    chosen, utilities = class_balanced(learner, pool, 22)
    predicted = learner.predict(pool)
    assert predicted[chosen].tolist() == [2] * 22
    np.testing.assert_allclose(utilities, 1 - margins(learner.predict_proba(pool))[chosen])


def test_without_labels_classes_take_turns() -> None:
    y = X.argmax(axis=1)
    model = LogisticRegression().fit(X, y)
    chosen, _ = class_balanced(model, X, 9)
    assert np.bincount(model.predict(X)[chosen]).tolist() == [3, 3, 3]

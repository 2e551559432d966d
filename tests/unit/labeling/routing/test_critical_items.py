"""What makes an item critical: slice, vote, probability or label."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from labeling.routing import critical_mask, critical_reasons
from labeling.types import VoteMatrix

CLASSES = np.array([False, False, True])


def votes_of(*rows: list[int]) -> VoteMatrix:
    hard = np.array(rows, dtype=np.int8)
    return VoteMatrix(hard, tuple(f"v{j}" for j in range(hard.shape[1])), 3)


VOTES = votes_of([0, -1], [2, 0], [-1, -1], [0, 0], [0, 0])
PROBA = np.array(
    [[0.97, 0.02, 0.01], [0.97, 0.02, 0.01], [0.9, 0.07, 0.03], [0.97, 0.02, 0.01], [0.1, 0.2, 0.7]]
)
SLICES = np.array([False, False, False, True, False])


def test_items_are_critical_by_slice_vote_probability_or_label() -> None:
    reasons = critical_reasons(VOTES, PROBA, CLASSES, SLICES, 0.02)
    np.testing.assert_array_equal(reasons.voted, [-1, 2, -1, -1, -1])
    np.testing.assert_array_equal(reasons.probable, [-1, -1, 2, -1, 2])
    np.testing.assert_array_equal(reasons.in_slice, SLICES)
    np.testing.assert_allclose(reasons.chance, PROBA[:, 2])
    mask = critical_mask(VOTES, PROBA, CLASSES, SLICES, 0.02)
    np.testing.assert_array_equal(mask, [False, True, True, True, True])


def test_a_critical_label_is_critical_whatever_the_floor() -> None:
    mask = critical_mask(VOTES, PROBA, CLASSES, SLICES, 1.0)
    np.testing.assert_array_equal(mask, [False, True, False, True, True])


def test_of_two_critical_classes_the_likelier_is_named() -> None:
    proba = np.array([[0.9, 0.03, 0.07], [0.9, 0.07, 0.03]])
    reasons = critical_reasons(votes_of([0], [0]), proba, np.array([False, True, True]), SLICES[:2], 0.02)
    assert reasons.probable.tolist() == [2, 1]
    assert reasons.chance.tolist() == [0.07, 0.07]


def test_without_critical_classes_only_slices_are_critical() -> None:
    mask = critical_mask(VOTES, np.full((5, 3), 1 / 3), np.zeros(3, dtype=bool), SLICES, 0.0)
    np.testing.assert_array_equal(mask, SLICES)


@given(st.integers(0, 1000), st.floats(0, 1))
def test_no_item_with_a_critical_vote_label_slice_or_chance_gets_away(seed: int, floor: float) -> None:
    rng = np.random.default_rng(seed)
    hard = rng.integers(-1, 4, size=(30, 5)).astype(np.int8)
    proba, slices = rng.dirichlet(np.ones(4), size=30), rng.random(30) < 0.1
    classes = rng.random(4) < 0.5
    mask = critical_mask(VoteMatrix(hard, tuple("abcde"), 4), proba, classes, slices, floor)
    for i in range(30):
        named = any(classes[code] for code in hard[i] if code >= 0)
        likely = any(proba[i, c] > floor for c in np.flatnonzero(classes))
        assert mask[i] == (slices[i] or named or likely or classes[proba[i].argmax()])

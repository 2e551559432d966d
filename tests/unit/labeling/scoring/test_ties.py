"""Ties fall by the item, whatever the order of rows and classes."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from labeling.scoring import most_probable

NAMES = ("A", "B", "C")


def test_ties_favour_no_class():
    digests = [f"item {i}" for i in range(600)]
    labels = most_probable(np.full((600, 3), 1 / 3), digests, NAMES)
    assert (np.bincount(labels, minlength=3) > 150).all()
    assert (np.full((600, 3), 1 / 3).argmax(axis=1) == 0).all()  # the harm of argmax: all are A


def test_only_the_tied_classes_can_win():
    digests = [f"item {i}" for i in range(50)]
    labels = most_probable(np.tile([0.2, 0.4, 0.4 - 1e-12], (50, 1)), digests, NAMES)
    assert set(labels) == {1, 2}


@given(st.integers(0, 10_000), st.permutations(range(3)))
def test_the_order_of_rows_and_classes_does_not_matter(seed, classes):
    rng = np.random.default_rng(seed)
    votes = rng.integers(3, size=(20, 2))
    proba = np.eye(3)[votes].mean(axis=1)
    digests = [f"item {i}" for i in range(20)]
    labels = most_probable(proba, digests, NAMES)
    order = rng.permutation(20)
    turned = most_probable(proba[order][:, classes], [digests[i] for i in order], [NAMES[c] for c in classes])
    assert [NAMES[c] for c in labels[order]] == [NAMES[classes[c]] for c in turned]


def test_without_a_tie_the_largest_wins():
    assert most_probable(np.array([[0.1, 0.7, 0.2], [0.5, 0.3, 0.2]]), ["x", "y"], NAMES).tolist() == [1, 0]

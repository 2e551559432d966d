"""Coefficients of agreement against published values and independent libraries."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nltk.metrics.agreement import AnnotationTask
from sklearn.metrics import cohen_kappa_score

from labeling.people.agreement import (
    agreement,
    agreement_by_class,
    agreement_of_pairs,
    answer_table,
    class_counts,
    cohen_kappa,
    cohen_parts,
    fleiss_kappa,
    fleiss_parts,
    krippendorff_alpha,
    krippendorff_parts,
)
from labeling.types import Answers

FLEISS_1971 = """
0 0 0 6 0|0 3 0 0 3|0 1 4 0 1|0 0 0 0 6|0 3 0 3 0|2 0 4 0 0|0 0 4 0 2|2 0 3 1 0|2 0 0 4 0|0 0 0 0 6
1 0 0 5 0|1 1 0 4 0|0 3 3 0 0|1 0 0 5 0|0 2 0 3 1|0 0 5 0 1|3 0 0 1 2|5 1 0 0 0|0 2 0 4 0|1 0 2 0 3
0 0 0 0 6|0 1 0 5 0|0 2 0 1 3|2 0 0 4 0|1 0 0 4 1|0 5 0 1 0|4 0 0 0 2|0 2 0 4 0|1 0 5 0 0|0 0 0 0 6
"""
"""Thirty patients, six raters, five diagnoses."""

KRIPPENDORFF_2011 = [
    [1, 2, 3, 3, 2, 1, 4, 1, 2, None, None, None],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, None, 3],
    [None, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, None],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, None],
]
"""Four observers, twelve units, with missing values."""


def answers_of(rows: list[tuple[int, int, int]]) -> Answers:
    items, people, labels = np.array(rows, dtype=np.int64).reshape(-1, 3).T
    return Answers(items, people, labels, int(people.max()) + 1)


def krippendorffs() -> Answers:
    told = [
        (unit, person, value - 1)
        for person, said in enumerate(KRIPPENDORFF_2011)
        for unit, value in enumerate(said)
        if value is not None
    ]
    return answers_of(told)


def alpha(counts: np.ndarray) -> float:
    return float(krippendorff_alpha(krippendorff_parts(counts).sum(axis=0)[None])[0])


def fleiss(counts: np.ndarray) -> float:
    return float(fleiss_kappa(fleiss_parts(counts).sum(axis=0)[None])[0])


def test_krippendorffs_own_example() -> None:
    assert alpha(class_counts(krippendorffs(), 12, 5)) == pytest.approx(0.743, abs=5e-4)


def test_fleiss_own_example() -> None:
    rows = [row.split() for line in FLEISS_1971.split("\n") if line for row in line.split("|")]
    counts = np.array(rows, dtype=float)
    assert counts.shape == (30, 5)
    assert fleiss(counts) == pytest.approx(0.430, abs=5e-4)


def test_a_textbooks_example_of_cohens_kappa() -> None:
    """Fleiss, Levin & Paik (2003), table 18.1: two raters, a hundred patients, .68."""
    table = np.array([[75, 1, 4, 5, 4, 1, 0, 0, 10]], dtype=float)
    assert cohen_kappa(table)[0] == pytest.approx(0.68, abs=5e-3)


random_answers = st.integers(0, 10_000).map(lambda seed: sparse_answers(seed))


def sparse_answers(seed: int) -> Answers:
    """Answers of four people of different care on thirty items, a third of them missing."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 3, 30)
    rows = [
        (i, j, int(truth[i] if rng.random() < (0.9, 0.8, 0.6, 0.3)[j] else rng.integers(3)))
        for i in range(30)
        for j in range(4)
        if rng.random() < 0.67
    ]
    return answers_of(rows)


def nltk_task(answers: Answers) -> AnnotationTask:
    told = zip(answers.people.tolist(), answers.items.tolist(), answers.labels.tolist(), strict=True)
    return AnnotationTask([(f"p{person}", f"i{item}", f"c{label}") for person, item, label in told])


@given(random_answers)
def test_alpha_is_that_of_another_library(answers: Answers) -> None:
    mine = alpha(class_counts(answers, 30, 3))
    assert mine == pytest.approx(nltk_task(answers).alpha(), abs=1e-9)


@given(st.integers(0, 10_000))
def test_fleiss_is_that_of_another_library(seed: int) -> None:
    rng = np.random.default_rng(seed)
    labels = np.where(rng.random((25, 4)) < 0.7, rng.integers(0, 3, 25)[:, None], rng.integers(0, 3, (25, 4)))
    full = answers_of([(i, j, int(labels[i, j])) for i in range(25) for j in range(4)])
    # Siegel and Castellan's statistic, which that library names pi, is Fleiss'.
    assert fleiss(class_counts(full, 25, 3)) == pytest.approx(nltk_task(full).pi(), abs=1e-9)


@given(st.integers(0, 10_000))
def test_cohen_is_that_of_another_library(seed: int) -> None:
    rng = np.random.default_rng(seed)
    a, b = rng.integers(0, 3, (2, 40))
    b = np.where(rng.random(40) < 0.5, a, b)
    mine = cohen_kappa(cohen_parts(a, b, 3).sum(axis=0)[None])[0]
    assert mine == pytest.approx(cohen_kappa_score(a, b), abs=1e-12)


@given(random_answers, st.permutations(range(3)))
def test_names_and_order_do_not_matter(answers: Answers, order: list[int]) -> None:
    counts = class_counts(answers, 30, 3)
    assert alpha(counts[::-1][:, order]) == pytest.approx(alpha(counts))
    assert fleiss(counts[::-1][:, order]) == pytest.approx(fleiss(counts))


def test_one_class_alone_is_no_agreement_beyond_chance() -> None:
    found = agreement(np.array([[3.0, 0.0]] * 20))
    assert found.krippendorff.value is None
    assert found.fleiss.value is None
    assert found.observed.value == 1


def test_nobody_twice() -> None:
    found = agreement(np.array([[1.0, 0.0], [0.0, 1.0]]))
    assert (found.items, found.answers) == (0, 0)
    assert found.observed.value is None
    assert found.krippendorff.to_dict() == {"value": None, "low": None, "high": None, "items": 0}


def test_per_class_is_alpha_against_all_others() -> None:
    counts = class_counts(krippendorffs(), 12, 5)
    for c, found in enumerate(agreement_by_class(counts)):
        two = np.column_stack([counts[:, c], counts.sum(axis=1) - counts[:, c]])
        assert found.value == pytest.approx(alpha(two))


def test_with_two_classes_each_is_the_whole() -> None:
    counts = class_counts(sparse_answers(3), 30, 3)
    two = np.column_stack([counts[:, 0], counts[:, 1:].sum(axis=1)])
    assert [e.value for e in agreement_by_class(two)] == pytest.approx([alpha(two)] * 2)


def test_pairs_have_cohens_kappa_on_what_both_answered() -> None:
    answers = sparse_answers(5)
    said = answer_table(answers, 30)
    for pair in agreement_of_pairs(answers, 30, 3):
        a, b = said[:, pair.first], said[:, pair.second]
        both = (a >= 0) & (b >= 0)
        assert pair.observed.items == both.sum()
        assert pair.observed.value == pytest.approx((a[both] == b[both]).mean())
        assert pair.cohen.value == pytest.approx(cohen_kappa_score(a[both], b[both]))


def test_pairs_without_a_common_item_are_left_out() -> None:
    assert agreement_of_pairs(answers_of([(0, 0, 1), (1, 1, 1)]), 2, 2) == []

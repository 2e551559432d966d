"""What a learner says of labels that are kept from it: never what it was told."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from labeling.pool.people import People
from labeling.rounds.advice import uniform_answers, uniform_rows
from labeling.scoring import cross_fitted, learn
from labeling.store import StoredTask, TaskStatus
from labeling.types import ABSTAIN, Lane, PoolGold

N, K = 60, 3
DIGESTS = [f"content {i}" for i in range(N)]


class ByHeart:
    """Says for certain what it was told, and of all else that the first class is likely."""

    def __init__(self) -> None:
        self.told: list[tuple[dict[int, int], Any]] = []

    def fit(self, labelled: Any, labels: Any, weights: Any = None) -> None:
        self.told.append((dict(zip(labelled.tolist(), labels.tolist(), strict=True)), weights))

    def predict_proba(self, partition: Any = None) -> Any:
        known, _ = self.told[-1]
        rows = range(N) if partition is None else partition.tolist()
        proba = np.tile([0.6, 0.25, 0.15], (len(rows), 1))
        for i, row in enumerate(rows):
            if row in known:
                proba[i] = np.eye(K)[known[row]]
        return proba


@pytest.fixture
def gold() -> PoolGold:
    labels = np.full(N, ABSTAIN, dtype=np.int8)
    labels[:40] = np.arange(40) % K
    confidence = np.where(np.arange(N) % 7 == 0, 2 / 3, 1.0)
    return PoolGold(labels, np.ones(N, dtype=bool), confidence)


def test_no_label_is_judged_by_who_was_told_it(gold: PoolGold) -> None:
    learner: Any = ByHeart()
    rows = np.arange(5, 35)
    proba = cross_fitted(learner, gold, rows, DIGESTS)
    np.testing.assert_allclose(proba, np.tile([0.6, 0.25, 0.15], (30, 1)))
    assert len(learner.told) == 5
    for known, _ in learner.told:
        assert {*range(5), *range(35, 40)} <= known.keys()
        assert len(known.keys() & set(rows.tolist())) == 24
    cross_fitted(learner, gold, rows, DIGESTS, 2)
    assert len(learner.told) == 7


def test_each_row_gets_its_own_line(gold: PoolGold) -> None:
    class Numbered(ByHeart):
        def predict_proba(self, partition: Any = None) -> Any:
            return np.column_stack([partition, partition, partition]).astype(float)

    learner: Any = Numbered()
    rows = np.array([39, 2, 17, 30, 5, 11, 8])
    assert cross_fitted(learner, gold, rows, DIGESTS)[:, 0].tolist() == rows.tolist()


def test_labels_go_with_their_confidence(gold: PoolGold) -> None:
    learner: Any = ByHeart()
    proba = learn(learner, gold.labels, gold.confidence)
    (known, weights), expected = learner.told[0], gold.weights
    assert proba.shape == (N, K)
    assert known == dict(enumerate((np.arange(40) % K).tolist()))
    np.testing.assert_array_equal(weights, expected)
    learn(learner, gold.labels)
    assert learner.told[1][1] is None


def task(row: int, inclusion: float | None, lane: Lane = Lane.REVIEW) -> StoredTask:
    return StoredTask(
        f"t{row}", DIGESTS[row], f"r{row}", lane, 1, 0.5, inclusion, None, None, None, TaskStatus.OPEN
    )


def test_only_uniform_answers_tell_the_accuracy(gold: PoolGold) -> None:
    asked = (task(1, 0.1), task(2, None), task(3, 0.1, Lane.AUDIT), task(50, 0.1), task(6, 0.1))
    rows = uniform_rows(People({}, asked), gold, DIGESTS)
    assert rows.tolist() == [1, 6]
    learner: Any = ByHeart()
    found = uniform_answers(learner, gold, rows, DIGESTS)
    assert found.right.tolist() == [0.0, 1.0]
    assert found.confidence == pytest.approx([0.6, 0.6])
    assert len(uniform_answers(learner, gold, rows[:0], DIGESTS)) == 0

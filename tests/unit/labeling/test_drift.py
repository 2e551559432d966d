from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeling.config.sections import DriftConfig
from labeling.drift import Drift, Measure, measure_drift, share_distance, stability_index

LIMITS = DriftConfig()
SAMPLES = st.lists(st.floats(0, 1), min_size=1, max_size=60).map(np.array)


def drift_of(n_old: int, n_new: int, *, shift: float = 0.0, covered: float = 0.9, spam: float = 0.3) -> Drift:
    rng = np.random.default_rng(7)
    n = n_old + n_new
    new = np.arange(n) >= n_old
    scores = np.clip(rng.beta(8, 2, n) - shift * new, 0, 1)
    labels = (rng.random(n) < np.where(new, spam, 0.3)).astype(np.int64)
    return measure_drift(scores, rng.random(n) < np.where(new, covered, 0.9), labels, new, LIMITS)


def test_what_is_alike_does_not_drift() -> None:
    found = drift_of(2_000, 300)
    assert found.past == ()
    assert found.said == "300 new texts are like the 2,000 of the current release"


@pytest.mark.parametrize(
    ("change", "name"),
    [({"shift": 0.3}, "scores"), ({"covered": 0.5}, "coverage"), ({"spam": 0.8}, "classes")],
)
def test_each_difference_is_seen_by_its_own_measure(change: dict[str, float], name: str) -> None:
    found = drift_of(2_000, 300, **change)
    assert [measure.name for measure in found.past] == [name]
    assert f"unlike the 2,000 of the current release: {name} differ by" in found.said
    assert json.loads(json.dumps(found.to_dict()))["new"] == 300


def test_a_handful_is_no_proof() -> None:
    found = drift_of(2_000, 3, spam=0.9)
    assert found.past == ()
    assert max(measure.value for measure in found.measures) > 0.2


def test_chance_alone_seldom_looks_like_drift() -> None:
    rng, alarms = np.random.default_rng(3), 0
    for _ in range(200):
        scores, labels = rng.random(600), rng.integers(0, 3, 600)
        new = np.arange(600) >= 560
        alarms += bool(measure_drift(scores, rng.random(600) < 0.8, labels, new, LIMITS).past)
    assert alarms <= 3


def test_without_new_or_old_texts_nothing_is_compared() -> None:
    for new in (np.zeros(5, dtype=bool), np.ones(5, dtype=bool)):
        found = measure_drift(np.ones(5), np.ones(5, dtype=bool), np.zeros(5, dtype=np.int64), new, LIMITS)
        assert (found.measures, found.said) == ((), "nothing to compare")


def test_one_class_and_one_score_are_no_fault() -> None:
    new = np.arange(10) >= 5
    found = measure_drift(np.ones(10), np.ones(10, dtype=bool), np.zeros(10, dtype=np.int64), new, LIMITS)
    assert [measure.value for measure in found.measures] == [0.0, 0.0, 0.0]


@given(SAMPLES, SAMPLES)
def test_the_index_is_zero_or_more_and_zero_for_the_same(
    expected: np.ndarray,
    actual: np.ndarray,  # type: ignore[type-arg]
) -> None:
    assert stability_index(expected, actual) >= 0
    assert stability_index(expected, expected) == 0


def test_the_index_on_a_case_by_hand() -> None:
    expected = np.repeat([0.1, 0.9], 50)
    actual = np.repeat([0.1, 0.9], [25, 75])
    by_hand = (0.25 - 0.5) * np.log(0.25 / 0.5) + (0.75 - 0.5) * np.log(0.75 / 0.5)
    assert stability_index(expected, actual) == pytest.approx(by_hand)


@given(st.lists(st.integers(0, 4), min_size=1), st.lists(st.integers(0, 4), min_size=1))
def test_the_distance_is_symmetric_and_bounded(one: list[int], other: list[int]) -> None:
    old, new = np.array(one), np.array(other)
    assert share_distance(old, new) == pytest.approx(share_distance(new, old))
    assert 0 <= share_distance(old, new) <= 1 + 1e-12


def test_both_size_and_chance_decide() -> None:
    assert Measure("scores", 0.3, 0.25, 0.0001).past
    assert not Measure("scores", 0.2, 0.25, 0.0001).past
    assert not Measure("scores", 0.3, 0.25, 0.02).past

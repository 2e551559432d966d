"""Changes of accuracy and speed: told when they are real, not when they are chance."""

from __future__ import annotations

import numpy as np

from labeling.people.drift import LEAST_JUDGED, NOTABLE, drift, pace


def test_drift_is_told_when_chance_does_not_explain_it() -> None:
    rng = np.random.default_rng(0)
    worse = np.concatenate([rng.random(100) < 0.95, rng.random(100) < 0.6])
    assert "became worse" in str(drift(worse).said)
    assert "became better" in str(drift(worse[::-1]).said)
    assert drift(worse[: LEAST_JUDGED - 1]) is None


def test_steady_people_rarely_seem_to_drift() -> None:
    rng = np.random.default_rng(0)
    told = [drift(rng.random(100) < 0.9).said for _ in range(500)]
    assert sum(said is not None for said in told) <= 12


def times(rng: np.random.Generator, *medians: float) -> np.ndarray:
    return np.concatenate([median * np.exp(0.6 * rng.standard_normal(60)) for median in medians])


def test_a_change_of_speed_is_told() -> None:
    rng = np.random.default_rng(0)
    assert "became faster: 1" in str(pace(times(rng, 16, 6)).said)
    assert "became slower" in str(pace(times(rng, 6, 16)).said)
    assert pace(times(rng, 16, 6)).to_dict()["earlier"] > 10


def test_small_changes_and_chance_are_not_told() -> None:
    rng = np.random.default_rng(0)
    assert sum(pace(times(rng, 16, 16)).said is not None for _ in range(300)) <= 3
    steady = np.concatenate([np.full(100, 10.0), np.full(100, 10.0 / NOTABLE + 0.1)])
    assert pace(steady + 0.001 * rng.random(200)).said is None


def test_few_times_tell_nothing() -> None:
    assert pace(np.full(LEAST_JUDGED - 1, 5.0)) is None
    assert pace(np.full(100, np.nan)) is None

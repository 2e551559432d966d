"""Steps are averaged over seeds, and one arm is compared with another where both are as accurate."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeling.simulation.curves import Point, Saving, labels_to_reach, mean_curve, savings


def curve(*accuracies: float) -> list[dict[str, Any]]:
    return mean_curve([[Point(50 * (i + 1), a) for i, a in enumerate(accuracies)]])


def test_steps_are_averaged_over_seeds() -> None:
    runs = [[Point(10, 0.5), Point(20, 0.7)], [Point(10, 0.7), Point(20, 0.7)]]
    first, second = mean_curve(runs)
    assert (first["labels"], first["accuracy"]) == (10, 0.6)
    assert first["accuracy_std"] == pytest.approx(np.std([0.5, 0.7], ddof=1), abs=1e-6)
    assert second["accuracy_std"] == 0
    assert mean_curve([[Point(5, 0.25)]])[0]["accuracy_std"] == 0


def test_a_step_that_some_run_did_not_reach_is_left_out() -> None:
    assert len(mean_curve([[Point(10, 0.5), Point(20, 0.7)], [Point(10, 0.7)]])) == 1
    used_up = [[Point(10, 0.5), Point(17, 0.7)], [Point(10, 0.7), Point(18, 0.7)]]
    assert [step["labels"] for step in mean_curve(used_up)] == [10]


def test_measures_are_averaged_where_there_are_any() -> None:
    runs = [[Point(10, 1.0, ece=0.2, log_loss=0.5, hours=1.0)], [Point(10, 1.0, hours=3.0)]]
    [step] = mean_curve(runs)
    assert (step["ece"], step["log_loss"], step["hours"]) == (0.2, 0.5, 2.0)
    [step] = mean_curve([[Point(10, 1.0)]])
    assert step["ece"] is None


def test_savings_are_counted_at_the_best_that_both_reach() -> None:
    curves = {"random": curve(0.7, 0.8, 0.85, 0.9), "quorum": curve(0.86, 0.91, 0.93, 0.96)}
    assert savings(curves) == [Saving("quorum", "random", 0.9, 90, 200)]
    better = {"quorum": curve(0.7, 0.8), "modal": curve(0.85, 0.9)}
    assert savings(better) == [Saving("quorum", "modal", 0.8, 100, 50)]


def test_there_are_no_savings_without_both() -> None:
    assert savings({"random": curve(0.7)}) == []
    assert savings({"quorum": [], "random": curve(0.7)}) == []
    assert savings({"quorum": curve(0.7), "random": []}) == []


def test_a_dip_does_not_count_against_what_was_reached() -> None:
    assert labels_to_reach(curve(0.7, 0.9, 0.6, 0.95), 0.9) == 100
    assert labels_to_reach(curve(0.7, 0.9, 0.6, 0.95), 0.8) == 75


def test_before_the_first_step_nothing_is_known() -> None:
    assert labels_to_reach(curve(0.7, 0.9), 0.5) == 50
    assert labels_to_reach(curve(0.7, 0.7), 0.7) == 50


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8), st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_savings_are_steps_of_both_and_turn_round(ours: list[float], theirs: list[float]) -> None:
    curves = {"quorum": curve(*ours), "other": curve(*theirs)}
    [saved], [turned] = savings(curves), savings(curves, "other")
    assert (saved.labels, saved.labels_against) == (turned.labels_against, turned.labels)
    assert 50 <= saved.labels <= 50 * len(ours)
    assert saved.accuracy <= min(max(ours), max(theirs)) + 1e-6

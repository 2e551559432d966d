"""What rounds keep for later ones: the stop set, the models' beliefs, cost against accuracy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from scipy.stats import kstest

from labeling.rounds.advice import (
    STOP_SET_SIZE,
    Costs,
    Present,
    common_labels,
    model_steps,
    stop_set,
    told_before,
)
from labeling.store import Round
from labeling.types import CurvePoint, Forecast

POINT: dict[str, Any] = {"labels": 50, "accuracy": 0.9, "low": 0.8, "high": 0.95}


def round_of(number: int, labels: int, belief: float, now: dict[str, Any] | None = None) -> Round:
    state = {"labels": labels, "belief": belief, "answers": labels + 10, "spent": 0.5 * number}
    summary = {**state, "forecast": {"now": now}}
    return Round(number, f"in {number}", "s", "t", summary)


def table(**labels: str) -> pa.Table:
    return pa.table({"digest": list(labels), "label": list(labels.values())})


def test_a_small_pool_is_its_own_stop_set() -> None:
    assert stop_set([f"c{i}" for i in range(100)]).tolist() == list(range(100))


def test_the_stop_set_is_uniform_and_goes_with_the_content() -> None:
    digests = [f"content {i}" for i in range(10_000)]
    rows = stop_set(digests)
    assert len(rows) == STOP_SET_SIZE
    assert kstest(rows / 10_000, "uniform").pvalue > 0.01
    backwards = stop_set(digests[::-1])
    assert {digests[::-1][i] for i in backwards} == {digests[i] for i in rows}
    fewer = digests[:9000]
    kept = {fewer[i] for i in stop_set(fewer)}
    assert {digests[i] for i in rows} & set(fewer) <= kept


def test_models_are_compared_on_what_all_of_them_saw_by_name() -> None:
    first, second = common_labels([table(a="HAM", b="SPAM", c="HAM"), table(c="SPAM", b="SPAM", d="EGGS")])
    assert first.tolist() == [1, 0]
    assert second.tolist() == [1, 1]


def test_nothing_in_common_is_nothing_to_compare() -> None:
    assert [len(labels) for labels in common_labels([table(a="HAM"), table(b="HAM")])] == [0, 0]


def test_steps_ascend_and_end_with_the_present() -> None:
    past = [round_of(1, 0, 0.5), round_of(2, 50, 0.7), round_of(3, 50, 0.72), round_of(4, 120, 0.9)]
    steps = model_steps(past, 100, 0.8, 1000)
    assert steps.labels.tolist() == [0, 50, 100]
    assert steps.confidence == pytest.approx([0.5, 0.72, 0.8])
    assert (steps.items, len(steps)) == (1000, 3)


def test_what_was_told_stays_as_it_was_told() -> None:
    past = [round_of(1, 0, 0.5), round_of(2, 50, 0.7, POINT), round_of(3, 120, 0.9, {**POINT, "labels": 120})]
    assert told_before(past, 100) == [{**POINT, "answers": 60, "spent": 1.0}]


def test_cost_stands_against_accuracy() -> None:
    ahead = CurvePoint(150, 0.95, 0.9, 0.97)
    found = Forecast(30, 20, 0.95, CurvePoint(100, 0.93, 0.88, 0.96), (ahead,))
    before = [{**POINT, "answers": 20, "spent": 1.0}]
    curve = Costs(8.0, 0.01, 200, 2.0).curve(found, Present(100, 0.9, 70, 2.0), before)
    assert [p["labels"] for p in curve] == [50, 100, 150]
    assert [p["answers"] for p in curve] == [20, 70, 120], "known labels take nobody's time"
    assert [p["seconds"] for p in curve] == [160, 560, 960]
    assert [p["spent"] for p in curve] == [1.0, 2.0, 2.0]
    assert [p["ahead"] for p in curve] == [False, False, True]
    assert {"accuracy", "low", "high"} <= curve[2].keys()


def test_without_timed_answers_no_seconds_are_told() -> None:
    found = Forecast(30, 20, 0.95, CurvePoint(100, 0.93, 0.88, 0.96))
    [point] = Costs(None, None, 0, 0.0).curve(found, Present(100, 0.9, 100, 0.0), [])
    assert point["seconds"] is None
    assert np.isclose(point["accuracy"], 0.93)

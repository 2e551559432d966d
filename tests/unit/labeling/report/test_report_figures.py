"""What the report measures, section by section, on figures that can be counted by hand."""

from __future__ import annotations

import numpy as np
import pytest

from labeling.report.held_out import class_figures, confusion
from labeling.report.learning import _point, described
from labeling.report.spending import model_spending
from labeling.report.voters import edits_between
from labeling.store import Round
from labeling.store.llm_calls import CallStatus
from labeling.store.llm_history import Bill
from labeling.store.voters import Application
from labeling.types import Usage

LABELS = np.array([0, 0, 1, 1, 1], dtype=np.int8)
TRUTH = np.array([0, 1, 1, 1, 0], dtype=np.int64)


def test_classes_are_found_and_right_as_counted() -> None:
    ham, spam, none = class_figures(LABELS, TRUTH, ("HAM", "SPAM", "OTHER"))
    assert (ham.items, ham.recall.hits, ham.recall.among) == (2, 1, 2)
    assert (spam.items, spam.recall.hits, spam.precision.hits, spam.precision.among) == (3, 2, 2, 3)
    assert spam.f1 == pytest.approx(2 / 3)
    assert (none.recall.value, none.precision.value, none.f1) == (None, None, None)


def test_the_confusion_has_the_truth_in_rows() -> None:
    assert confusion(LABELS, TRUTH, 2).tolist() == [[1, 1], [1, 2]]


def test_edits_are_told_against_the_application_before() -> None:
    applied = [
        Application(1, {"a": "v1", "b": "v1"}, "monday"),
        Application(2, {"a": "v2", "c": "v1"}, "tuesday"),
        Application(3, {"a": "v2", "c": "v1", "d": "v1"}, "wednesday"),
    ]
    second, third = edits_between(applied)
    assert (second.at, second.added, second.edited, second.removed) == ("tuesday", ("c",), ("a",), ("b",))
    assert (third.added, third.edited, third.removed) == (("d",), (), ())
    assert edits_between(applied[:1]) == ()


def test_a_model_is_billed_by_the_ledger() -> None:
    bills = [
        Bill("m", CallStatus.ANSWERED, 3, 1, Usage(30, 6, 0, 5), 0.02, 0.0),
        Bill("m", CallStatus.LOST, 2, 0, Usage(0, 0), 0.0, 0.5),
        Bill("m", CallStatus.REFUNDED, 1, 0, Usage(0, 0), 0.0, 0.0),
    ]
    found = model_spending("m", bills, 5.0)
    assert (found.answered, found.lost, found.refunded, found.out) == (3, 2, 1, 0)
    assert (found.billed, found.at_most, found.unpriced) == (0.02, 0.52, 1)
    assert (found.input, found.output, found.cache_read) == (30, 6, 5)


@pytest.mark.parametrize(("rate", "cost"), [(30.0, 61.5), (None, None)])
def test_a_point_costs_hours_and_dollars(rate: float | None, cost: float | None) -> None:
    told = {"labels": 10, "answers": 12, "accuracy": 0.9, "low": 0.8, "high": 0.95, "seconds": 7200}
    found = _point({**told, "spent": 1.5, "ahead": False}, rate)
    assert (found.hours, found.cost) == (2.0, cost)
    assert _point({**told, "seconds": None, "spent": 1.5, "ahead": False}, rate).cost is None


def test_rounds_of_former_versions_tell_nothing() -> None:
    told = {"labels": 5, "answers": 7, "belief": 0.8, "routes": {"accept": 1}}
    turns = [Round(1, "i", "s", "t", {"routes": {}}), Round(2, "j", "s", "t", told)]
    [turn] = described(turns)
    assert (turn.number, turn.labels, turn.answers, turn.routes) == (2, 5, 7, {"accept": 1})

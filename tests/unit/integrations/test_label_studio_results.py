from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.label_studio.guidelines import Guidelines
from integrations.label_studio.results import annotation_of, in_utc, label_of, result_of
from labeling.types import LabelClass, LabelSchema

SCHEMA = LabelSchema((LabelClass("HAM"), LabelClass("SPAM")))
META = {"ext_id": "a", "guideline": "g1"}
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["from_name", "value", "choices", "x"]), inner, max_size=3)
    ),
)


def raw(**changes: Any) -> dict[str, Any]:
    return {
        "id": 7,
        "result": result_of("HAM"),
        "was_cancelled": False,
        "completed_by": 1,
        "lead_time": 2,
        "parent_prediction": None,
        "created_at": "2026-01-01T12:00:00.000000Z",
        "updated_at": "2026-01-01T12:00:01Z",
        **changes,
    }


def predicted(number: int, label: str | None, hour: int) -> dict[str, Any]:
    made = datetime(2026, 1, 1, hour, tzinfo=UTC)
    return {"id": number, "result": result_of(label), "created_at": made}


@given(st.sampled_from(["HAM", "SPAM", None]))
def test_a_label_round_trips(label: str | None) -> None:
    assert label_of(result_of(label), SCHEMA) == label


@given(anything)
def test_no_result_however_broken_raises(result: object) -> None:
    assert label_of(result, SCHEMA) in ("HAM", "SPAM", None)


@pytest.mark.parametrize(
    "result",
    [
        None,
        [],
        result_of("RENAMED"),
        [{"from_name": "label", "value": {"choices": ["HAM", "SPAM"]}}],
        [{"from_name": "label", "value": {"choices": []}}],
        [{"from_name": "label", "value": {"choices": [["HAM"]]}}],
        [{"from_name": "another", "value": {"choices": ["HAM"]}}],
        [{"from_name": "label", "value": "HAM"}],
        [{"from_name": "label"}],
        ["HAM"],
        "HAM",
    ],
)
def test_an_unusable_result_counts_as_skipped(result: object) -> None:
    answer = annotation_of(raw(result=result), META, [], {}, SCHEMA)
    assert (answer.label, answer.skipped) == (None, True)


def test_that_no_class_fits_is_an_answer_where_it_is_allowed() -> None:
    given = raw(result=result_of("None of these"))
    answer = annotation_of(
        given, META, [predicted(1, "HAM", 9)], {}, replace(SCHEMA, unclear="None of these")
    )
    assert (answer.label, answer.skipped, answer.kept) == ("None of these", False, False)
    refused = annotation_of(given, META, [], {}, SCHEMA)
    assert (refused.label, refused.skipped) == (None, True)


def test_other_controls_beside_ours_do_not_matter() -> None:
    comment = {"from_name": "comment", "type": "textarea", "value": {"text": ["hm"]}}
    assert label_of([comment, *result_of("SPAM")], SCHEMA) == "SPAM"


def test_every_field_is_read() -> None:
    answer = annotation_of(raw(), META, [], {1: "ann@example.com"}, SCHEMA)
    assert (answer.annotation_id, answer.task_id, answer.annotator) == ("7", "a", "ann@example.com")
    assert (answer.label, answer.skipped, answer.seconds) == ("HAM", False, 2.0)
    assert (answer.guideline, answer.updated_at) == ("g1", "2026-01-01T12:00:01.000000Z")


def test_what_the_server_leaves_out_is_none_or_the_id() -> None:
    answer = annotation_of(raw(lead_time=None, completed_by=5), {"ext_id": "a"}, [], {}, SCHEMA)
    assert (answer.annotator, answer.seconds, answer.guideline) == ("5", None, "")


def test_an_answer_has_the_guideline_in_force_when_it_was_given() -> None:
    told = Guidelines((("2026-01-01T12:00:00.000000Z", "g2"), ("2026-01-01T12:00:02.000000Z", "g3")))
    moments = ("2026-01-01T11:59:59Z", "2026-01-01T12:00:01Z", "2026-01-01T12:00:02Z")
    answers = [annotation_of(raw(updated_at=m), META, [], {}, SCHEMA, told) for m in moments]
    assert [answer.guideline for answer in answers] == ["g1", "g2", "g3"]


def test_a_cancelled_annotation_is_a_skip_whatever_it_holds() -> None:
    answer = annotation_of(raw(was_cancelled=True), META, [predicted(1, "HAM", 9)], {}, SCHEMA)
    assert (answer.label, answer.skipped, answer.suggestion) == (None, True, "HAM")


def test_the_prediction_that_the_page_names_was_shown() -> None:
    predictions = [predicted(1, "HAM", 9), predicted(2, "SPAM", 10)]
    answer = annotation_of(raw(parent_prediction=1), META, predictions, {}, SCHEMA)
    assert (answer.suggestion, answer.kept) == ("HAM", True)


def test_without_a_name_it_is_the_newest_before_the_answer() -> None:
    predictions = [predicted(3, "HAM", 13), predicted(2, "SPAM", 10), predicted(1, "HAM", 9)]
    answer = annotation_of(raw(), META, predictions, {}, SCHEMA)
    assert (answer.suggestion, answer.kept) == ("SPAM", False)


def test_an_empty_prediction_shows_nothing() -> None:
    answer = annotation_of(raw(), META, [predicted(1, "HAM", 9), predicted(2, None, 10)], {}, SCHEMA)
    assert (answer.suggestion, answer.kept) == (None, None)


def test_times_are_in_utc_and_sort_as_text() -> None:
    assert in_utc("2026-01-01T02:00:00+02:00") == "2026-01-01T00:00:00.000000Z"
    assert (
        in_utc("2026-01-01T00:00:00Z")
        < in_utc("2026-01-01T00:00:00.000001Z")
        < in_utc("2026-01-01T00:00:01Z")
    )

"""What is sent of a task: the same keys in every lane, marks brought up to date only where they differ."""

from __future__ import annotations

import pytest

from integrations.label_studio.sent import data_of, marks_differ
from labeling.types import Lane, ReviewTask


def task(lane: Lane, why: str | None = None, critical: tuple[str, ...] = ()) -> ReviewTask:
    return ReviewTask("t", "d", "r", {"text": "hello"}, lane, 1, 0.5, why=why, critical=critical)


def sent(*told: object) -> dict[str, str]:
    return data_of(task(*told), "text", {"posted by": "posted_by"})  # type: ignore[arg-type]


@pytest.mark.parametrize("lane", Lane)
def test_every_lane_has_the_same_keys_and_what_is_missing_is_empty(lane: Lane) -> None:
    expected = {"text": "hello", "ext_id": "t", "why": "", "critical": "", "posted_by": ""}
    assert sent(lane) == expected
    assert list(sent(lane)) == list(expected)
    assert sent(lane, None, ("german", "new"))["critical"] == "Critical: german, new"


def test_marks_are_renewed_where_they_differ_or_were_never_sent() -> None:
    wanted = sent(Lane.REVIEW, "SPAM, 90% probable.")
    assert not marks_differ({**wanted, "text": "edited by hand"}, wanted)
    assert marks_differ({**wanted, "why": ""}, wanted)
    assert marks_differ({"text": "hello", "ext_id": "t"}, sent(Lane.AUDIT))
    assert marks_differ(None, wanted)

"""What a content of a release teaches, and what it is a sample of."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from labeling.end_model.lessons import Answers, Lesson, Lessons, Stratum


def lesson(source: str | None, *lanes: str, label: int = 1, text: str = "a") -> Lesson:
    label = label if source else -1
    return Lesson(text, text, label, source, np.eye(2)[label], Answers(Counter(), {*lanes}))


@pytest.mark.parametrize(
    ("found", "teaches", "sampled", "stratum"),
    [
        (lesson("certified"), True, False, Stratum.DRAWN),
        (lesson("known"), True, True, Stratum.KNOWN),
        (lesson("human", "review"), True, True, Stratum.CHOSEN),
        (lesson("human", "review", "overlap"), True, True, Stratum.CHOSEN),
        (lesson("human", "audit", "review"), True, True, Stratum.CHOSEN),
        (lesson("human", "audit"), False, True, Stratum.DRAWN),
        (lesson("human", "watch"), False, False, Stratum.DRAWN),
        (lesson("human", "watch", "audit"), False, True, Stratum.DRAWN),
        (lesson(None, "review"), False, False, Stratum.CHOSEN),
        (lesson(None, "audit"), False, False, Stratum.DRAWN),
        (lesson(None), False, False, Stratum.DRAWN),
    ],
)
def test_the_lane_decides(found: Lesson, teaches: bool, sampled: bool, stratum: Stratum) -> None:
    assert (found.teaches, found.sampled, found.stratum) == (teaches, sampled, stratum)


def test_arrays_of_lessons() -> None:
    of = [lesson("certified", text="a"), lesson("human", "audit", text="b"), lesson(None, text="c")]
    lessons = Lessons(of, gone=2)
    assert (len(lessons), lessons.kept_apart, lessons.sources) == (3, 1, {"certified": 1})
    assert lessons.labels.tolist() == [1, 1, -1]
    assert lessons.texts(lessons.sampled) == ["b"]
    assert lessons.targets(lessons.teaches).tolist() == [[0, 1]]
    assert len(lessons.targets(np.zeros(3, dtype=bool))) == 0

"""Why a class is suggested, in plain words and never in a blind lane; critical slices that people may see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from labeling.config.sections import SliceConfig
from labeling.rounds.shown import critical_slices, with_reasons
from labeling.routing import CriticalReasons
from labeling.types import ABSTAIN, LabelClass, LabelSchema, Lane, ReviewTask, VoteMatrix

SCHEMA = LabelSchema((LabelClass("HAM"), LabelClass("SPAM", critical=True)))
VOTERS = tuple(f"voter {j}" for j in range(7))
HARD = np.array([[1, 1, 0, 1, 1, 1, 1], [ABSTAIN] * 7, [0] + [ABSTAIN] * 6], dtype=np.int8)
ITEMS: Any = SimpleNamespace(digests=np.array(["a", "b", "c"], dtype=object))
NOTHING = np.full(3, ABSTAIN, dtype=np.int8)
CALM = CriticalReasons(np.zeros(3, dtype=bool), NOTHING, NOTHING, np.zeros(3))


def task(digest: str, lane: Lane = Lane.REVIEW, suggestion: str | None = "SPAM") -> ReviewTask:
    return ReviewTask(digest, digest, "r", {}, lane, 1, 0.5, suggestion=suggestion, confidence=0.871)


def told(
    *tasks: ReviewTask, critical: CriticalReasons = CALM, before: Mapping[str, Any] = {}
) -> list[str | None]:
    votes = VoteMatrix(HARD, VOTERS, 2)
    return [t.why for t in with_reasons(tasks, ITEMS, votes, critical, SCHEMA, before)]


def test_voters_are_named_by_what_they_say_the_suggested_class_first() -> None:
    [why] = told(task("a"))
    assert why == (
        "SPAM, 87% probable. For SPAM: voter 0, voter 1, voter 3, voter 4 and 2 more. For HAM: voter 2."
    )
    assert told(task("c", suggestion="HAM")) == ["HAM, 87% probable. For HAM: voter 0."]


def test_what_was_said_stays_while_the_same_class_is_suggested() -> None:
    before = {d: SimpleNamespace(suggestion=s, why=f"of {s}") for d, s in (("a", "SPAM"), ("c", "SPAM"))}
    kept, renewed = told(task("a"), task("c", suggestion="HAM"), before=before)
    assert kept == "of SPAM"
    assert renewed == "HAM, 87% probable. For HAM: voter 0."


def test_where_nobody_votes_it_says_so() -> None:
    assert told(task("b")) == ["SPAM, 87% probable. No voter says anything of it."]


def test_critical_votes_and_chances_are_told_beside_the_suggestion() -> None:
    voted = replace(CALM, voted=np.array([ABSTAIN, ABSTAIN, 1], dtype=np.int8))
    assert told(task("c", suggestion="HAM"), critical=voted) == [
        "HAM, 87% probable. For HAM: voter 0. SPAM is critical: a person decides."
    ]


@pytest.mark.parametrize("lane", [lane for lane in Lane if lane != Lane.REVIEW])
def test_no_other_lane_is_told_anything(lane: Lane) -> None:
    every = replace(CALM, voted=np.ones(3, dtype=np.int8))
    assert told(task("a", lane), task("b", suggestion=None), critical=every) == [None, None]


def test_critical_slices_are_shown_where_they_read_what_people_may_see() -> None:
    slices = {
        "german": SliceConfig(where="language == 'de'", critical=True),
        "short": SliceConfig(where="language == 'de'"),
        "rich": SliceConfig(where="salary > 3", critical=True),
    }
    project: Any = SimpleNamespace(config=SimpleNamespace(slices=slices))
    data = pd.DataFrame({"language": ["de", "en"], "salary": [5, 5]})
    items: Any = SimpleNamespace(
        public_fields=("language",), text_field="text", frame=lambda names: data[sorted(names)]
    )
    found = critical_slices(project, items)
    assert {name: mask.tolist() for name, mask in found.items()} == {"german": [True, False]}

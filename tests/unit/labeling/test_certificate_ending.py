"""How a certificate ends: what its promise leaves room for, and what is said of its end."""

from __future__ import annotations

from dataclasses import replace

import pytest

from labeling.certificates import Certificate
from labeling.certificates.ending import endings, wrong_allowed

SAID = Certificate(
    promise="dataset",
    alpha=0.05,
    delta=0.1,
    delta_spent=0.06,
    threshold=0.9,
    population=1000,
    top=900,
    audited=100,
    errors=4,
    unanswered=0,
    allowed=5,
    inside=90,
    inside_wrong=3,
    accepted=700,
    critical_found=None,
    critical_at_most=None,
    auditors=("anna",),
    scorer="s",
    covers="c",
    test=1,
    frame=1,
)


@pytest.mark.parametrize(("promise", "room"), [("dataset", 50), ("selective", 35)])
def test_the_room_for_wrong_labels_is_that_of_the_promise(promise: str, room: int) -> None:
    assert wrong_allowed(replace(SAID, promise=promise)) == room


def test_the_room_of_groups_is_the_sum_of_theirs() -> None:
    groups = (replace(SAID, population=119, group="class HAM"), replace(SAID, population=99, group="class B"))
    assert wrong_allowed(replace(SAID, groups=groups)) == 5 + 4


def test_the_end_is_said_where_there_is_one() -> None:
    assert not any("days" in line for line in endings(SAID))
    assert "30 days after it was given" in endings(replace(SAID, expires=30))
    [alarm] = [line for line in endings(SAID) if "alarm" in line]
    assert "with probability 0.1 at most" in alarm


def test_days_and_looks_survive_storage() -> None:
    kept = replace(SAID, expires=30, looks=7)
    assert Certificate.from_dict(kept.to_dict()) == kept

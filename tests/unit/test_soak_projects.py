"""The count of projects that break a promise, and the projects that are not played again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from labeling.certificates.auditors import level_of_rate, mistaken_at_most, rate_at_most
from tests.soak.projects import DELTA, append, read, tallies, untrue_at_most


def told(seed: int, wrong: int = 0, untrue: int = 0, people: str = "perfect") -> dict[str, Any]:
    outcome = {"rows": 0.5, "units": 500, "wrong_to_auditors": wrong, "wrong": untrue, "room": 40}
    project = {"set": "youtube", "people": people, "seed": seed, "spent": 400, "able": 900}
    return {**project, "doubled": 20, "differ": 0, "dataset": outcome, "selective": {**outcome, "rows": 0.1}}


def test_a_promise_breaks_where_more_are_wrong_than_there_is_room_for() -> None:
    played = [told(0, wrong=40), told(1, wrong=41), told(2, wrong=90), told(3)]
    dataset, selective = tallies(played)
    assert (dataset.promise, dataset.broken, dataset.accepted) == ("dataset", 2, 0.5)
    assert (selective.promise, selective.accepted) == ("selective", 0.1)
    assert not dataset.kept


def test_the_auditors_error_widens_what_may_be_untrue() -> None:
    bound = untrue_at_most(told(0), "dataset")
    rate = rate_at_most(0, 20, level_of_rate(DELTA))
    assert bound == 40 + mistaken_at_most(rate, 900, 500) > 40 + 900 * rate
    (dataset, _) = tallies([told(0, untrue=bound), told(1, untrue=bound + 1)])
    assert (dataset.broken, dataset.untrue) == (0, 1)


@pytest.mark.parametrize(("broken", "kept"), [(11, True), (12, False)])
def test_three_standard_errors_over_delta_are_too_many(broken: int, kept: bool) -> None:
    played = [told(seed, wrong=99 if seed < broken else 0) for seed in range(100)]
    assert tallies(played)[0].kept is kept


def test_sets_and_people_are_counted_apart() -> None:
    counted = tallies([told(0), told(0, people="5 % errors"), told(1)])
    assert [(t.people, t.promise, len(t.played)) for t in counted] == [
        ("5 % errors", "dataset", 1),
        ("5 % errors", "selective", 1),
        ("perfect", "dataset", 2),
        ("perfect", "selective", 2),
    ]
    assert counted[2].row().startswith("| youtube | perfect | dataset | 2 | 400 | 0.500 | 0 (")


def test_finished_projects_are_read_back(tmp_path: Path) -> None:
    out = tmp_path / "projects.jsonl"
    assert list(read(out)) == []
    for seed in range(2):
        append(out, told(seed))
    assert list(read(out)) == [told(0), told(1)]

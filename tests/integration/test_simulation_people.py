"""Simulations with other people, arms, strategies and voters than the usual ones."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from labeling.errors import InputError
from labeling.project import Project
from labeling.simulation import Simulation, simulate
from labeling.simulation.habits import Habits
from tests.projects import opened, small_rows, write_project

ROWS = small_rows(120)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    with opened(write_project(tmp_path_factory.mktemp("people"), ROWS, audit=30, alpha=0.2)) as found:
        yield found


def run(project: Project, **more: object) -> Simulation:
    options: dict[str, object] = {"labels": 60, "batch": 20, "audit": 0, "arms": ["random"], **more}
    return simulate(project, gold="label", **options)  # type: ignore[arg-type]


def last(result: Simulation, arm: str = "random") -> dict[str, float]:
    return result.curves[arm][-1]


def test_errors_of_people_cost_accuracy(project: Project) -> None:
    wrong = last(run(project, people=Habits(error_rate=0.5)))["accuracy"]
    assert wrong < last(run(project))["accuracy"] - 0.1


def test_skips_cost_time_but_no_answers(project: Project) -> None:
    skipping = run(project, people=Habits(skipping=0.3))
    assert [p["labels"] for p in skipping.curves["random"]] == [20, 40, 60]
    assert last(skipping)["hours"] > 1.2 * last(run(project))["hours"]
    assert skipping.people == "people with 30% skipped"


def test_what_everybody_skips_uses_the_pool_up(project: Project) -> None:
    result = run(project, labels=120, people=Habits(skipping=0.5))
    answered = [p["labels"] for p in result.curves["random"]]
    assert 70 <= answered[-1] <= 105
    assert answered[:3] == [20, 40, 60]


def test_hours_are_the_seconds_of_answers(project: Project) -> None:
    result = run(project, people=Habits(seconds=36.0, spread=0.0))
    assert [p["hours"] for p in result.curves["random"]] == pytest.approx([0.2, 0.4, 0.6])


def test_anchored_people_see_suggestions_in_review_alone(project: Project) -> None:
    habits = Habits(anchored=1.0)
    assert last(run(project, people=habits))["accuracy"] < last(run(project))["accuracy"]
    audited = run(project, people=habits, arms=["quorum"], labels=30, batch=30, audit=30)
    plain = run(project, arms=["quorum"], labels=30, batch=30, audit=30)
    assert audited.curves == plain.curves


def test_nobody_is_anchored_by_a_baseline(project: Project) -> None:
    arms = ["modal", "snorkel"]
    assert run(project, arms=arms, people=Habits(anchored=1.0)).curves == run(project, arms=arms).curves


def test_all_arms_go_side_by_side(project: Project) -> None:
    arms = ["quorum", "active_only", "random", "modal", "snorkel"]
    result = run(project, arms=arms, strategies=["margin"])
    assert list(result.curves) == [*arms, "quorum:margin"]
    assert {len(curve) for curve in result.curves.values()} == {3}
    assert {saved.against for saved in result.saved} == {*arms[1:], "quorum:margin"}
    assert result.to_dict()["saved"][0]["said"].startswith("quorum reaches ")


def test_without_voters_there_is_active_learning_alone(project: Project) -> None:
    nobody = run(project, arms=["quorum", "active_only"], voters=["none"])
    assert nobody.curves["quorum"] == nobody.curves["active_only"]
    everybody = run(project, arms=["active_only"])
    assert everybody.curves["active_only"] == nobody.curves["active_only"]


def test_some_voters_are_not_all(project: Project) -> None:
    some = run(project, arms=["quorum"], voters=["money", "par*"])
    assert some.curves != run(project, arms=["quorum"]).curves


@pytest.mark.parametrize(
    ("more", "word"),
    [({"arms": ["nothing"]}, "nothing"), ({"strategies": ["magic"]}, "magic"), ({"voters": ["x"]}, "'x'")],
)
def test_names_that_there_are_not_are_told_before_anything_runs(
    project: Project, more: dict[str, list[str]], word: str
) -> None:
    with pytest.raises(InputError, match=word):
        run(project, **more)


def test_noisy_auditors_break_no_promise_that_is_kept(project: Project) -> None:
    result = run(project, arms=["quorum"], labels=60, audit=30, seeds=2, people=Habits(error_rate=0.1))
    assert result.violations in (0.0, 0.5, 1.0)
    assert np.isfinite(last(result, "quorum")["accepted"])

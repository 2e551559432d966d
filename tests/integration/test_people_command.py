"""`quorum people` on a project whose people have planted habits."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from labeling.cli.commands import main
from labeling.people.withholding import is_withheld
from labeling.rounds.live import turn
from labeling.types import Lane, ReviewTask
from tests.fakes import FakeQueue
from tests.projects import gold_of, known, opened, small_rows, synced, write_project

CLASSES = ("BILL", "SHIP", "FIRE")
PEOPLE = """
people: {withheld: 0.3, cost_per_hour: 30}
slices:
  lamps: {where: "text != 'lamp'"}
"""
Habit = Callable[[ReviewTask, str, random.Random], tuple[str | None, float]]


def reads(task: ReviewTask, truth: str, rng: random.Random) -> tuple[str | None, float]:
    said = truth if rng.random() < 0.95 else rng.choice(CLASSES)
    return said, rng.lognormvariate(2.7, 0.4)


def clicks(task: ReviewTask, truth: str, rng: random.Random) -> tuple[str | None, float]:
    return "BILL", rng.lognormvariate(0.7, 0.2)


def guesses(task: ReviewTask, truth: str, rng: random.Random) -> tuple[str | None, float]:
    return rng.choice(CLASSES), rng.lognormvariate(2.7, 0.4)


def is_led(task: ReviewTask, truth: str, rng: random.Random) -> tuple[str | None, float]:
    if task.suggestion and rng.random() < 0.9:
        return task.suggestion, rng.lognormvariate(1.9, 0.4)
    return reads(task, truth, rng)


def people_at_work(folder: Path, habits: dict[str, Habit], each: int, n: int = 240, batch: int = 60) -> Path:
    """Let people of some habits answer two batches, ``each`` of them every task."""
    rows = small_rows(n)
    config = write_project(folder, rows, batch=batch, more=PEOPLE)
    truth, rng = gold_of(rows), random.Random(0)
    with opened(config) as project:
        queue = FakeQueue(project.schema)
        for _ in range(2):
            turn(project)
            synced(project, queue)
            for task_id in sorted(queue.open_ids()):
                task = queue.tasks[task_id]
                for name in rng.sample(sorted(habits), each):
                    said, seconds = habits[name](task, truth[task.row_id], rng)
                    queue.answer(task_id, said, annotator=name, seconds=seconds)
            synced(project, queue)
    return config


def told(config: Path) -> dict:
    done = CliRunner().invoke(main, ["people", str(config), "--json"])
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Path:
    habits: dict[str, Habit] = {"ann": reads, "bob": reads, "cyd": clicks, "dan": guesses}
    return people_at_work(tmp_path_factory.mktemp("team"), habits, each=2)


def test_spammer_and_clicker_are_found_and_nobody_else(team: Path) -> None:
    people = {person["name"]: person for person in told(team)["people"]}
    assert any("BILL, the first class on the page" in said for said in people["cyd"]["suspicions"])
    assert any("where the others take" in said for said in people["cyd"]["suspicions"])
    assert any("hardly depend on the text" in said for said in people["dan"]["suspicions"])
    assert people["ann"]["suspicions"] == people["bob"]["suspicions"] == []


def test_people_are_held_against_the_gold_column(team: Path) -> None:
    people = {person["name"]: person for person in told(team)["people"]}
    assert people["ann"]["on_checks"]["value"] > 0.9
    assert people["dan"]["on_checks"]["value"] < 0.6
    assert sum(map(sum, people["ann"]["confusion"])) == people["ann"]["answers"]
    assert people["cyd"]["seconds"] < 4 < people["ann"]["seconds"]


def test_agreement_is_told_as_a_whole_and_in_parts(team: Path) -> None:
    found = told(team)["agreement"]
    assert found["items"] > 100
    assert found["krippendorff"]["low"] < found["krippendorff"]["value"] < found["krippendorff"]["high"]
    assert set(found["classes"]) == set(CLASSES)
    assert 0 < found["blind"]["items"] < found["items"]
    assert found["slices"]["lamps"]["items"] == found["items"]
    assert found["pairs"][-1]["people"] == ["ann", "bob"]
    assert len(found["periods"]) >= 2


def test_time_and_cost_are_told(team: Path) -> None:
    effort = told(team)["effort"]
    assert effort["answers"] == sum(p["answers"] + p["skipped"] for p in told(team)["people"])
    assert effort["cost"] == pytest.approx(effort["hours"] * 30, rel=1e-3)
    assert effort["open"] == 0


def test_people_read_it_in_words(team: Path) -> None:
    said = CliRunner().invoke(main, ["people", str(team)]).output
    assert "agreement on" in said
    assert "without a suggestion, " in said
    assert "cyd: names BILL" in said
    assert "cost: " in said


def test_nothing_is_written(team: Path) -> None:
    with opened(team) as project:
        before = known(project)
    told(team)
    with opened(team) as project:
        assert known(project) == before


def test_suggestions_are_withheld_by_chance_and_recorded(tmp_path: Path) -> None:
    config = people_at_work(tmp_path, {"ann": reads}, each=1)
    with opened(config) as project:
        people = known(project)
        tasks = {t.task_id: t for t in people.tasks if t.lane == Lane.REVIEW and t.suggestion}
        assert len(tasks) > 40
        for digest, answer in people.given:
            if answer.task_id in tasks:
                # None also where selection picked an item of the audit that was answered already.
                shown = (
                    {None} if is_withheld("small", digest, 0.3) else {None, tasks[answer.task_id].suggestion}
                )
                assert answer.suggestion in shown
        assert sum(a.suggestion is not None for _, a in people.given) > 30
        assert 0.1 < sum(is_withheld("small", t.digest, 0.3) for t in tasks.values()) / len(tasks) < 0.5


def test_planted_anchoring_is_found(tmp_path: Path) -> None:
    found = told(people_at_work(tmp_path, {"ann": is_led, "bob": is_led}, each=1, n=600, batch=150))
    assert found["anchoring"]["wrong_shown"]["low"] > 0.5
    assert found["anchoring"]["saved"]["low"] > 0
    assert found["anchoring"]["found"]


def test_before_the_first_answer_it_says_so(tmp_path: Path) -> None:
    config = write_project(tmp_path, small_rows(20))
    done = CliRunner().invoke(main, ["people", str(config)])
    assert done.exit_code == 2
    assert "nobody has answered yet" in done.output

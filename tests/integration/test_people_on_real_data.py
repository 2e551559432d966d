"""People of known confusion on real comments: what is planted is found, and intervals hold it."""

from __future__ import annotations

import gzip
import json
import os
import random
from collections.abc import Mapping
from pathlib import Path

import pytest

from labeling.rounds.live import turn
from labeling.team.report import TeamReport, describe_people
from labeling.types import ReviewTask
from tests.conftest import absent
from tests.fakes import FakeQueue
from tests.projects import opened, synced

DATA = Path(os.environ.get("QUORUM_DATA", Path(__file__).parents[3] / "shared" / "data"))
CONFIG = """\
project: youtube
items: {{path: {path}}}
gold: {{column: label, use: score}}
labels: [{{name: HAM}}, {{name: SPAM}}]
voters: [{{columns: ["lf_*"]}}]
active: {{batch: {batch}}}
routing: {{audit: 100}}
people: {{withheld: 0.2}}
"""
MISTAKES = {
    "ann": {"HAM": 0.03, "SPAM": 0.05},
    "bob": {"HAM": 0.1, "SPAM": 0.1},
    "cyd": {"HAM": 0.02, "SPAM": 0.25},
    "spammer": {"HAM": 0.5, "SPAM": 0.5},
}
"""How often each person takes a class for the other one."""


def worked(
    folder: Path, people: Mapping[str, Mapping[str, float]], anchored: float, batch: int
) -> TeamReport:
    """Let two people answer each task of two rounds, and tell of them."""
    source = DATA / "youtube" / "pool.jsonl.gz"
    if not source.exists():
        absent(f"{source} is not there: set QUORUM_DATA to the folder of real data")
    with gzip.open(source, "rt", encoding="utf-8") as lines:
        truth = {str(row["id"]): row["label"] for row in map(json.loads, lines)}
    config = folder / "youtube.yaml"
    config.write_text(CONFIG.format(path=source, batch=batch), encoding="utf-8")
    rng = random.Random(1)
    with opened(config) as project:
        queue = FakeQueue(project.schema)
        for _ in range(2):
            turn(project)
            synced(project, queue)
            for task_id in sorted(queue.open_ids()):
                for name in rng.sample(sorted(people), 2):
                    answer(queue, queue.tasks[task_id], name, truth, people[name], anchored, rng)
            synced(project, queue)
        return describe_people(project)


def answer(
    queue: FakeQueue,
    task: ReviewTask,
    name: str,
    truth: Mapping[str, str],
    mistakes: Mapping[str, float],
    anchored: float,
    rng: random.Random,
) -> None:
    right = truth[task.row_id]
    wrong = "SPAM" if right == "HAM" else "HAM"
    if task.suggestion == wrong and rng.random() < anchored:
        said = wrong
    else:
        said = wrong if rng.random() < mistakes[right] else right
    seconds = rng.lognormvariate(2.8, 0.5) * (0.6 if said == task.suggestion else 1.0)
    queue.answer(task.task_id, said, annotator=name, seconds=seconds)


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> TeamReport:
    return worked(tmp_path_factory.mktemp("youtube"), MISTAKES, anchored=0.0, batch=200)


def test_the_planted_spammer_is_found_and_nobody_else(team: TeamReport) -> None:
    told = {person.name: person.suspicions for person in team.people}
    assert any("hardly depend" in said for said in told.pop("spammer"))
    assert not any(told.values())


def test_intervals_hold_the_planted_confusions(team: TeamReport) -> None:
    for person in team.people:
        table, mistakes = person.quality.confusion, MISTAKES[person.name]
        expected = (table.sum(axis=1) @ [mistakes["HAM"], mistakes["SPAM"]]) / table.sum()
        low, high = person.quality.on_checks.interval(0.99)
        assert low <= 1 - expected <= high, person.name


def test_where_nobody_is_led_no_anchoring_is_found(team: TeamReport) -> None:
    assert not team.anchoring.found
    assert team.anchoring.saved.low > 0


def test_planted_anchoring_is_found(tmp_path: Path) -> None:
    honest = {name: MISTAKES[name] for name in ("ann", "bob", "cyd")}
    found = worked(tmp_path, honest, anchored=0.7, batch=300).anchoring
    assert found.found
    low, high = found.wrong_shown.interval(0.99)
    assert low <= 0.7 + 0.3 * 0.09 <= high
    assert found.wrong_withheld.interval()[1] < found.wrong_shown.interval()[0]

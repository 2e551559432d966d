"""Rounds tell whether labels still change and what more answers bring, and second opinions reach people."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from labeling.cli.advice import show_forecast
from labeling.cli.display import round_report
from labeling.errors import InputError
from labeling.pool import load_pool
from labeling.pool.training import pool_gold
from labeling.project import Project
from labeling.rounds.advice import last_advice
from labeling.rounds.live import turn
from labeling.rounds.report import RoundReport
from labeling.store import frames, manifest
from labeling.types import Lane
from tests.fakes import FakeQueue
from tests.projects import digest, gold_of, known, opened, small_rows, synced, write_project

ROWS = small_rows(200)
HALF_UNIFORM = "active: {batch: 20, uniform_share: 0.5"


def project_with(folder: Path, active: str = "") -> Path:
    config = write_project(folder, ROWS, audit=10)
    text = config.read_text(encoding="utf-8").replace("active: {batch: 10", HALF_UNIFORM + active)
    config.write_text(text, encoding="utf-8")
    return config


def answered(project: Project, queue: FakeQueue, who: str = "ann", wrong: int = 0) -> RoundReport:
    """Turn, send, answer all that is open and fetch; every ``wrong``-th answer is another class."""
    report = turn(project)
    synced(project, queue)
    gold = gold_of(ROWS)
    for number, task_id in enumerate(sorted(queue.open_ids())):
        task = queue.tasks[task_id]
        person = "bob" if task.lane == Lane.OVERLAP else who
        label = gold[task.row_id]
        if wrong and number % wrong == 0 and task.lane == Lane.REVIEW:
            label = "SHIP" if label != "SHIP" else "BILL"
        queue.answer(task_id, label, annotator=person, seconds=600.0 if number == 0 else 8.0)
    synced(project, queue)
    return report


def test_rounds_tell_how_accurate_labels_are_and_whether_they_change(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with opened(project_with(tmp_path)) as project:
        with project.store.write() as tx:
            frames.open_frame(tx, "salt", 0.05)
        queue = FakeQueue(project.schema)
        reports = [answered(project, queue) for _ in range(5)]
        before = digest(project)
        repeated = turn(project)
        again = turn(project)
        assert (again.forecast, again.stopping) == (repeated.forecast, repeated.stopping)
        advice = last_advice(project)
        with project.store.read() as tx:
            kept = manifest.entries(tx, "stop_set")
        table = project.artifacts.read(kept[-1])
    assert before
    told = [report.forecast for report in reports]
    assert all(forecast is not None for forecast in told)
    assert "(0 of 20)" in told[0]["said"]
    assert told[0]["now"] is None
    last = repeated.forecast
    assert last is not None
    assert last["uniform"] >= 20
    assert last["now"]["low"] < last["now"]["accuracy"] <= last["now"]["high"]
    assert [p["labels"] for p in last["curve"]] == sorted({p["labels"] for p in last["curve"]})
    assert [p["ahead"] for p in last["curve"]] == sorted(p["ahead"] for p in last["curve"])
    assert last["costs"]["seconds_per_answer"] == 8.0, "one break of ten minutes a batch moved it"
    assert last["curve"][0]["seconds"] == last["curve"][0]["answers"] * 8
    assert len(reports[4].stopping["kappas"]) == 3
    assert len(table) == 200
    assert len(kept) == repeated.round
    assert advice["forecast"] == last
    round_report(repeated.to_dict())
    show_forecast(advice)
    printed = capsys.readouterr().out
    assert "  stopping    labels" in printed
    assert "  forecast    accuracy" in printed
    for point in last["curve"]:
        assert f"{point['accuracy']:.3f}" in printed
        assert f"{point['seconds'] / 3600:.1f} h" in printed
    json.dumps(repeated.to_dict())


def test_before_the_first_round_there_is_nothing_to_tell(tmp_path: Path) -> None:
    with opened(project_with(tmp_path)) as project, pytest.raises(InputError, match="quorum run"):
        last_advice(project)


def test_second_opinions_reach_another_person_and_count(tmp_path: Path) -> None:
    with opened(project_with(tmp_path, ", second_opinions: 0.25")) as project:
        with project.store.write() as tx:
            frames.open_frame(tx, "salt", 0.05)
        queue = FakeQueue(project.schema)
        answered(project, queue, "ann")
        answered(project, queue, "ann")
        answered(project, queue, "bob", wrong=2)
        before = known(project).picked
        turn(project)
        people = known(project)
        asked = [t for t in people.tasks if t.lane == Lane.OVERLAP]
        assert 1 <= len(asked) <= 5
        assert len(asked) + len(people.picked - before) == 20
        assert all(t.suggestion is None and t.inclusion is None for t in asked)
        assert {people.gold[t.digest].lane for t in asked} == {Lane.REVIEW}
        assert ("bob",) in {people.gold[t.digest].annotators for t in asked}, "he is the noisy one"
        assert turn(project).repeated
        synced(project, queue)
        assert {t.task_id for t in asked} <= queue.open_ids()
        assert {t.task_id for t in known(project).open_repeats} == {t.task_id for t in asked}
        for task in asked:
            first = people.gold[task.digest]
            other = "BILL" if first.label != "BILL" else "SHIP"
            queue.answer(task.task_id, other, annotator="carol")
        synced(project, queue)
        after = known(project)
        assert after.open_repeats == ()
        assert {after.gold[t.digest].label for t in asked} == {None}
        assert {len(after.gold[t.digest].annotators) for t in asked} == {2}
        assert not turn(project).repeated


def test_who_disagrees_makes_a_label_count_less(tmp_path: Path) -> None:
    with opened(project_with(tmp_path)) as project:
        queue = FakeQueue(project.schema)
        answered(project, queue)
        task_id = next(i for i in sorted(queue.tasks) if queue.tasks[i].lane == Lane.REVIEW)
        label = gold_of(ROWS)[queue.tasks[task_id].row_id]
        queue.answer(task_id, label, annotator="bob")
        queue.answer(task_id, "FIRE" if label != "FIRE" else "BILL", annotator="carol")
        synced(project, queue)
        pool = load_pool(project)
        gold = pool_gold(project, pool, known(project))
    weights = dict(zip(pool.items.digests[gold.rows], gold.weights, strict=True))
    assert weights.pop(queue.tasks[task_id].digest) == pytest.approx(2 / 3)
    assert set(weights.values()) == {1.0}
    assert np.isin(gold.labels[gold.rows], [0, 1, 2]).all()

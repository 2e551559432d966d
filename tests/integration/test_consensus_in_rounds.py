"""The configured consensus in the loop: gold is weighed, rounds stay idempotent, audits keep out of it."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from labeling.app import open_project
from labeling.export import export_labels
from labeling.gold import amount_to
from labeling.rounds.live import turn
from labeling.store import model_opinions
from labeling.types import Lane
from tests.fakes import FakeQueue
from tests.projects import gold_of, known, opened, small_rows, synced, write_project

ROWS = small_rows(200)
TRUTH = gold_of(ROWS)
CARE = {"ann": 0.97, "bob": 0.95, "cyd": 0.4, "dan": 0.4, "eve": 0.4}


def answered_project(folder: Path, rule: str) -> Path:
    """Have five people, three of them careless, answer all tasks of a batch."""
    config = write_project(folder, ROWS, batch=60, more=f"people: {{consensus: {rule}}}")
    rng = random.Random(0)
    with opened(config) as project:
        queue = FakeQueue(project.schema)
        turn(project)
        synced(project, queue)
        for task_id in sorted(queue.open_ids()):
            for name, care in CARE.items():
                truth = TRUTH[queue.tasks[task_id].row_id]
                wrong = [name for name in project.schema.names if name != truth]
                queue.answer(task_id, truth if rng.random() < care else rng.choice(wrong), annotator=name)
        synced(project, queue)
    return config


@pytest.mark.parametrize("rule", ["dawid_skene", "with_model"])
def test_weighed_review_answers_are_right_where_counted_ones_are_not(tmp_path: Path, rule: str) -> None:
    config = answered_project(tmp_path, rule)
    with opened(config) as project:
        people = known(project)
    truth = {t.digest: TRUTH[t.row_id] for t in people.tasks}
    reviewed = [g for g in people.gold.values() if g.lane == Lane.REVIEW]
    counted = [amount_to([label for _, label in g.said])[0] for g in reviewed]
    weighed_right = sum(g.label == truth[g.digest] for g in reviewed)
    assert weighed_right > sum(c == truth[g.digest] for g, c in zip(reviewed, counted, strict=True))
    assert weighed_right / len(reviewed) > 0.9


def test_audit_answers_are_counted_and_nothing_else(tmp_path: Path) -> None:
    config = answered_project(tmp_path, "dawid_skene")
    with opened(config) as project:
        audited = [g for g in known(project).gold.values() if g.lane == Lane.AUDIT]
    assert audited
    assert all(g.confidence is None for g in audited)
    assert all(g.label == amount_to([label for _, label in g.said])[0] for g in audited)


@pytest.mark.parametrize("rule", ["dawid_skene", "with_model"])
def test_a_round_with_the_same_answers_is_the_same_round(tmp_path: Path, rule: str) -> None:
    config = answered_project(tmp_path, rule)
    with opened(config) as project:
        second = turn(project)
        assert not second.repeated
        again = turn(project)
        assert (again.round, again.repeated) == (second.round, True)


def test_what_models_said_of_answered_items_is_kept_with_the_round(tmp_path: Path) -> None:
    config = answered_project(tmp_path, "with_model")
    with opened(config) as project:
        with project.store.read() as tx:
            assert model_opinions.read(tx) == {}
        before = {d for d, g in known(project).gold.items() if g.lane == Lane.REVIEW}
        turn(project)
        with project.store.read() as tx:
            kept = model_opinions.read(tx)
        after = known(project).gold
    assert set(kept) == before <= {d for d, g in after.items() if g.lane == Lane.REVIEW}
    assert all(sum(said.values()) == pytest.approx(1, abs=1e-4) for said in kept.values())


def test_an_export_says_who_said_what_and_how_sure_that_is(tmp_path: Path) -> None:
    config = answered_project(tmp_path, "dawid_skene")
    turn(open_project(str(config)))
    frame = export_labels(open_project(str(config)), tmp_path / "labels.jsonl")
    human = frame[frame["source"] == "human"]
    said = human["answers"].map(json.loads)
    assert set(said.iloc[0]) == set(CARE)
    assert all(label in answers.values() for label, answers in zip(human["label"], said, strict=True))
    assert human["confidence"].between(0, 1).all()
    assert frame[frame["source"] != "human"]["confidence"].isna().all()

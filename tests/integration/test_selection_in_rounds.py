"""What a project's `active` section does to the questions that rounds send to people."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

from labeling.config import load_config
from labeling.errors import InputError
from labeling.pool import load_pool
from labeling.project import Project
from labeling.rounds.live import turn
from labeling.store import StoredTask, frames
from labeling.types import Lane
from tests.fakes import FakeQueue
from tests.projects import answer, gold_of, known, opened, small_rows, synced, write_project

ROWS = small_rows(120)
BATCH = 10


def project_with(folder: Path, active: str, rows: list[dict[str, Any]] = ROWS, **other: Any) -> Path:
    config = write_project(folder, rows, batch=BATCH, **other)
    text = config.read_text(encoding="utf-8")
    assert f"active: {{batch: {BATCH}}}" in text
    changed = text.replace(f"active: {{batch: {BATCH}}}", f"active: {{batch: {BATCH}, {active}}}")
    config.write_text(changed, encoding="utf-8")
    return config


def reviewed(project: Project) -> dict[str, StoredTask]:
    return {t.row_id: t for t in known(project).tasks if t.lane == Lane.REVIEW}


def cycle(project: Project, queue: FakeQueue) -> dict[str, StoredTask]:
    """Do a round, have people answer, and give the review tasks that it added, by row."""
    before = reviewed(project)
    turn(project)
    synced(project, queue)
    answer(queue, gold_of(ROWS))
    synced(project, queue)
    return {row: task for row, task in reviewed(project).items() if row not in before}


def picked(project: Project, rounds: int = 3) -> list[set[str]]:
    queue = FakeQueue(project.schema)
    return [set(cycle(project, queue)) for _ in range(rounds)]


def test_the_configured_strategy_chooses(tmp_path: Path) -> None:
    chosen = {}
    for name in ("auto", "margin", "k_center", "random"):
        with opened(project_with(tmp_path / name, f"strategy: {name}", audit=0)) as project:
            chosen[name] = picked(project)
            drawn = [t.inclusion is not None for t in known(project).tasks]
            assert all(drawn) == (name == "random")
    for name, others in chosen.items():
        assert all(len(step) == BATCH for step in others)
        assert sum(others == again for again in chosen.values()) == 1, name


def test_a_strategy_that_there_is_not_is_named_with_its_line(tmp_path: Path) -> None:
    config = project_with(tmp_path, "strategy: kcenter, minimum_share: 2.0")
    with pytest.raises(InputError) as caught:
        load_config(config)
    strategy, share = sorted(caught.value.problems, reverse=True)
    assert "active.strategy: expected one of auto, class_balanced" in strategy
    assert strategy.endswith('got "kcenter". Did you mean k_center?')
    assert share.endswith("active.minimum_share: expected a number in [0, 1], got 2.0. Write 0.1.")


def test_the_uniform_share_is_of_all_answers_and_its_chances_are_recorded(tmp_path: Path) -> None:
    with opened(project_with(tmp_path, "uniform_share: 0.3", audit=0)) as project:
        queue, left, uniform = FakeQueue(project.schema), len(load_pool(project)), 0
        for number in range(1, 7):
            drawn = [t for t in cycle(project, queue).values() if t.inclusion is not None]
            uniform += len(drawn)
            for task in drawn:
                assert task.inclusion == pytest.approx(len(drawn) / left, rel=0.15)
            left -= BATCH
            assert uniform == pytest.approx(0.3 * BATCH * number, abs=1.01)


def test_a_share_of_each_batch_is_critical_while_there_is_any(tmp_path: Path) -> None:
    rows = [{**row, "language": "de" if i % 12 == 0 else "en"} for i, row in enumerate(ROWS)]
    slices = "slices: {german: {where: \"language == 'de'\", critical: true}}"
    with opened(project_with(tmp_path, "minimum_share: 0.3", rows, audit=0, more=slices)) as project:
        german = {row["id"] for row in rows if row["language"] == "de"}
        for step in picked(project, 4):
            assert len(step & german) >= min(math.ceil(0.3 * BATCH), len(german))
            german -= step
        assert not german


@pytest.mark.parametrize("strategy", ["auto", "margin", "random"])
def test_no_two_questions_of_a_batch_have_the_same_text(tmp_path: Path, strategy: str) -> None:
    rows = [{**row, "id": f"{row['id']}{twin}", "page": twin} for row in small_rows(40) for twin in "abc"]
    with opened(project_with(tmp_path, f"strategy: {strategy}", rows, audit=0)) as project:
        turn(project)
        assert len(load_pool(project)) == 120
        texts = [t.fields["text"] for t in queue_of(project).tasks.values()]
        assert len(set(texts)) == len(texts) == BATCH


def queue_of(project: Project) -> FakeQueue:
    queue = FakeQueue(project.schema)
    synced(project, queue)
    return queue


@pytest.mark.parametrize("strategy", ["auto", "margin", "typical_first", "random"])
def test_selection_is_blind_to_audit_membership(tmp_path: Path, strategy: str) -> None:
    steps = []
    for salt in ("one salt", "another salt"):
        config = project_with(tmp_path / salt, f"strategy: {strategy}, minimum_share: 0.2", audit=40)
        with opened(config) as project:
            with project.store.write() as tx:
                frames.open_frame(tx, salt, 0.33)
            steps.append(picked(project))
            assert len(reviewed(project)) == 3 * BATCH
    assert steps[0] == steps[1]

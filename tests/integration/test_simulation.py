"""Simulation: every arm spends the same answers, counts them truly and repeats itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from labeling.errors import InputError
from labeling.project import Project
from labeling.simulation import Simulation, simulate
from tests.projects import opened, small_rows, write_project

ROWS = small_rows(150)
ARMS = ["quorum", "active_only", "random"]


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with opened(write_project(tmp_path, ROWS, audit=30, alpha=0.2)) as found:
        yield found


def steps(result: Simulation) -> dict[str, list[int]]:
    return {arm: [point["labels"] for point in curve] for arm, curve in result.curves.items()}


@pytest.mark.parametrize(("audit", "batch"), [(0, 10), (20, 10), (60, 15), (30, 7)])
def test_every_arm_spends_exactly_what_it_may(project: Project, audit: int, batch: int) -> None:
    result = simulate(project, gold="label", labels=60, batch=batch, audit=audit)
    expected = [*range(batch, 60, batch), 60]
    assert steps(result) == dict.fromkeys(ARMS, expected)
    assert (result.violations is None) == (audit == 0)


def test_every_number_is_a_share(project: Project) -> None:
    result = simulate(project, gold="label", labels=60, seeds=2, audit=30)
    shares = {"accuracy", "accuracy_std", "accepted", "accepted_error", "oracle_accepted", "ece"}
    for curve in result.curves.values():
        for point in curve:
            assert point.keys() == shares | {"labels", "log_loss", "hours"}
            assert all(0 <= point[key] <= 1 for key in shares)
            assert point["log_loss"] >= 0
            assert point["hours"] > 0
            assert point["accepted_error"] <= point["accepted"]
    assert result.curves["quorum"][-1]["accepted"] > 0
    assert result.violations in (0.0, 0.5, 1.0)
    assert all(point["accepted"] == 0 for point in result.curves["random"])


def test_it_repeats_itself(project: Project) -> None:
    first = simulate(project, gold="label", labels=40, batch=20, seeds=2, audit=10)
    again = simulate(project, gold="label", labels=40, batch=20, seeds=2, audit=10)
    assert first.to_dict() == again.to_dict()


def test_it_leaves_tasks_answers_and_rounds_alone(project: Project) -> None:
    from labeling.store.schema import annotations, rounds, tasks

    simulate(project, gold="label", labels=20, audit=10)
    with project.store.read() as tx:
        assert [tx.execute(t.select()).all() for t in (tasks, annotations, rounds)] == [[], [], []]


@pytest.mark.parametrize("audit", [0, 20])
def test_a_pool_that_is_used_up_ends_every_arm_alike(tmp_path: Path, audit: int) -> None:
    with opened(write_project(tmp_path, small_rows(40), alpha=0.2)) as project:
        result = simulate(project, gold="label", labels=70, batch=15, audit=audit)
    assert steps(result) == {key: [15, 30, 40] for key in ARMS}
    assert {curve[-1]["accuracy"] for curve in result.curves.values()} == {1.0}


@pytest.mark.parametrize("audit", [0, 15])
def test_rows_without_gold_are_neither_asked_nor_counted(tmp_path: Path, audit: int) -> None:
    rows = [{**row, "label": row["label"] if i % 3 else None} for i, row in enumerate(small_rows(60))]
    with opened(write_project(tmp_path, rows, alpha=0.2)) as project:
        result = simulate(project, gold="label", labels=60, batch=20, audit=audit)
    assert steps(result) == {key: [20, 40] for key in ARMS}
    assert {curve[-1]["accuracy"] for curve in result.curves.values()} == {1.0}


def test_one_answer_labels_all_rows_of_its_item_and_counts_once(tmp_path: Path) -> None:
    rows = small_rows(20)
    copies = [
        {**rows[0], "id": f"copy {i}", "label": "SHIP" if i == 0 else rows[0]["label"]} for i in range(5)
    ]
    with opened(write_project(tmp_path, [*rows, *copies], alpha=0.2)) as project:
        result = simulate(project, gold="label", labels=20, batch=20, audit=0)
    assert (result.rows, result.items, result.gold_conflicts) == (25, 20, 1)
    assert steps(result)["quorum"] == [20]
    assert result.curves["quorum"][0]["accuracy"] == pytest.approx(24 / 25)


@pytest.mark.parametrize("column", ["nothing", "lable"])
def test_a_column_that_is_not_there_is_said(project: Project, column: str) -> None:
    with pytest.raises(InputError, match=column):
        simulate(project, gold=column, labels=10)

"""Runs on several processes, and runs that were finished before: the same outcome, and nothing twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from labeling.cli.commands import main
from labeling.errors import InputError, QuorumError
from labeling.project import Project
from labeling.simulation import processes, replay, simulate, study
from labeling.simulation.arms import ARMS, Arm
from labeling.simulation.habits import PERFECT, Habits
from labeling.simulation.preparation import load_answers, prepare
from labeling.simulation.replay import Outcome, Run
from labeling.simulation.setting import Plan, Setting
from labeling.store import manifest
from tests.projects import digest, opened, small_rows, write_project

ROWS = small_rows(60)
PLAN: dict[str, Any] = {"gold": "label", "labels": 20, "batch": 10, "audit": 10}


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with opened(write_project(tmp_path, ROWS, alpha=0.2)) as found:
        yield found


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """The runs that are done in this process."""
    runs: list[tuple[str, int]] = []

    def noting(setting: Setting, run: Run) -> Outcome:
        runs.append((run.arm.name, run.seed))
        return replay.replay(setting, run)

    monkeypatch.setattr(processes, "replay", noting)
    return runs


def test_processes_change_nothing(tmp_path: Path) -> None:
    results = []
    for jobs in (1, 2):
        with opened(write_project(tmp_path / str(jobs), ROWS, alpha=0.2)) as project:
            arms = ["quorum", "modal", "snorkel"]
            results.append(simulate(project, **PLAN, seeds=2, arms=arms, jobs=jobs).to_dict())
    assert results[0] == results[1]


def test_finished_runs_are_read(project: Project, done: list[tuple[str, int]]) -> None:
    first = simulate(project, **PLAN)
    assert done == [("quorum", 0), ("active_only", 0), ("random", 0)]
    assert simulate(project, **PLAN).to_dict() == first.to_dict()
    assert len(done) == 3
    simulate(project, **PLAN, seeds=2, arms=["random", "modal"])
    assert done[3:] == [("modal", 0), ("random", 1), ("modal", 1)]


@pytest.mark.parametrize(
    "other",
    [{"labels": 19}, {"batch": 5}, {"audit": 5}, {"people": Habits(error_rate=0.1)}, {"voters": ["money"]}],
)
def test_runs_of_another_plan_are_others(
    project: Project, done: list[tuple[str, int]], other: dict[str, Any]
) -> None:
    simulate(project, **PLAN, arms=["quorum"])
    simulate(project, **{**PLAN, **other}, arms=["quorum"])
    assert done == [("quorum", 0), ("quorum", 0)]


def test_runs_on_other_data_or_votes_are_others(tmp_path: Path, done: list[tuple[str, int]]) -> None:
    with opened(write_project(tmp_path, ROWS, alpha=0.2)) as project:
        simulate(project, **PLAN, arms=["random"])
    with opened(write_project(tmp_path, ROWS[:-1], alpha=0.2)) as project:
        simulate(project, **PLAN, arms=["random"])
    relabelled = [{**row, "label": "SHIP"} if row["id"] == "r4" else row for row in ROWS]
    with opened(write_project(tmp_path, relabelled, alpha=0.2)) as project:
        simulate(project, **PLAN, arms=["random"])
    with opened(write_project(tmp_path, ROWS, alpha=0.3)) as project:
        simulate(project, **PLAN, arms=["random"])
    assert len(done) == 4


def test_a_run_whose_file_is_gone_is_done_again(project: Project, done: list[tuple[str, int]]) -> None:
    simulate(project, **PLAN, arms=["random"])
    with project.store.read() as tx:
        [entry] = manifest.entries(tx, "simulation")
    project.artifacts.remove([entry.path])
    simulate(project, **PLAN, arms=["random"])
    assert len(done) == 2


def test_what_an_interruption_finished_is_kept(project: Project, done: list[tuple[str, int]]) -> None:
    def interrupted(what: str, finished: int, total: int) -> None:
        if finished == 2:
            raise KeyboardInterrupt

    setting, arms = _setting(project), [ARMS["random"]]
    with pytest.raises(KeyboardInterrupt):
        study.outcomes_of(replace(project, progress=interrupted), setting, arms, 4, jobs=1)
    assert done == [("random", 0), ("random", 1)]
    assert len(study.outcomes_of(project, setting, arms, 4, jobs=1)) == 4
    assert done == [("random", 0), ("random", 1), ("random", 2), ("random", 3)]


def _setting(project: Project) -> Setting:
    return prepare(project, load_answers(project, "label"), Plan(10, 10, 0), PERFECT)


def test_simulations_leave_the_state_as_it_was(project: Project) -> None:
    simulate(project, **PLAN, arms=["random"])
    before = digest(project)
    simulate(project, **PLAN, arms=["random"], seeds=2)
    assert digest(project) == before


def test_a_process_that_is_lost_is_told(project: Project) -> None:
    worker = processes.Worker()
    try:
        worker.send(_setting(project))
        worker.start(Run(ARMS["random"], 0))
        worker._process.kill()
        with pytest.raises(QuorumError, match="random, seed 0"):
            worker.outcome()
    finally:
        worker.stop()


def test_what_a_process_raises_is_raised(project: Project) -> None:
    runs = [Run(Arm("wrong", strategy="magic"), seed) for seed in range(2)]
    with pytest.raises(InputError, match="magic"):
        list(processes.replay_all(_setting(project), runs, jobs=2))


def test_ctrl_c_stops_all_processes_and_the_next_run_goes_on(tmp_path: Path) -> None:
    config = write_project(tmp_path, small_rows(150), alpha=0.2)
    plan = ["--gold", "label", "--labels", "60", "--batch", "5", "--audit", "0", "--json"]
    arguments = ["simulate", str(config), *plan]
    child = subprocess.Popen(
        [sys.executable, "-m", "labeling.cli", *arguments, "--seeds", "200", "--jobs", "2"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a background job ignores it
    )
    with opened(config) as project:
        kept = _wait_for_runs(project, 2)
        child.send_signal(signal.SIGINT)
        _, said = child.communicate(timeout=60)
        assert child.returncode == 130, said
        assert b"Traceback" not in said
        assert _is_gone(child.pid)
        finished = CliRunner().invoke(main, [*arguments, "--seeds", "1", "--jobs", "1"])
        assert finished.exit_code == 0, finished.output
        with project.store.read() as tx:
            assert len(manifest.entries(tx, "simulation")) >= kept


def _is_gone(group: int) -> bool:
    for _ in range(100):
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.1)
    return False


def _wait_for_runs(project: Project, count: int) -> int:
    for _ in range(1200):
        with project.store.read() as tx:
            found = len(manifest.entries(tx, "simulation"))
        if found >= count:
            return found
        time.sleep(0.1)
    raise TimeoutError

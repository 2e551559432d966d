"""`quorum doctor` on what is kept of a project: each thing that may be wrong is named, with the remedy."""

from __future__ import annotations

import json
import os
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from labeling.cleaning import clean
from labeling.cli.commands import main
from labeling.examination import Finding, examine_state
from labeling.project import Project
from labeling.releases.contents import present_contents
from labeling.releases.publication import publish
from labeling.rounds.live import LEASE, turn
from labeling.storage import storage_use
from labeling.store import jobs, lease, manifest, migrate
from tests.projects import FUNCTIONS, opened, small_rows
from tests.projects import write_python_project as write_project

ROWS = small_rows(30)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = write_project(tmp_path, ROWS, audit=4, batch=4)
    with opened(path) as project:
        turn(project)
        with lease.acquire(project.store, LEASE) as held:
            publish(project, held, present_contents(project), None)
    return path


@pytest.fixture
def project(config: Path) -> Iterator[Project]:
    with opened(config) as found:
        yield found


def found(project: Project, what: str) -> Finding:
    [finding] = [f for f in examine_state(project) if f.what == what]
    return finding


def file_of(project: Project, kind: str) -> Path:
    with project.store.read() as tx:
        return Path(project.artifacts.root) / manifest.entries(tx, kind)[0].path


def test_a_sound_project_has_nothing_wrong(project: Project) -> None:
    findings = examine_state(project)
    assert [f.what for f in findings] == ["artifacts", "storage", "releases", "jobs", "disk"]
    assert all(f.ok for f in findings), findings
    assert "`quorum promote 1` makes the last one current" in found(project, "releases").detail


@pytest.mark.parametrize(
    ("kind", "remedy"), [("votes", "Run `quorum run` again."), ("release", "Restore a backup")]
)
@pytest.mark.parametrize("how", ["missing", "damaged"])
def test_an_artifact_that_is_not_whole_is_named(project: Project, kind: str, remedy: str, how: str) -> None:
    path = file_of(project, kind)
    if how == "missing":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[:-20])
    finding = found(project, "artifacts")
    assert not finding.ok
    assert path.name in finding.detail
    assert f"is {how}" in finding.detail
    assert finding.remedy.startswith(remedy)


@pytest.mark.parametrize(("word", "frees"), [("lamp", True), ("lost", False)])
def test_orphans_and_earlier_versions_are_weighed(config: Path, word: str, frees: bool) -> None:
    """Whoever says `lost` says the same as before, and so needs the same file."""
    orphan = config.parent / "work" / "small" / "votes" / ("0" * 32 + ".parquet")
    orphan.write_bytes(b"x" * 2_000_000)
    (config.parent / "functions.py").write_text(FUNCTIONS.replace('"courier"', f'"{word}"'), encoding="utf-8")
    with opened(config) as project:
        assert "that nothing names" not in found(project, "storage").detail
        hour_ago = time.time() - 3600
        os.utime(orphan, (hour_ago, hour_ago))
        turn(project)
        use = storage_use(project)
        said = found(project, "storage").detail
        assert "`quorum clean` frees 2.0 MB that nothing names (1 files)" in said
        assert ("`quorum clean --old-versions` frees" in said) == frees
        before = use.total
        done = clean(project, old_versions=True)
        assert done.bytes == use.orphan_bytes + use.old_bytes >= 2_000_000
        after = storage_use(project)
        assert (after.orphans, after.old_bytes, after.total) == (0, 0, before - done.bytes)


def test_a_budget_is_kept_an_eye_on(config: Path) -> None:
    config.write_text(config.read_text() + "state: {disk: 0.000001}\n")
    with opened(config) as project:
        finding = found(project, "storage")
    assert not finding.ok
    assert "of 1e-06 GB" in finding.detail
    assert finding.remedy == "Clean up, or raise state.disk."


def test_a_full_disk_is_seen(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("labeling.examination.LEAST_FREE_BYTES", 1 << 60)
    assert found(project, "disk").remedy == "Make room on the disk."
    assert not found(project, "disk").ok


def test_a_release_that_is_held_back_is_told(project: Project) -> None:
    with project.store.write() as tx:
        jobs.record(tx, inputs="i", status="held", release=1, report={}, started_at="2026")
    finding = found(project, "jobs")
    assert not finding.ok
    assert "quorum promote" in finding.remedy


def test_a_schema_from_the_future_is_named_and_left_alone(config: Path) -> None:
    path = config.parent / "work" / "small" / "state.db"
    with sqlite3.connect(path) as database:
        database.execute("UPDATE quorum_version SET version_num = '9999'")
    database.close()
    told = CliRunner().invoke(main, ["doctor", str(config), "--json"])
    [state] = [f for f in json.loads(told.stdout)["findings"] if f["what"] == "state"]
    assert told.exit_code == 1
    assert not state["ok"]
    assert f"revision 9999, this program knows up to {migrate.head()}" in state["detail"]

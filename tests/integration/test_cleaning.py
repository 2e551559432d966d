"""`quorum clean` frees what nothing names, and never what something names."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from labeling.cleaning import clean
from labeling.cli.commands import main
from labeling.errors import Unavailable
from labeling.pool import load_pool
from labeling.rounds.live import LEASE
from labeling.store import lease, manifest
from tests.projects import FUNCTIONS, opened, small_rows
from tests.projects import write_python_project as write_project

ORPHAN = "0" * 32 + ".parquet"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = write_project(tmp_path / "project", small_rows(30))
    votes_of(path)
    return path


def votes_of(config: Path) -> tuple[np.ndarray, int]:  # type: ignore[type-arg]
    with opened(config) as project:
        applied = load_pool(project).applied
        return applied.votes.hard, applied.ran


def artifacts(config: Path) -> Path:
    return config.parent / "work" / "small"


def orphan(config: Path, kind: str, age: float = 0.0) -> Path:
    path = artifacts(config) / kind / ORPHAN
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"x" * 1_000)
    written = time.time() - age
    os.utime(path, (written, written))
    return path


def test_orphans_go_and_all_else_stays(config: Path) -> None:
    before, _ = votes_of(config)
    found = [orphan(config, "votes"), orphan(config, "features", age=100)]
    with opened(config) as project:
        done = clean(project)
        with project.store.read() as tx:
            assert all(map(project.artifacts.exists, manifest.entries(tx)))
    assert (done.files, done.bytes, done.columns, done.young) == (2, 2_000, 0, 0)
    assert not any(path.exists() for path in found)
    after, ran = votes_of(config)
    assert ran == 0
    assert np.array_equal(before, after)


def test_what_may_be_about_to_be_recorded_stays(config: Path) -> None:
    young = orphan(config, "features")
    with opened(config) as project:
        done = clean(project)
    assert (done.files, done.young) == (0, 1)
    assert young.exists()


def test_earlier_versions_go_on_request_alone(config: Path) -> None:
    write_project(config.parent, small_rows(30), functions=FUNCTIONS.replace('"courier"', '"lost"'))
    expected, _ = votes_of(config)
    with opened(config) as project:
        assert clean(project).columns == 0
        done = clean(project, old_versions=True)
    assert done.columns == 1
    after, ran = votes_of(config)
    assert ran == 0
    assert np.array_equal(expected, after)
    write_project(config.parent, small_rows(30))
    assert votes_of(config)[1] == 30


def test_the_lease_is_needed(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("labeling.cleaning.LEASE_WAIT_SECONDS", 0)
    with (
        opened(config) as project,
        lease.acquire(project.store, LEASE),
        pytest.raises(Unavailable, match="held by"),
    ):
        clean(project)


def test_the_command_says_what_it_freed(config: Path) -> None:
    orphan(config, "votes")
    told = CliRunner().invoke(main, ["clean", str(config), "--json"])
    assert told.exit_code == 0, told.output
    assert json.loads(told.stdout) == {"files": 1, "bytes": 1_000, "columns": 0, "young": 0}
    assert "removed 0 files" in CliRunner().invoke(main, ["clean", str(config)]).stdout

"""Backups: the same project after a loss, and nothing at all where the file is not whole."""

from __future__ import annotations

import json
import shutil
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from labeling.backup import restore, write_backup
from labeling.backup.rows import row_count
from labeling.cli.commands import main
from labeling.errors import InputError, QuorumError, Unavailable
from labeling.project import Project
from labeling.releases.contents import present_contents
from labeling.releases.publication import publish
from labeling.rounds.live import LEASE, turn
from labeling.store import jobs, lease, manifest
from tests.fakes import FakeQueue
from tests.projects import answer, digest, gold_of, opened, small_rows, synced, write_project

ROWS = small_rows(40)


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = write_project(tmp_path_factory.mktemp("kept"), ROWS, audit=6, batch=8)
    with opened(path) as project:
        queue = FakeQueue(project.schema)
        turn(project)
        synced(project, queue)
        answer(queue, gold_of(ROWS))
        synced(project, queue)
        turn(project)
        with lease.acquire(project.store, LEASE) as held:
            publish(project, held, present_contents(project))
        with project.store.write() as tx:
            jobs.record(tx, inputs="i", status="published", release=1, report={}, started_at="2026")
    return path


@pytest.fixture(scope="module")
def backup(config: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("backups") / "small.tar"
    with opened(config) as project:
        write_backup(project, file)
    assert [path.name for path in file.parent.iterdir()] == ["small.tar"]
    return file


@pytest.fixture
def lost(config: Path, tmp_path: Path) -> Path:
    """The same project, without its state."""
    folder = tmp_path / "lost"
    shutil.copytree(config.parent, folder, ignore=shutil.ignore_patterns("work"))
    return folder / config.name


@pytest.fixture
def empty(lost: Path) -> Iterator[Project]:
    with opened(lost) as project:
        yield project


def files(project: Project) -> set[str]:
    root = Path(project.artifacts.root)
    return {str(path.relative_to(root)) for path in root.rglob("*.parquet")}


def test_what_was_lost_comes_back_whole(config: Path, backup: Path, lost: Path) -> None:
    with opened(config) as project, opened(lost) as found:
        report = restore(found, backup)
        assert report.state == digest(project) == digest(found)
        with project.store.read() as tx, found.store.read() as other:
            assert row_count(tx) == row_count(other) == report.rows
            entries = manifest.entries(other)
            assert entries == manifest.entries(tx)
        assert {entry.path for entry in entries} == files(found)
        assert len(entries) >= report.artifacts > 5
        for entry in entries:
            assert found.artifacts.read(entry).equals(project.artifacts.read(entry))
        again = turn(found)
        assert (again.repeated, again.calls["ran"]) == (True, 0)
        assert digest(project) == digest(found)


def test_a_project_that_holds_something_is_left_alone(config: Path, backup: Path) -> None:
    with opened(config) as project:
        before = digest(project)
        with pytest.raises(InputError, match=r"holds [\d,]+ rows already"):
            restore(project, backup)
        assert digest(project) == before


def test_another_project_is_refused(backup: Path, lost: Path) -> None:
    lost.write_text(lost.read_text().replace("project: small", "project: other"))
    with (
        opened(lost) as project,
        pytest.raises(InputError, match="is a backup of 'small', the config is of 'other'"),
    ):
        restore(project, backup)


@given(st.floats(0, 1, exclude_max=True), st.booleans())
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_damaged_file_restores_nothing_or_all(
    config: Path, backup: Path, tmp_path_factory: pytest.TempPathFactory, place: float, cut: bool
) -> None:
    data = bytearray(backup.read_bytes())
    at = int(place * len(data))
    if cut:
        del data[at:]
    else:
        data[at] ^= 0xFF
    folder = tmp_path_factory.mktemp("damaged")
    damaged = folder / "damaged.tar"
    damaged.write_bytes(data)
    shutil.copytree(config.parent, folder / "lost", ignore=shutil.ignore_patterns("work"))
    with opened(config) as whole, opened(folder / "lost" / config.name) as project:
        refused = refusal(project, damaged)
        if refused is None:
            # Padding and what tar says of owners and times may differ without harm.
            assert digest(project) == digest(whole)
            with project.store.read() as tx:
                assert all(project.artifacts.read(entry) for entry in manifest.entries(tx))
            return
        assert str(damaged) in refused
        with project.store.read() as tx:
            assert row_count(tx) == 0
        assert files(project) == set()


def test_a_byte_of_any_artifact_counts(backup: Path, empty: Project, tmp_path: Path) -> None:
    with tarfile.open(backup) as tar:
        places = [(m.name, m.offset_data + m.size // 2) for m in tar if m.name.startswith("artifacts/")]
    assert len(places) > 5
    for name, at in places:
        data = bytearray(backup.read_bytes())
        data[at] ^= 0xFF
        (tmp_path / "damaged.tar").write_bytes(data)
        refused = refusal(empty, tmp_path / "damaged.tar")
        if refused is None:
            # Parquet keeps more than its values, such as statistics that nobody reads here.
            with empty.store.read() as tx:
                assert all(empty.artifacts.read(entry) for entry in manifest.entries(tx))
            return
        assert name.removeprefix("artifacts/") in refused


def refusal(project: Project, file: Path) -> str | None:
    try:
        restore(project, file)
    except InputError as error:
        return str(error)
    return None


def test_what_is_no_backup_is_refused_in_words(empty: Project, tmp_path: Path) -> None:
    (tmp_path / "text.tar").write_text("no tar")
    for name in ("text.tar", "missing.tar"):
        with pytest.raises(InputError, match=f"{name}: cannot be read as a backup"):
            restore(empty, tmp_path / name)


def test_a_backup_without_an_artifact_is_not_written(config: Path, tmp_path: Path) -> None:
    shutil.copytree(config.parent, tmp_path / "project")
    with opened(tmp_path / "project" / config.name) as project:
        with project.store.read() as tx:
            entry = manifest.entries(tx, "scores")[0]
        (Path(project.artifacts.root) / entry.path).unlink()
        with pytest.raises(QuorumError, match=f"{entry.path}.*is missing"):
            write_backup(project, tmp_path / "out" / "small.tar")
    assert list((tmp_path / "out").iterdir()) == []


def test_the_lease_is_needed(
    config: Path, empty: Project, backup: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("labeling.backup.write.LEASE_WAIT_SECONDS", 0)
    with (
        opened(config) as project,
        lease.acquire(project.store, LEASE),
        pytest.raises(Unavailable, match="held by"),
    ):
        write_backup(project, tmp_path / "small.tar")
    with lease.acquire(empty.store, LEASE), pytest.raises(Unavailable, match="held by"):
        restore(empty, backup)


def test_the_commands(config: Path, lost: Path, tmp_path: Path) -> None:
    run, file = CliRunner(), tmp_path / "small.tar"
    told = json.loads(run.invoke(main, ["backup", str(config), "--out", str(file), "--json"]).stdout)
    assert told["bytes"] == file.stat().st_size
    back = run.invoke(main, ["restore", str(lost), "--from", str(file)])
    assert (back.exit_code, f"{told['rows']:,} rows" in back.stdout) == (0, True), back.output
    assert told["state"] in back.stdout
    again = run.invoke(main, ["restore", str(lost), "--from", str(file)])
    assert (again.exit_code, "already" in again.stderr) == (2, True)

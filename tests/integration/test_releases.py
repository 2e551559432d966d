"""Releases: published once, never changed, told apart, rolled back and promoted, given out again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

from labeling.cli.commands import main
from labeling.errors import GateRefused, InputError
from labeling.export import export_labels
from labeling.project import Project
from labeling.releases.changes import compare
from labeling.releases.contents import present_contents
from labeling.releases.giving_out import export_release
from labeling.releases.listing import list_releases
from labeling.releases.publication import is_pinned, publish, read_contents
from labeling.rounds.live import LEASE, certification, turn
from labeling.rounds.rollback import promote, roll_back
from labeling.store import certificates, lease, manifest
from tests.fakes import FakeQueue
from tests.projects import answer, digest, gold_of, known, opened, small_rows, synced, write_project

ROWS = small_rows(120)
GOLD = gold_of(ROWS)


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project of two releases: the first by a certificate, the second by further answers."""
    path = write_project(tmp_path_factory.mktemp("released"), ROWS, audit=24, batch=30, alpha=0.3)
    with opened(path) as project:
        queue = FakeQueue(project.schema)
        for _ in range(6):
            turn(project)
            synced(project, queue)
            answer(queue, GOLD)
            synced(project, queue)
            report = certification(project)
            if report.passed:
                break
        assert (report.passed, report.release) == (True, 1), report.statement
        turn(project)
        synced(project, queue)
        [first, *_] = queue.open_ids()
        queue.answer(first, "FIRE", annotator="bob@example.com")
        synced(project, queue)
        turn(project)
        assert release_now(project) == 2
        assert release_now(project) is None
    return path


def release_now(project: Project) -> int | None:
    with lease.acquire(project.store, LEASE) as held:
        return publish(project, held, present_contents(project))


@pytest.fixture
def project(config: Path) -> Iterator[Project]:
    with opened(config) as found:
        yield found


def test_a_release_holds_what_was_given_out(project: Project, tmp_path: Path) -> None:
    now = export_labels(project, tmp_path / "now.csv")
    held = export_release(project, "2", tmp_path / "two.csv")
    assert held["id"].tolist() == now["id"].tolist() == [row["id"] for row in ROWS]
    for column in ("label", "source", "digest", "voters", "annotators"):
        assert held[column].fillna("-").tolist() == now[column].fillna("-").tolist(), column
    assert set(held["source"].dropna()) == {"human", "certified"}
    assert set(held["certificate"]) == set(now["certificate"]) == {1}
    assert pd.read_csv(tmp_path / "two.csv")["release"].unique().tolist() == [2]


def test_what_a_release_was_made_of_is_kept(project: Project) -> None:
    made_of = read_contents(project, 2).made_of
    assert made_of["voters"].keys() == {"money", "parcel", "courier", "fire"}
    assert all(voter["kind"] == "function" and voter["version"] for voter in made_of["voters"].values())
    assert made_of["people"]["bob@example.com"] == 1
    assert sum(made_of["people"].values()) == len(known(project).given)
    assert (made_of["certificate"], made_of["classes"]) == (1, ["BILL", "SHIP", "FIRE"])
    assert made_of["data"]["rows"] == 120
    assert "answers" not in made_of["promise"]


def test_one_further_answer_is_the_difference(project: Project) -> None:
    found = compare(read_contents(project, 1), read_contents(project, 2))
    assert (found.answers, found.voters, found.certificate) == ((1, 0), (), (1, 1))
    assert not found.rows
    assert "bob@example.com answered FIRE" in {flip.why for flip in found.flips}


def test_a_release_never_changes(config: Path, tmp_path: Path) -> None:
    with opened(config) as project:
        export_release(project, "1", tmp_path / "before.csv")
    kept = (config.parent / "data.jsonl").read_text()
    (config.parent / "data.jsonl").write_text(kept.splitlines()[0] + "\n" + "\n".join(kept.splitlines()[40:]))
    try:
        with opened(config) as project:
            export_release(project, "1", tmp_path / "after.csv")
    finally:
        (config.parent / "data.jsonl").write_text(kept)
    assert (tmp_path / "before.csv").read_bytes() == (tmp_path / "after.csv").read_bytes()


def test_a_damaged_release_is_not_given_out(project: Project, tmp_path: Path) -> None:
    with project.store.read() as tx:
        entry = manifest.find(tx, "release", "1")
    assert entry is not None
    path = Path(project.artifacts.root) / entry.path
    kept = path.read_bytes()
    path.write_bytes(kept[: len(kept) // 2])
    try:
        with pytest.raises(Exception, match=r"release '1' is damaged"):
            export_release(project, "1", tmp_path / "damaged.csv")
    finally:
        path.write_bytes(kept)
    assert not (tmp_path / "damaged.csv").exists()


def test_certified_alone(project: Project, tmp_path: Path) -> None:
    whole = export_release(project, "1", tmp_path / "whole.jsonl")
    part = export_release(project, "1", tmp_path / "part.jsonl", certified=True)
    assert 0 < len(part) < len(whole)
    assert part["source"].notna().all()


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("3", "release 3: there is no such release. There are 1, 2."),
        ("x", 'release: expected a number or current, got "x"'),
        ("-1", 'release: expected a number or current, got "-1"'),
    ],
)
def test_a_release_that_is_not_there(project: Project, tmp_path: Path, name: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        export_release(project, name, tmp_path / "labels.csv")


def test_back_and_on_again(config: Path, tmp_path: Path) -> None:
    """The order matters: a certificate falls with the release before it and stands again with its own."""
    with opened(config) as project:
        before = digest(project)
        back = roll_back(project, 1, "bob was wrong")
        assert (back.release, back.before, back.certificate, back.remark) == (1, 2, 1, None)
        with project.store.read() as tx:
            assert is_pinned(tx)
        assert export_release(project, "current", tmp_path / "current.csv")["release"].unique().tolist() == [
            1
        ]
        with pytest.raises(InputError, match="release 1 is the current one already"):
            roll_back(project, 1)
        with pytest.raises(InputError, match="release 2 is later than the current one, 1"):
            roll_back(project, 2)
        assert digest(project) != before
        on = promote(project, 2)
        assert (on.release, on.before, on.how) == (2, 1, "promoted")
        with project.store.read() as tx:
            assert not is_pinned(tx)
        told = list_releases(project)
    assert told["current"] == 2
    entries = [(entry["release"], str(entry["how"]), entry["reason"]) for entry in told["log"]]
    assert entries == [
        (1, "promoted", None),
        (2, "published", None),
        (1, "rolled back", "bob was wrong"),
        (2, "promoted", None),
    ]
    assert all("@" in entry["by"] for entry in told["log"])


def test_a_release_whose_certificate_fell_is_not_certified(config: Path, tmp_path: Path) -> None:
    with opened(config) as project:
        with project.store.write() as tx:
            certificates.void(tx, 1, "an auditor was wrong")
        with pytest.raises(GateRefused, match="its certificate 1 does not hold: an auditor was wrong"):
            export_release(project, "1", tmp_path / "labels.csv", certified=True)
        assert roll_back(project, 1).remark == "its certificate 1 does not hold: an auditor was wrong"
        with project.store.write() as tx:
            certificates.reinstate(tx, 1, "an auditor was wrong")
        promote(project, 2)


def test_the_commands(config: Path, tmp_path: Path) -> None:
    run = CliRunner()
    listed = json.loads(run.invoke(main, ["releases", str(config), "--json"]).stdout)
    assert [release["number"] for release in listed["releases"]] == [1, 2]
    assert "release 2" in run.invoke(main, ["releases", str(config)]).stdout
    told = json.loads(run.invoke(main, ["diff", str(config), "1", "2", "--json"]).stdout)
    assert told["changed"]["rows"] == {"added": 0, "changed": 0, "gone": 0}
    assert told["changed"]["answers"] == {"new": 1, "gone": 0}
    shown = run.invoke(main, ["diff", str(config), "1", "current", "--limit", "1"]).stdout
    assert "bob@example.com answered FIRE" in shown
    out = tmp_path / "labels.parquet"
    given = run.invoke(main, ["export", str(config), "--release", "1", "--out", str(out), "--json"])
    assert json.loads(given.stdout)["rows"] == len(pd.read_parquet(out)) == 120
    assert run.invoke(main, ["diff", "1"]).exit_code == 2
    assert run.invoke(main, ["rollback", str(config), "7"]).exit_code == 2
    back = run.invoke(main, ["rollback", str(config), "1", "--reason", "try", "--json"])
    assert json.loads(back.stdout)["release"] == 1
    assert "release 2 is the current one" in run.invoke(main, ["promote", str(config), "2"]).stdout

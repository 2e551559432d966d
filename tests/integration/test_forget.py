"""`quorum forget`: nothing of a row is left in database, files or queue, and all else stays as it was."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from labeling.cli.commands import main
from labeling.erasure.forget import forget_row
from labeling.errors import InputError, Unavailable
from labeling.explain import explain_row
from labeling.export import export_labels
from labeling.project import Desk, Project
from labeling.relabel.job import relabel
from labeling.releases.changes import compare
from labeling.releases.publication import read_contents
from labeling.rounds.live import LEASE
from labeling.store import certificates, lease, manifest, releases
from tests.fakes import FakeQueue
from tests.projects import answer, gold_of, known, opened, small_rows
from tests.projects import write_python_project as write_project

NAME = "zebulonquince"
ROW, TWIN = f"row-of-{NAME}", "twin"
ROWS = [
    *small_rows(117),
    {"id": ROW, "text": f"parcel for {NAME}", "label": "SHIP"},
    {"id": TWIN, "text": "courier has two rows", "label": "SHIP"},
    {"id": f"{TWIN}-2", "text": "courier has two rows", "label": "SHIP"},
]
GOLD = gold_of(ROWS)
FUNCTIONS_THAT_FAIL = """
from lfs import Item, labeling_function


@labeling_function
def parcel(item: Item) -> str | None:
    if "zebulon" in item.text:
        raise ValueError(item.text)
    return "SHIP" if "parcel" in item.text or "courier" in item.text else None


@labeling_function
def money(item: Item) -> str | None:
    return "BILL" if "refund" in item.text or "invoice" in item.text else None


@labeling_function
def fire(item: Item) -> str | None:
    return "FIRE" if "smoke" in item.text else None
"""


@contextmanager
def at_desk(config: Path, queue: FakeQueue) -> Iterator[Project]:
    with opened(config) as project:
        yield replace(project, connect=lambda: nullcontext(Desk(queue, "nowhere")))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, FakeQueue]:
    """A project with a certificate and some releases; everybody answered everything that was asked."""
    config = write_project(
        tmp_path_factory.mktemp("forgetful"),
        ROWS,
        functions=FUNCTIONS_THAT_FAIL,
        audit=24,
        batch=60,
        alpha=0.3,
        more="relabel: {certify: when_ready}",
    )
    with opened(config) as project:
        queue = FakeQueue(project.schema)
    for _ in range(4):
        with at_desk(config, queue) as project:
            report = relabel(project)
            if report.changes["certificate"]["after"] and content_of(project, ROW) in known(project).gold:
                return config, queue
        answer(queue, GOLD)
    raise AssertionError(report)


def content_of(project: Project, row_id: str) -> str:
    with project.store.read() as tx:
        [entry, *_] = manifest.entries(tx, "release")
    lines = project.artifacts.read(entry).to_pylist()
    return next(line["digest"].hex() for line in lines if line["id"] == row_id)


def traces(config: Path, *words: str) -> set[str]:
    """Give the files under the project's own folder that hold one of some words or digests."""
    found = set()
    for path in (config.parent / "work").rglob("*"):
        if path.suffix == ".parquet":
            data = repr(pq.read_table(path).to_pylist()).encode() + repr(pq.read_schema(path)).encode()
        elif path.is_file():
            data = path.read_bytes()
        else:
            continue
        needles = [w.encode() for w in words] + [
            repr(bytes.fromhex(w))[2:-1].encode() for w in words if is_hex(w)
        ]
        if any(needle in data for needle in needles):
            found.add(path.name if path.suffix != ".parquet" else path.parent.name)
    return found


def is_hex(word: str) -> bool:
    return len(word) == 32 and set(word) <= set("0123456789abcdef")


def test_forgetting_leaves_nothing_and_the_rest_as_it_was(
    made: tuple[Path, FakeQueue], tmp_path: Path
) -> None:
    config, queue = made
    with at_desk(config, queue) as project:
        digest = content_of(project, ROW)
        before = export_labels(project, tmp_path / "before.csv")
        with project.store.read() as tx:
            last = releases.latest(tx)
            champion = certificates.champion(tx)
        assert last is not None
        assert champion is not None
        older = compare(read_contents(project, 1), read_contents(project, last.number))
        places = traces(config, NAME, digest)
        assert {
            "state.db",
            "items",
            "rows",
            "block",
            "scores",
            "routes",
            "release",
            "release_votes",
        } <= places
        report = forget_row(project, ROW)
    assert (report.contents, report.answers, report.tasks) == (1, 1, 1)
    assert report.tables > 5
    assert traces(config, NAME, digest) == set()
    assert not any(task.row_id == ROW for task in queue.tasks.values())
    with at_desk(config, queue) as project:
        with project.store.read() as tx:
            again = certificates.champion(tx)
            assert again is not None
            assert again.number == champion.number
            assert digest not in again.result["answers"]
        report_after = relabel(project)
        assert report_after.changes["changed"]["rows"] == {"added": 0, "changed": 0, "gone": 0}
        after = export_labels(project, tmp_path / "after.csv")
        assert after["id"].tolist() == [row for row in before["id"] if row != ROW]
        same = before[before["id"] != ROW]["label"].fillna("-").tolist()
        assert after["label"].fillna("-").tolist() == same
        newer = compare(read_contents(project, 1), read_contents(project, last.number))
        assert [f for f in newer.flips if f.id != ROW] == [f for f in older.flips if f.id != ROW]
        with pytest.raises(InputError, match="no row has the id"):
            explain_row(project, ROW)
        assert forget_row(project, ROW).answers == 0
    assert traces(config, NAME, digest) == set()


def test_a_content_that_another_row_has_stays_with_it(made: tuple[Path, FakeQueue]) -> None:
    config, queue = made
    with at_desk(config, queue) as project:
        digest = content_of(project, TWIN)
        report = forget_row(project, TWIN)
        assert (report.contents, report.answers, report.tasks) == (0, 0, 0)
        relabel(project)
        with project.store.read() as tx:
            last = releases.latest(tx)
        assert last is not None
        lines = read_contents(project, last.number).labels.to_pylist()
    assert [line["id"] for line in lines if line["digest"].hex() == digest] == [f"{TWIN}-2"]


def test_what_is_not_known_is_refused(made: tuple[Path, FakeQueue]) -> None:
    config, queue = made
    with at_desk(config, queue) as project, pytest.raises(InputError, match='a row with the id "nobody"'):
        forget_row(project, "nobody")


def test_the_lease_is_needed(made: tuple[Path, FakeQueue], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("labeling.erasure.forget.LEASE_WAIT_SECONDS", 0)
    config, queue = made
    with (
        at_desk(config, queue) as project,
        lease.acquire(project.store, LEASE),
        pytest.raises(Unavailable, match="held by"),
    ):
        forget_row(project, "r1")


def test_the_command(tmp_path: Path) -> None:
    config = write_project(tmp_path, small_rows(12), audit=2, batch=2)
    run = CliRunner()
    assert run.invoke(main, ["votes", str(config)]).exit_code == 0
    told = run.invoke(main, ["forget", str(config), "r3", "--json"])
    assert (told.exit_code, json.loads(told.stdout)["id"]) == (0, "r3"), told.output
    votes = json.loads(run.invoke(main, ["votes", str(config), "--json"]).stdout)
    assert votes["rows"] == 11
    assert all(voter["ran"] == 0 for voter in votes["voters"])
    assert run.invoke(main, ["forget", str(config), "nobody"]).exit_code == 2
    assert run.invoke(main, ["forget"]).exit_code == 2

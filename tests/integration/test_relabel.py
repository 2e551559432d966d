"""The scheduled job: it does what changed, once, publishes what it may, and says what it did."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from labeling.cli.commands import main
from labeling.errors import InputError, QuorumError, Unavailable
from labeling.project import Desk, Project
from labeling.relabel.dry_run import foresee
from labeling.relabel.job import relabel
from labeling.relabel.report import JobReport
from labeling.releases.publication import is_pinned
from labeling.rounds.live import LEASE
from labeling.rounds.rollback import promote, roll_back
from labeling.store import Holder, frames, jobs, lease, promotions, releases
from labeling.types import LabelClass, LabelSchema, Receipt, ReviewTask
from tests.fakes import FakeQueue
from tests.projects import FUNCTIONS, answer, digest, gold_of, opened, small_rows, write_rows
from tests.projects import write_python_project as write_project

ROWS = small_rows(60)
GOLD = gold_of(ROWS)
SCHEMA = LabelSchema((LabelClass("BILL"), LabelClass("SHIP"), LabelClass("FIRE")))
N_FUNCTIONS = 4


class FailingQueue(FakeQueue):
    """A queue that takes tasks, and whose answer to that is lost."""

    lost = 0

    def push(self, tasks: Sequence[ReviewTask]) -> Sequence[Receipt]:
        receipts = super().push(tasks)
        if self.lost:
            self.lost -= 1
            raise Unavailable("the queue: no answer. Run it again.")
        return receipts


@pytest.fixture
def queue() -> FailingQueue:
    return FailingQueue(SCHEMA)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return write_project(tmp_path / "project", ROWS, audit=6, batch=8)


@contextmanager
def at_desk(config: Path, queue: FakeQueue) -> Iterator[Project]:
    with opened(config) as project:
        yield replace(project, connect=lambda: nullcontext(Desk(queue, "nowhere")))


def job(config: Path, queue: FakeQueue, **options: Any) -> JobReport:
    with at_desk(config, queue) as project:
        return relabel(project, **options)


def current(config: Path) -> int | None:
    with opened(config) as project, project.store.read() as tx:
        entry = promotions.latest(tx)
    return entry.release if entry else None


def state(config: Path) -> str:
    with opened(config) as project:
        return digest(project)


def test_the_first_job_publishes_and_asks(config: Path, queue: FailingQueue) -> None:
    report = job(config, queue)
    told = json.loads(json.dumps(report.to_dict()))
    assert (told["status"], told["flipped"]) == ("published", 0)
    assert told["changed"]["rows"] == {"added": 60, "changed": 0, "gone": 0}
    assert told["calls"]["ran"] == 60 * N_FUNCTIONS
    assert told["release"] == {"last": 1, "current": 1, "written": 1}
    assert told["people"]["pushed"] == len(queue.tasks) == told["people"]["open"] > 0
    assert told.keys() >= {"changed", "calls", "flipped", "seconds", "status"}


def test_a_second_job_at_once_changes_nothing(config: Path, queue: FailingQueue) -> None:
    first = job(config, queue)
    before, sent = state(config), dict(queue.tasks)
    second = job(config, queue)
    assert (second.status, second.calls["ran"], second.release["written"]) == ("unchanged", 0, None)
    assert second.changes["changed"]["rows"] == {"added": 0, "changed": 0, "gone": 0}
    assert second.calls["cached"] == first.calls["ran"]
    assert state(config) == before
    assert queue.tasks == sent
    with opened(config) as project, project.store.read() as tx:
        assert [entry.status for entry in jobs.recent(tx, 5)] == ["unchanged", "published"]
        assert len(releases.all_releases(tx)) == 1


def test_it_does_what_changed_and_no_more(config: Path, queue: FailingQueue) -> None:
    job(config, queue)
    said = answer(queue, GOLD)
    added = [{"id": f"n{i}", "text": f"parcel of the new kind {i}", "label": "SHIP"} for i in range(3)]
    edited = {**ROWS[5], "text": "refund of another text"}
    rows = [*ROWS[2:5], edited, *ROWS[6:], *added]
    write_rows(config.parent, rows)
    functions = FUNCTIONS.replace('"courier"', '"lost"')
    (config.parent / "functions.py").write_text(functions, encoding="utf-8")
    with at_desk(config, queue) as project:
        before = digest(project)
        foreseen = foresee(project).to_dict()
        assert digest(project) == before
    report = job(config, queue)
    told = report.to_dict()
    assert told["changed"]["rows"] == foreseen["changed"]["rows"] == {"added": 3, "changed": 1, "gone": 2}
    assert [(v["name"], v["what"]) for v in told["changed"]["voters"]] == [("courier", "edited")]
    assert foreseen["changed"]["voters"] == told["changed"]["voters"]
    new, known = 4, 58 - 1
    assert told["calls"]["ran"] == foreseen["calls"]["ran"] == new * N_FUNCTIONS + known
    assert told["calls"]["cached"] == foreseen["calls"]["cached"] == known * (N_FUNCTIONS - 1)
    assert told["people"]["pulled"] == len(said) == told["changed"]["answers"]["new"]
    assert told["gained"] == len({flip["id"] for flip in told["flips"]}) > 0
    assert all(flip["why"].startswith("ann@example.com answered") for flip in told["flips"])


def test_an_edited_answer_flips_a_label_and_says_why(config: Path, queue: FailingQueue) -> None:
    job(config, queue)
    [edited, deleted, *_] = answer(queue, GOLD)
    job(config, queue)
    given = queue.annotations[edited].label
    queue.edit(edited, "FIRE" if given != "FIRE" else "BILL")
    queue.delete(deleted)
    told = job(config, queue).to_dict()
    assert (told["flipped"], told["lost"]) == (1, 1)
    whys = {flip["why"].split(" answered")[1] for flip in told["flips"]}
    assert any("no longer stands" in why for why in whys)


def test_what_a_broken_job_left_is_done_once(tmp_path: Path, queue: FailingQueue) -> None:
    config = write_project(tmp_path / "broken", ROWS, audit=6, batch=8)
    twin = write_project(tmp_path / "twin", ROWS, audit=6, batch=8)
    other = FakeQueue(SCHEMA)
    for path in (config, twin):
        with opened(path) as project, project.store.write() as tx:
            frames.open_frame(tx, "salt", 0.2)
    job(twin, other)
    queue.lost = 1
    with pytest.raises(Unavailable):
        job(config, queue)
    with opened(config) as project, project.store.read() as tx:
        assert jobs.latest(tx) is None
    again = job(config, queue)
    assert again.changes["changed"]["rows"] == {"added": 60, "changed": 0, "gone": 0}
    assert (again.calls["ran"], again.release) == (0, {"last": 1, "current": 1, "written": None})
    assert queue.tasks.keys() == other.tasks.keys()
    assert state(config) == state(twin)


def test_new_rows_unlike_the_others_are_held_back(config: Path, queue: FailingQueue) -> None:
    job(config, queue)
    strange = [
        {"id": f"s{i}", "text": f"money back, words {i} of no kind", "label": "BILL"} for i in range(40)
    ]
    write_rows(config.parent, [*ROWS, *strange])
    report = job(config, queue)
    assert (report.status, report.release) == ("held", {"last": 2, "current": 1, "written": 2})
    assert "quorum promote 2" in report.remarks[0]
    assert "coverage" in report.drift["said"]
    assert current(config) == 1
    again = job(config, queue)
    assert (again.status, again.remarks) == ("held", report.remarks)
    with opened(config) as project:
        promote(project, 2)
    after = job(config, queue)
    assert (after.status, after.release["current"], after.remarks) == ("unchanged", 2, [])


def test_nothing_becomes_current_by_itself_after_a_rollback(config: Path, queue: FailingQueue) -> None:
    job(config, queue)
    answer(queue, GOLD)
    job(config, queue)
    with opened(config) as project:
        roll_back(project, 1)
    answer(queue, GOLD)
    report = job(config, queue)
    assert (report.status, report.release) == ("published", {"last": 3, "current": 1, "written": 3})
    assert "release 1 was made current by a rollback" in report.remarks[0]
    with opened(config) as project:
        promote(project, 3)
        with project.store.read() as tx:
            assert not is_pinned(tx)


def test_a_voter_that_cannot_run_stops_the_job(config: Path, queue: FailingQueue) -> None:
    job(config, queue)
    answer(queue, GOLD)
    broken = FUNCTIONS.replace(
        "@labeling_function\ndef courier",
        "@labeling_function(examples=[('no such word', 'SHIP')])\ndef courier",
    )
    (config.parent / "functions.py").write_text(broken, encoding="utf-8")
    with pytest.raises(QuorumError, match=r"voters of release 1 cannot run: courier .*--without courier"):
        job(config, queue)
    with opened(config) as project, project.store.read() as tx:
        assert len(releases.all_releases(tx)) == 1
    with pytest.raises(InputError, match=r"'curier' is no voter\..*courier"):
        job(config, queue, without=("curier",))
    report = job(config, queue, without=("courier",))
    assert report.status == "published"
    assert [(v["name"], v["what"]) for v in report.changes["changed"]["voters"]] == [("courier", "removed")]


def test_the_holder_of_the_lease_is_named(config: Path, queue: FailingQueue) -> None:
    with opened(config) as project:
        other = Holder("elsewhere", 7, "quorum up")
        with (
            lease.acquire(project.store, LEASE, holder=other),
            pytest.raises(Unavailable, match="process 7 on elsewhere"),
        ):
            job(config, queue, wait=0.0)


def test_a_job_tests_only_where_the_config_says_so(tmp_path: Path) -> None:
    rows = small_rows(120)
    config = write_project(
        tmp_path / "ready", rows, audit=24, batch=30, alpha=0.3, more="relabel: {certify: when_ready}"
    )
    queue = FakeQueue(SCHEMA)
    for _ in range(6):
        report = job(config, queue)
        if report.changes["certificate"]["after"]:
            break
        answer(queue, gold_of(rows))
    assert report.changes["certificate"] == {"before": None, "after": 1}, report.tested
    assert report.tested is not None
    assert report.tested.startswith("At most 30 %")
    assert report.changes["gained"] > 0
    write_rows(config.parent, [*rows, {"id": "new", "text": "parcel of the new kind", "label": "SHIP"}])
    later = job(config, queue)
    assert later.routes["hold"] >= 1
    assert later.changes["certificate"] == {"before": 1, "after": 1}


def test_the_commands(config: Path) -> None:
    run = CliRunner()
    dry = run.invoke(main, ["relabel", str(config), "--dry-run", "--json"])
    told = json.loads(dry.stdout)
    assert (dry.exit_code, told["status"]) == (0, "dry run")
    assert told["changed"]["rows"] == {"added": 60, "changed": 0, "gone": 0}
    assert "240 to run" in run.invoke(main, ["relabel", str(config), "--dry-run"]).stdout
    listed = run.invoke(main, ["jobs", str(config)])
    assert "no job yet" in listed.stdout

"""Review and audit share the answers of a project that has a target."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from labeling.cli.commands import main
from labeling.config.sections import RoutingConfig
from labeling.project import Project
from labeling.rounds.live import certification, turn
from labeling.rounds.report import RoundReport
from labeling.rounds.sharing import audit_size, least_audit, needs_told, still_growing
from labeling.store import Round, frames, rounds
from labeling.types import Lane
from tests.fakes import FakeQueue
from tests.projects import answer, gold_of, known, opened, small_rows, synced, write_project

ROWS = small_rows(400)
GOLD = gold_of(ROWS)
BATCH, AUDIT = 20, 120


def with_target(path: Path, target: str) -> Path:
    written = path.read_text(encoding="utf-8")
    path.write_text(written.replace("audit:", f"target: {target}, audit:"), encoding="utf-8")
    return path


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return with_target(write_project(tmp_path, ROWS, audit=AUDIT, batch=BATCH, alpha=0.15), "0.8")


@pytest.fixture
def project(config: Path) -> Iterator[Project]:
    with opened(config) as found:
        yield found


@pytest.fixture
def queue(project: Project) -> FakeQueue:
    return FakeQueue(project.schema)


def play(project: Project, queue: FakeQueue, wrong_audits: bool = False) -> RoundReport:
    """Do a round and answer all of it."""
    report = turn(project)
    synced(project, queue)
    answer(queue, GOLD, lanes=(Lane.REVIEW, Lane.OVERLAP))
    other = {row: "SHIP" if label == "BILL" else "BILL" for row, label in GOLD.items()}
    answer(queue, other if wrong_audits else GOLD)
    synced(project, queue)
    return report


def decided(report: RoundReport) -> dict[str, object]:
    """Give the decision of a round, without the tasks that it led to."""
    assert report.split is not None
    return {name: report.split[name] for name in ("audit_first", "size", "need", "reason")}


def test_the_audit_starts_with_the_least_that_proves_anything(project: Project) -> None:
    turn(project)
    routing = project.config.routing
    assert 0 < audit_size(routing, len(ROWS)) == least_audit(routing, len(ROWS)) < AUDIT
    with project.store.read() as tx:
        frame = frames.current(tx)
    assert frame is not None
    assert turn(project).audit["planned"] == least_audit(routing, len(ROWS))


def test_the_first_rounds_review_and_say_why(project: Project, queue: FakeQueue) -> None:
    split = play(project, queue).split
    assert split is not None
    assert not split["audit_first"]
    assert split["reason"] == "review: the scorer has learnt from 0 answers only"
    assert split["review"] == BATCH
    assert split["audit"] > 0


def test_the_audit_comes_first_once_it_is_predicted_to_be_enough(project: Project, queue: FakeQueue) -> None:
    reports = (play(project, queue) for _ in range(12))
    first = next(r for r in reports if r.split and r.split["audit_first"])
    assert first.round > 2
    assert "predicted to be enough to accept 80 % of the texts that could be" in first.split["reason"]
    with project.store.read() as tx:
        assert len(needs_told(rounds.all_rounds(tx), 0.8)) == len(rounds.all_rounds(tx))
        assert needs_told(rounds.all_rounds(tx), 0.7) == []


def test_audit_tasks_fill_the_batch_before_any_review(project: Project, queue: FakeQueue) -> None:
    for _ in range(12):
        turn(project)
        synced(project, queue)
        answer(queue, GOLD, lanes=(Lane.REVIEW, Lane.OVERLAP))
        synced(project, queue)
        split = turn(project).split
        assert split is not None
        waiting = len(known(project).open_audit)
        if split["audit_first"] and waiting >= BATCH:
            assert split["review"] == 0
            return
    raise AssertionError("the audit never came first")


def test_what_auditors_say_has_no_part_in_it(tmp_path: Path) -> None:
    splits = []
    for lie in (False, True):
        made = write_project(tmp_path / str(lie), ROWS, audit=AUDIT, batch=BATCH, alpha=0.15)
        with opened(with_target(made, "0.8")) as project:
            with project.store.write() as tx:
                frames.open_frame(tx, "salt", 0.05)
            queue = FakeQueue(project.schema)
            splits.append([decided(play(project, queue, wrong_audits=lie)) for _ in range(5)])
    assert splits[0] == splits[1]
    assert splits[0][-1]["audit_first"]


def test_without_a_target_both_are_asked_side_by_side(tmp_path: Path) -> None:
    with opened(write_project(tmp_path, ROWS, audit=AUDIT, batch=BATCH)) as project:
        report = turn(project)
        assert report.audit["planned"] == AUDIT
        assert report.split is not None
        assert report.split["reason"] == "side by side: routing.target is not set"
        assert (report.split["review"], report.split["audit"]) == (BATCH, BATCH // 2)


def test_the_command_tells_the_split(config: Path) -> None:
    told = CliRunner().invoke(main, ["run", str(config), "--json"])
    split = json.loads(told.stdout)["split"]
    assert split["reason"].startswith("review: ")
    said = " ".join(CliRunner().invoke(main, ["run", str(config)]).output.split())
    assert f"split {BATCH} questions for review, {split['audit']} for the audit. review: " in said


def test_no_test_takes_place_while_the_audit_is_to_grow(tmp_path: Path) -> None:
    made = write_project(tmp_path, ROWS, audit=AUDIT, batch=100, alpha=0.15)
    with opened(with_target(made, "1.0")) as project:
        split = play(project, FakeQueue(project.schema)).split
        assert split is not None
        tested = certification(project)
        assert split["need"] > tested.audit["planned"] > 0
        assert (tested.passed, tested.delta_spent) == (False, 0.0)
        assert tested.audit["open"] == 0
        assert "so far; the audit is still to grow. review: " in tested.statement
        assert "`routing.target: null` takes it as it is" in tested.statement


def test_once_the_audit_is_answered_it_is_tested(project: Project, queue: FakeQueue) -> None:
    for _ in range(14):
        report = play(project, queue)
        if report.split and report.split["audit_first"] and not turn(project).audit["open"]:
            break
    tested = certification(project)
    assert tested.delta_spent > 0
    assert tested.certificate is not None
    assert tested.certificate["audited"] < AUDIT


@pytest.mark.parametrize(
    ("split", "target", "growing"),
    [
        ({"audit_first": False, "need": None, "reason": "review: why"}, 0.8, True),
        ({"audit_first": False, "need": 50, "reason": "review: why"}, 0.8, True),
        ({"audit_first": False, "need": 30, "reason": "review: why"}, 0.8, False),
        ({"audit_first": True, "need": 50, "reason": "audit: why"}, 0.8, False),
        ({"audit_first": False, "need": 50, "reason": "review: why"}, None, False),
        (None, 0.8, False),
    ],
)
def test_an_audit_grows_until_review_has_done_its_part(
    split: dict[str, object] | None, target: float | None, growing: bool
) -> None:
    last = Round(1, "", "", "", {"split": split, "target": 0.8} if split else {})
    assert (still_growing(RoutingConfig(target=target), last, 40) is not None) is growing
    assert still_growing(RoutingConfig(target=target), None, 40) is None

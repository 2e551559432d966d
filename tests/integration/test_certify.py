"""The way to a certificate: refused while the audit is open, given, exported, renewed by a fresh audit."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

import pandas as pd
import pytest

from labeling.certificates.looks import look_share
from labeling.errors import GateRefused
from labeling.explain import explain_row
from labeling.export import export_labels
from labeling.pool import load_pool, seed_gold
from labeling.pool.audit import audit_status, standing_audit
from labeling.pool.training import training_gold
from labeling.project import Project
from labeling.rounds.certificate_page import write_certificate_page
from labeling.rounds.live import LEASE, certification, turn
from labeling.rounds.promotion import CertifyReport, fresh_audit
from labeling.store import certificates, frames, lease, releases, rounds
from labeling.types import Lane
from tests.fakes import FakeQueue
from tests.projects import (
    answer,
    digest,
    gold_of,
    known,
    opened,
    shares_spent,
    small_rows,
    synced,
    write_project,
)

ROOT = Path(__file__).parents[2]
ROWS = small_rows(200)
GOLD = gold_of(ROWS)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = write_project(tmp_path, ROWS, audit=40, batch=20, alpha=0.2)
    with opened(path) as project, project.store.write() as tx:
        frames.open_frame(tx, "salt", 0.1)
    return path


@pytest.fixture
def project(config: Path) -> Iterator[Project]:
    with opened(config) as found:
        yield found


@pytest.fixture
def queue(project: Project) -> FakeQueue:
    return FakeQueue(project.schema)


def until_audited(project: Project, queue: FakeQueue, gold: Mapping[str, str], limit: int = 12) -> int:
    """Answer everything that is asked, round by round, until the audit is complete; give the rounds.

    The first round tops the audit up or leaves it as it was drawn.
    """
    for done in range(1, limit + 1):
        turn(project)
        synced(project, queue)
        answer(queue, gold)
        synced(project, queue)
        report = certification_status(project)
        if report["open"] == 0:
            return done
    raise AssertionError(f"after {limit} rounds the audit is still open: {report}")


def certification_status(project: Project) -> dict[str, int]:
    pool, people = load_pool(project), known(project)
    with project.store.read() as tx:
        frame = frames.current(tx)
    assert frame is not None
    audit = standing_audit(pool.items, people, frame, seed_gold(project, pool) != -1, project.schema)
    return audit_status(audit, pool.items.digests, people).to_dict()


def certified(project: Project, queue: FakeQueue) -> CertifyReport:
    until_audited(project, queue, GOLD)
    report = certification(project)
    assert report.passed, report.statement
    return report


def test_an_open_audit_is_no_test_and_costs_nothing(project: Project, queue: FakeQueue) -> None:
    turn(project)
    synced(project, queue)
    answer(queue, GOLD)
    synced(project, queue)
    before = digest(project)
    report = certification(project)
    assert (report.passed, report.delta_spent, report.certificate, report.release) == (False, 0.0, None, None)
    assert report.statement.startswith("no test yet, and none of delta spent: 10 of 40 audit answers, about")
    assert shares_spent(project) == 0
    assert digest(project) == before


def test_a_project_without_any_round_is_refused_in_words(project: Project) -> None:
    report = certification(project)
    assert not report.passed
    assert re.search(r"0 of \d+ audit answers", report.statement)


def test_people_who_answer_everything_reach_a_certificate(
    project: Project, queue: FakeQueue, tmp_path: Path
) -> None:
    with pytest.raises(GateRefused, match="no certificate holds"):
        export_labels(project, tmp_path / "before.csv", certified=True)
    assert not (tmp_path / "before.csv").exists()
    with pytest.raises(GateRefused, match="no certificate is in force"):
        write_certificate_page(project, tmp_path / "before.html")
    report = certified(project, queue)
    keys = ("promise", "alpha", "delta", "threshold", "audited", "errors", "accepted", "scorer", "covers")
    told = report.to_dict()
    assert told.keys() >= set(keys)
    assert (told["alpha"], told["promise"], told["passed"]) == (0.2, "dataset", True)
    assert report.delta_spent == pytest.approx(look_share(0.1, 1, 10))
    write_certificate_page(project, tmp_path / "pages" / "certificate.html")
    page = (tmp_path / "pages" / "certificate.html").read_text(encoding="utf-8")
    assert f"Certificate {report.number} of {project.config.project}" in page
    assert told["covers"] in page
    with project.store.read() as tx:
        published = releases.latest(tx)
        champion = certificates.champion(tx)
    assert published is not None
    assert champion is not None
    assert (published.number, published.test_number, report.release) == (1, report.number, 1)
    assert published.score_table == champion.score_table == told["covers"]

    frame = export_labels(project, tmp_path / "certified.csv", certified=True)
    machine = frame[frame["source"] == "certified"]
    assert len(machine) == told["accepted"] > 0
    assert set(frame["source"]) == {"human", "certified"}
    assert (machine["label"] == machine["id"].map(GOLD)).mean() >= 0.8
    assert set(machine["route"]) == {"accept"}
    written = pd.read_csv(tmp_path / "certified.csv", dtype=str)
    assert written["id"].tolist() == frame["id"].tolist()
    whole = export_labels(project, tmp_path / "whole.csv")
    assert len(whole) == 200
    assert whole["source"].isna().sum() == 200 - len(frame)

    after = turn(project)
    assert after.certificate is not None
    assert "answers" not in after.certificate
    assert after.routes["accept"] == len(frame)
    row = machine["id"].iloc[0]
    explained = explain_row(project, row)
    assert (explained.source, explained.route) == ("certified", "accept")
    assert f"certificate {report.number}" in explained.reason


def test_certifying_in_vain_changes_neither_queue_nor_audit(config: Path) -> None:
    config.write_text(config.read_text().replace("alpha: 0.2", "alpha: 0.01"))
    with opened(config) as project:
        queue = FakeQueue(project.schema)
        until_audited(project, queue, GOLD)
        status, tasks = certification_status(project), known(project).tasks
        report = certification(project)
        assert (report.passed, report.certificate, report.delta_spent) == (False, None, 0.0)
        assert "Raise the audit" in report.statement
        assert known(project).tasks == tasks
        assert certification_status(project) == status
        assert shares_spent(project) == 0
        with project.store.read() as tx:
            tested = rounds.latest(tx)
        assert tested is not None
        assert certification(project).statement == report.statement
        following = turn(project)
        assert (following.round, following.repeated) == (tested.number + 1, False)
        assert len(known(project).tasks) > len(tasks)


def test_a_fresh_audit_retires_the_answers_into_gold(project: Project, queue: FakeQueue) -> None:
    turn(project)
    synced(project, queue)
    waiting = {i for i in queue.open_ids() if queue.tasks[i].lane == Lane.AUDIT}
    answered = sorted(waiting)[:4]
    for task_id in answered:
        queue.answer(task_id, GOLD[queue.tasks[task_id].row_id])
    synced(project, queue)
    with project.store.read() as tx:
        old = frames.current(tx)
    report = certification(project, fresh=True)
    assert not report.passed
    assert "0 of 20 audit answers" in report.statement
    with project.store.read() as tx:
        new = frames.current(tx)
    assert old is not None
    assert new is not None
    assert new.number > old.number
    assert new.salt != old.salt
    people, pool = known(project), load_pool(project)
    retired = {people_task.digest for people_task in people.tasks if people_task.task_id in answered}
    training = training_gold(project, pool, people)
    assert {str(d) for d in pool.items.digests[training != -1]} == retired

    turn(project)
    done = synced(project, queue)
    open_audits = {t.digest for t in known(project).open_audit}
    status = certification_status(project)
    assert 0 < status["planned"] <= 20
    assert done.withdrawn > 0
    drawn = members(project)
    assert open_audits <= drawn
    assert {queue.tasks[i].digest for i in queue.open_ids() if queue.tasks[i].lane == Lane.AUDIT} <= drawn


def test_a_fresh_audit_before_any_exchange_sends_nothing_of_the_old_one(
    project: Project, queue: FakeQueue
) -> None:
    turn(project)
    with lease.acquire(project.store, LEASE) as held:
        fresh_audit(project, held)
    turn(project)
    synced(project, queue)
    audits = {t.digest for t in queue.tasks.values() if t.lane == Lane.AUDIT}
    assert audits
    assert audits <= members(project)


def members(project: Project) -> set[str]:
    """Contents of the standing audit."""
    pool, people = load_pool(project), known(project)
    with project.store.read() as tx:
        frame = frames.current(tx)
    assert frame is not None
    audit = standing_audit(pool.items, people, frame, pool.slices & False, project.schema)
    return set(pool.items.digests[audit.item_members].tolist())


def test_without_an_audit_there_is_no_certificate(tmp_path: Path) -> None:
    with opened(write_project(tmp_path, small_rows(60), audit=0)) as project:
        queue = FakeQueue(project.schema)
        report = turn(project)
        assert report.audit["planned"] == 0
        synced(project, queue)
        assert {t.lane for t in queue.tasks.values()} == {Lane.REVIEW}
        refused = certification(project)
        assert (refused.passed, refused.delta_spent) == (False, 0.0)


def test_the_shipped_example_reaches_a_certificate(tmp_path: Path) -> None:
    """Annotators who answer all that they are asked need five rounds of a hundred at most."""
    shutil.copytree(ROOT / "configs" / "support_tickets", tmp_path / "configs" / "support_tickets")
    (tmp_path / "lfs").mkdir()
    shutil.copy(ROOT / "lfs" / "support_tickets.py", tmp_path / "lfs")
    config = tmp_path / "configs" / "support_tickets.yaml"
    shipped = (ROOT / "configs" / "support_tickets.yaml").read_text(encoding="utf-8")
    assert "batch: 50" in shipped
    config.write_text(shipped.replace("batch: 50", "batch: 100"), encoding="utf-8")
    lines = (tmp_path / "configs" / "support_tickets" / "tickets.jsonl").read_text(encoding="utf-8")
    gold = gold_of(json.loads(line) for line in lines.splitlines())
    with opened(config) as project:
        with project.store.write() as tx:
            frames.open_frame(tx, "a salt of no special virtue", 0.1)
        queue = FakeQueue(project.schema)
        assert until_audited(project, queue, gold) <= 5
        report = certification(project)
        assert report.passed, report.statement
        frame = export_labels(project, tmp_path / "labels.parquet", certified=True)
        with project.store.read() as tx:
            latest = rounds.latest(tx)
    assert latest is not None
    machine = frame[frame["source"] == "certified"]
    truth = machine["id"].map(gold)
    assert (machine["label"] != truth).sum() <= 0.1 * report.certificate["population"]  # type: ignore[index]
    assert "SAFETY" not in set(machine["label"])
    assert len(machine) > 300

"""The audit in front of people: skips go to another person, what stays open counts as wrong, all is blind."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import spearmanr

from labeling.export import export_labels
from labeling.project import Project
from labeling.rounds.live import certification, turn
from labeling.store import frames
from labeling.types import Lane
from tests.fakes import FakeQueue
from tests.projects import answer, gold_of, in_front, known, opened, small_rows, synced, write_project

ROWS = small_rows(260)
GOLD = gold_of(ROWS)
BOB = "bob@example.com"


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    path = write_project(tmp_path, ROWS, audit=60, batch=60, alpha=0.2)
    with opened(path) as found:
        with found.store.write() as tx:
            frames.open_frame(tx, "salt", 0.0)
        yield found


@pytest.fixture
def queue(project: Project) -> FakeQueue:
    return FakeQueue(project.schema)


def asked(project: Project, queue: FakeQueue) -> None:
    turn(project)
    synced(project, queue)


def audited_but(project: Project, queue: FakeQueue, skips: int) -> list[str]:
    """Answer until the audit is complete, but skip the last ones; give the ids of the skipped tasks."""
    for _ in range(8):
        asked(project, queue)
        answer(queue, GOLD, (Lane.REVIEW,))
        waiting = in_front(queue, Lane.AUDIT)
        status = certification(project).audit
        last = status["open"] <= len(waiting)
        for task in waiting[skips:] if last else waiting:
            queue.answer(task.task_id, GOLD[task.row_id])
        skipped = [t.task_id for t in waiting[:skips]] if last else []
        for task_id in skipped:
            queue.skip(task_id)
        synced(project, queue)
        if last:
            return skipped
    raise AssertionError(status)


def test_a_skip_goes_to_another_person_whose_answer_settles_it(project: Project, queue: FakeQueue) -> None:
    skipped = audited_but(project, queue, skips=5)
    waiting = certification(project)
    assert (waiting.delta_spent, waiting.audit["skipped"], waiting.audit["open"]) == (0.0, 5, 0)
    assert "5 were skipped or are disputed and need another person's answer" in waiting.audit["missing"]
    assert set(skipped) <= queue.tasks.keys(), "nobody takes it back"
    for task_id in skipped:
        queue.answer(task_id, GOLD[queue.tasks[task_id].row_id], annotator=BOB)
    synced(project, queue)
    report = certification(project)
    assert report.passed, report.statement
    told = report.to_dict()
    assert told["unanswered"] == 0
    assert BOB in told["auditors"]


def test_what_nobody_settles_counts_as_wrong(project: Project, queue: FakeQueue) -> None:
    [skipped] = audited_but(project, queue, skips=1)
    inside = queue.tasks[skipped].row_id
    report = certification(project)
    assert report.passed, report.statement
    told = report.to_dict()
    assert told["unanswered"] <= 1
    wrong = wrong_among_answered(project, queue)
    assert told["errors"] == told["unanswered"] + wrong
    assert told["unanswered"] == int(could_be_accepted(project, inside))


def wrong_among_answered(project: Project, queue: FakeQueue) -> int:
    """Count answered audit texts that could be accepted and whose label is another."""
    audits = {t.digest for t in known(project).tasks if t.lane == Lane.AUDIT}
    frame = export_labels(project, Path(str(project.config.root)) / "all.parquet")
    inside = frame[frame["digest"].isin(audits) & (frame["voters"] != "{}") & (frame["label"].notna())]
    inside = inside[inside["id"].map(lambda row: could_be_accepted(project, row))]
    return int((inside["suggestion"] != inside["label"]).sum())


def could_be_accepted(project: Project, row: str) -> bool:
    text = next(r["text"] for r in ROWS if r["id"] == row)
    return any(word in text for word in ("refund", "invoice", "parcel", "courier"))


def test_two_percent_open_is_the_most(project: Project, queue: FakeQueue) -> None:
    audited_but(project, queue, skips=3)
    report = certification(project)
    assert (report.passed, report.delta_spent) == (False, 0.0)
    assert "a second person takes what the first skips" in report.statement


def test_the_audit_stands_in_random_order_among_the_rest(project: Project, queue: FakeQueue) -> None:
    asked(project, queue)
    audits, reviews = in_front(queue, Lane.AUDIT), in_front(queue, Lane.REVIEW)
    scores = {t.digest: t.confidence for t in known(project).tasks}
    assert all(scores[t.digest] is None for t in audits)
    frame = export_labels(project, Path(str(project.config.root)) / "all.parquet").set_index("digest")
    sure = frame[[c for c in frame if c.startswith("p:")]].max(axis=1)
    assert len(audits) >= 30
    assert spearmanr([t.priority for t in audits], sure[[t.digest for t in audits]]).pvalue > 0.01
    places = np.sort([t.priority for t in audits])
    assert np.abs(places - (np.arange(len(places)) + 0.5) / len(places)).max() < 0.3, "spread evenly"
    assert reviews[0].priority < places[len(places) // 2] < reviews[-1].priority


def test_no_task_tells_its_lane(project: Project, queue: FakeQueue) -> None:
    for _ in range(3):
        asked(project, queue)
        for task in in_front(queue, *Lane):
            blind = task.lane != Lane.REVIEW
            assert (task.suggestion is None, task.confidence is None) in {(blind, blind), (True, blind)}
            assert task.fields.keys() == {"text"}
            assert (task.why is None) == (task.suggestion is None)
            assert len(task.task_id) == 20
            assert int(task.task_id, 16) >= 0
        answer(queue, GOLD)
        synced(project, queue)


def test_a_new_order_keeps_the_audit_blind(project: Project, queue: FakeQueue) -> None:
    asked(project, queue)
    before = in_front(queue, Lane.AUDIT)
    answer(queue, GOLD, (Lane.REVIEW,))
    synced(project, queue)
    asked(project, queue)
    after = {t.task_id: t for t in in_front(queue, Lane.AUDIT)}
    still = [t for t in before if t.task_id in after]
    assert still
    assert [t.task_id for t in sorted(still, key=lambda t: after[t.task_id].priority)] == [
        t.task_id for t in still
    ]
    assert all(after[t.task_id].suggestion is None for t in still)

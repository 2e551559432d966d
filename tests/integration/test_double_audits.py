"""Double audits: a second person answers some audit texts blindly, and nothing else rests on that."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import cycle
from pathlib import Path

import pytest

from labeling.pool import load_pool
from labeling.pool.training import training_gold
from labeling.project import Project
from labeling.rounds.live import certification, turn
from labeling.rounds.promotion import CertifyReport
from labeling.store import frames
from labeling.types import Lane, ReviewTask
from tests.fakes import FakeQueue
from tests.projects import gold_of, in_front, known, opened, small_rows, synced, write_project

ROWS = small_rows(200)
GOLD = gold_of(ROWS)
OTHER = {"BILL": "SHIP", "SHIP": "BILL", "FIRE": "SHIP"}
ANN, BOB = "ann@example.com", "bob@example.com"


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    path = write_project(tmp_path, ROWS, audit=40, batch=20, alpha=0.2)
    path.write_text(path.read_text().replace("critical_floor", "double_audit: 0.5, critical_floor"))
    with opened(path) as found:
        with found.store.write() as tx:
            frames.open_frame(tx, "salt", 0.1)
        yield found


@pytest.fixture
def queue(project: Project) -> FakeQueue:
    return FakeQueue(project.schema)


def first_answers(queue: FakeQueue, people: tuple[str, ...] = (ANN, BOB)) -> None:
    for task, who in zip(in_front(queue, Lane.REVIEW, Lane.AUDIT), cycle(people), strict=False):
        queue.answer(task.task_id, GOLD[task.row_id], annotator=who)


def who_answered(queue: FakeQueue) -> dict[str, str]:
    """Give who answered each content first."""
    given = [a for a in queue.annotations.values() if queue.tasks[a.task_id].lane != Lane.DOUBLE]
    return {queue.tasks[a.task_id].digest: a.annotator for a in given}


def second_answers(queue: FakeQueue, said: Mapping[str, str] = {}) -> None:
    """Answer the second time, each text by whom did not answer it first."""
    first = who_answered(queue)
    for task in in_front(queue, Lane.DOUBLE):
        who = BOB if first.get(task.digest, ANN) == ANN else ANN
        queue.answer(task.task_id, said.get(task.digest, GOLD[task.row_id]), annotator=who)


def rounds_of(project: Project, queue: FakeQueue, number: int, *, second: bool = True) -> None:
    for _ in range(number):
        turn(project)
        synced(project, queue)
        first_answers(queue)
        if second:
            second_answers(queue)
        synced(project, queue)


def certified(project: Project, queue: FakeQueue, *, second: bool = True) -> CertifyReport:
    """Turn the loop until the audit is complete, and test."""
    for _ in range(12):
        rounds_of(project, queue, 1, second=second)
        report = certification(project)
        if report.delta_spent:
            assert report.passed, report.statement
            return report
    raise AssertionError(report.statement)


def doubled(queue: FakeQueue) -> list[ReviewTask]:
    return [t for t in queue.tasks.values() if t.lane == Lane.DOUBLE]


def test_a_second_person_gets_new_tasks_that_look_like_the_first_ones(
    project: Project, queue: FakeQueue
) -> None:
    turn(project)
    synced(project, queue)
    assert not doubled(queue), "nobody is there to ask"
    first_answers(queue)
    synced(project, queue)
    turn(project)
    synced(project, queue)
    audits = {t.digest: t for t in queue.tasks.values() if t.lane == Lane.AUDIT}
    found = doubled(queue)
    assert len(audits) / 4 < len(found) < len(audits)
    assert {t.digest for t in found} <= audits.keys()
    assert any(t.digest in who_answered(queue) for t in found)
    assert all(t.suggestion is None and t.confidence is None and t.inclusion is None for t in found)
    assert all(t.fields == audits[t.digest].fields for t in found)
    assert not {t.task_id for t in found} & {t.task_id for t in audits.values()}


def test_one_person_alone_is_never_asked_twice(project: Project, queue: FakeQueue) -> None:
    for _ in range(4):
        turn(project)
        synced(project, queue)
        first_answers(queue, (ANN,))
        synced(project, queue)
    assert not doubled(queue)


def test_second_answers_are_no_gold(project: Project, queue: FakeQueue) -> None:
    rounds_of(project, queue, 2, second=False)
    turn(project)
    synced(project, queue)
    before = known(project)
    learnt = training_gold(project, load_pool(project), before)
    second_answers(queue, {t.digest: OTHER[GOLD[t.row_id]] for t in doubled(queue)})
    synced(project, queue)
    after = known(project)
    assert len(after.second) == len(doubled(queue)) > 0
    assert (after.gold, after.given) == (before.gold, before.given)
    assert (training_gold(project, load_pool(project), after) == learnt).all()


def test_who_answered_first_is_asked_no_second_time_for_good(project: Project, queue: FakeQueue) -> None:
    rounds_of(project, queue, 1, second=False)
    turn(project)
    synced(project, queue)
    first = who_answered(queue)
    same = [t for t in in_front(queue, Lane.DOUBLE) if t.digest in first]
    for task in same:
        queue.answer(task.task_id, GOLD[task.row_id], annotator=first[task.digest])
    synced(project, queue)
    turn(project)
    synced(project, queue)
    again = {t.digest for t in in_front(queue, Lane.DOUBLE)}
    assert again >= {t.digest for t in same}
    for _ in range(4):
        for task in in_front(queue, Lane.DOUBLE):
            queue.answer(task.task_id, GOLD[task.row_id], annotator=first.get(task.digest, ANN))
        synced(project, queue)
        turn(project)
        synced(project, queue)
    tries = [t.digest for t in doubled(queue)]
    assert max(map(tries.count, tries)) == 3


def test_the_certificate_tells_how_often_two_differ(project: Project, queue: FakeQueue) -> None:
    rounds_of(project, queue, 3)
    apart = {t.digest: OTHER[GOLD[t.row_id]] for t in doubled(queue)[:2]}
    for annotation in list(queue.annotations.values()):
        task = queue.tasks[annotation.task_id]
        if task.lane == Lane.DOUBLE and task.digest in apart:
            queue.edit(annotation.annotation_id, apart[task.digest])
    synced(project, queue)
    report = certified(project, queue)
    told = report.to_dict()
    error = told["auditors_error"]
    members = {d for d, g in known(project).gold.items() if g.lane == Lane.AUDIT}
    kept = {t.digest for t in doubled(queue)} & members
    assert (report.audit["doubled"], report.audit["paired"]) == (len(kept), len(kept))
    assert 0 < error["doubled"] <= len(kept)
    assert error["unpaired"] == 0
    assert error["apart"] <= 2
    assert f"{error['doubled']} of the audited texts were drawn" in told["truth"]
    edited = next(a for a in queue.annotations.values() if queue.tasks[a.task_id].lane == Lane.DOUBLE)
    queue.edit(edited.annotation_id, OTHER[str(edited.label)])
    assert synced(project, queue).reopened is None


def test_the_status_counts_what_second_people_still_owe(project: Project, queue: FakeQueue) -> None:
    report = certified(project, queue, second=False)
    status = report.audit
    assert (status["open"], status["paired"]) == (0, 0)
    assert status["doubled"] > 0
    assert f"0 of {status['doubled']} second answers" in status["missing"]
    assert report.to_dict()["auditors_error"] is None
    assert "No audited text has two people's answers" in report.to_dict()["truth"]


def test_no_share_asks_nobody(tmp_path: Path) -> None:
    path = write_project(tmp_path, ROWS, audit=40, batch=20)
    path.write_text(path.read_text().replace("critical_floor", "double_audit: 0, critical_floor"))
    with opened(path) as project:
        queue = FakeQueue(project.schema)
        rounds_of(project, queue, 2)
        assert not doubled(queue)

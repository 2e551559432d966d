"""The loop once round on a real Label Studio: people answer, gold is exact, the next order reaches them."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from integrations.label_studio.server import LocalServer
from labeling.app import KEY_VARIABLE, open_project
from labeling.pool.people import People, read_people
from labeling.project import Project
from labeling.rounds.live import exchange, turn
from labeling.rounds.sync import SyncReport
from labeling.store import TaskStatus, tasks
from labeling.types import Lane
from tests.label_studio_people import LabelStudioPeople, Person

ROOT = Path(__file__).parents[2]
ANSWERED = 60
KILLED_AFTER_IMPORT = """
import os, signal, sys
from labeling.app import open_project
from labeling.rounds.live import exchange

project = open_project(sys.argv[1])
with project.connect() as desk:
    push = desk.queue.push
    def push_and_die(tasks):
        push(tasks)
        os.kill(os.getpid(), signal.SIGKILL)
    desk.queue.push = push_and_die
    exchange(project, desk)
"""


@pytest.fixture
def config(tmp_path: Path, label_studio: LocalServer, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The shipped example in a folder of its own, on the real server."""
    monkeypatch.setenv(KEY_VARIABLE, label_studio.token)
    shutil.copytree(ROOT / "configs" / "support_tickets", tmp_path / "configs" / "support_tickets")
    (tmp_path / "lfs").mkdir()
    shutil.copy(ROOT / "lfs" / "support_tickets.py", tmp_path / "lfs")
    text = (ROOT / "configs" / "support_tickets.yaml").read_text(encoding="utf-8")
    text = text.replace("url: local", f"url: {label_studio.url}").replace("support-tickets", tmp_path.name)
    path = tmp_path / "configs" / "example.yaml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def project(config: Path) -> Iterator[Project]:
    opened = open_project(str(config))
    yield opened
    opened.store.close()


@pytest.fixture
def people(
    project: Project, label_studio: LocalServer, annotators: list[Person]
) -> Iterator[LabelStudioPeople]:
    with project.connect() as desk:
        number = int(desk.address.split("/projects/")[1].split("/")[0])
    answering = LabelStudioPeople(label_studio.url, number, annotators)
    yield answering
    answering.close()


def known(project: Project) -> People:
    with project.store.read() as tx:
        return read_people(tx, project.schema)


def synced(project: Project) -> SyncReport:
    with project.connect() as desk:
        return exchange(project, desk)


def on_the_server(people: LabelStudioPeople) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = people.call(
        "GET", f"/api/tasks?project={people.project}&page_size=1000&include=id,data"
    )["tasks"]
    return found


def test_two_people_answer_sixty_tasks(
    project: Project, people: LabelStudioPeople, annotators: list[Person]
) -> None:
    first = turn(project)
    assert first.routes["accept"] == 0
    sent = synced(project)
    assert (sent.pushed, sent.gold) == (75, 0)
    lanes = Counter(t.lane for t in known(project).tasks)
    assert lanes == {Lane.REVIEW: 50, Lane.AUDIT: 25}

    ann, bob = (person.email for person in annotators)
    names = project.schema.names
    by_id = {t.task_id: t for t in known(project).tasks}
    expected: dict[str, str] = {}
    answers: dict[str, str] = {}
    for given in range(ANSWERED):
        task_id = people.next_task()
        label = names[given % len(names)]
        answers[task_id] = people.answer(task_id, label, annotator=(ann, bob)[given % 2], seconds=4.0 + given)
        expected[by_id[task_id].digest] = label
    skipped = people.next_task()
    people.skip(skipped)
    edited, deleted = list(answers)[5], list(answers)[9]
    people.edit(answers[edited], "SAFETY")
    expected[by_id[edited].digest] = "SAFETY"
    people.delete(answers[deleted])
    del expected[by_id[deleted].digest]

    report = synced(project)
    gold = {g.digest: g.label for g in known(project).gold.values() if g.label is not None}
    assert gold == expected
    assert report.gold == ANSWERED - 1
    assert known(project).gold[by_id[skipped].digest].label is None
    assert {name for g in known(project).gold.values() for name in g.annotators} == {ann, bob}

    again = synced(project)
    assert (again.pulled, again.pushed) == (0, 0)

    second = turn(project)
    assert second.round == first.round + 1
    assert synced(project).pushed > 0
    # Label Studio keeps the task whose answer was deleted for the person who had it.
    assert people.next_task() == deleted
    people.answer(deleted, "BILLING", annotator=ann)
    now = known(project)
    waiting = [t for t in now.tasks if t.digest not in now.gold and t.task_id != deleted]
    order = [t.task_id for t in sorted(waiting, key=lambda t: t.priority)]
    for task_id in order[:5]:
        assert people.next_task() == task_id
        people.answer(task_id, "BILLING", annotator=ann)

    # What Ann skipped reaches Bob, at its place in the new order.
    for _ in range(len(order)):
        offered = people.call("GET", f"/api/projects/{people.project}/next", annotator=bob)["data"]["ext_id"]
        if offered == skipped:
            break
        people.answer(offered, "BILLING", annotator=bob)
    assert offered == skipped


def test_a_kill_between_import_and_bookkeeping_loses_and_doubles_nothing(
    project: Project, people: LabelStudioPeople, config: Path
) -> None:
    turn(project)
    child = subprocess.run(
        [sys.executable, "-c", KILLED_AFTER_IMPORT, str(config)], cwd=ROOT, capture_output=True, check=False
    )
    assert child.returncode == -signal.SIGKILL, child.stderr.decode()
    with project.store.read() as tx:
        assert len(tasks.intended(tx)) == 75
    assert len(on_the_server(people)) == 75

    assert synced(project).pushed == 75
    ids = Counter(t["data"]["ext_id"] for t in on_the_server(people))
    assert set(ids.values()) == {1}
    assert set(ids) == {t.task_id for t in known(project).tasks}
    assert {t.status for t in known(project).tasks} == {TaskStatus.OPEN}

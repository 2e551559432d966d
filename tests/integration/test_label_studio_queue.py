"""What the queue on a real Label Studio does beyond the contract: faults, foreign tasks, many tasks."""

from __future__ import annotations

import json
import shutil
import sqlite3
import time
import uuid
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from integrations.label_studio.results import result_of
from integrations.label_studio.review_queue import LabelStudioQueue
from integrations.label_studio.server import LocalServer
from labeling.errors import InputError, Unavailable
from labeling.types import LabelClass, LabelSchema, Lane, ReviewTask
from tests.label_studio_people import LabelStudioPeople, Person

SCHEMA = LabelSchema((LabelClass("HAM", "about the video"), LabelClass("SPAM", "advertises")), "Judge.")


@pytest.fixture
def name() -> str:
    return f"queue-{uuid.uuid4().hex}"


@pytest.fixture
def queue(label_studio: LocalServer, name: str) -> Iterator[LabelStudioQueue]:
    with LabelStudioQueue(
        label_studio.url, label_studio.token, SCHEMA, project=name, fields=["text", "posted by"]
    ) as opened:
        yield opened


@pytest.fixture
def people(queue: LabelStudioQueue, annotators: list[Person]) -> Iterator[LabelStudioPeople]:
    with closing(LabelStudioPeople(queue.url, queue.project_id, annotators)) as opened:
        yield opened


def task(name: str, lane: Lane = Lane.REVIEW, **changes: object) -> ReviewTask:
    fields = {"text": f"text of {name}", "posted by": "<b>Jane</b>", "salary": "12000"}
    shown = {"suggestion": "SPAM" if lane is Lane.REVIEW else None, "priority": 0.5, **changes}
    return ReviewTask(name, "d", "r", fields, lane, 1, **shown)  # type: ignore[arg-type]


def test_a_later_run_finds_the_project_and_leaves_it_as_it_is(
    label_studio: LocalServer, queue: LabelStudioQueue, people: LabelStudioPeople, name: str
) -> None:
    path = f"/api/projects/{queue.project_id}"
    people.call("PATCH", path, {"title": "renamed by hand", "show_instruction": False})
    with LabelStudioQueue(
        label_studio.url, label_studio.token, SCHEMA, project=name, fields=["text", "posted by"]
    ) as again:
        assert again.project_id == queue.project_id
    project = people.call("GET", path)
    assert (project["title"], project["show_instruction"]) == ("renamed by hand", False)


def test_projects_of_one_title_are_told_apart(label_studio: LocalServer, name: str) -> None:
    numbers = set()
    for project in (name, f"{name}2", "x"):
        with LabelStudioQueue(
            label_studio.url, label_studio.token, SCHEMA, project=project, title="a"
        ) as opened:
            numbers.add(opened.project_id)
    assert len(numbers) == 3


def test_a_changed_schema_reaches_the_page(
    label_studio: LocalServer, queue: LabelStudioQueue, people: LabelStudioPeople, name: str
) -> None:
    queue.push([task("a"), task("b")])
    people.answer("a", "SPAM")
    wider = LabelSchema((*SCHEMA.classes, LabelClass("OTHER")), "Judge anew.")
    with LabelStudioQueue(label_studio.url, label_studio.token, wider, project=name) as again:
        assert again.project_id == queue.project_id
        again.push([task("c")])
        people.answer("b", "HAM")
        people.answer("c", "OTHER")
        guidelines = {a.label: a.guideline for a in again.pull("").annotations}
    assert guidelines == {"SPAM": SCHEMA.version, "HAM": wider.version, "OTHER": wider.version}
    assert "New or changed: the guideline, OTHER." in again.news
    project = people.call("GET", f"/api/projects/{queue.project_id}")
    assert "OTHER" in project["label_config"]
    assert "Judge anew." in project["expert_instruction"]
    assert again.news in project["expert_instruction"]


def test_the_lane_is_nowhere_and_private_fields_stay_here(
    queue: LabelStudioQueue, people: LabelStudioPeople
) -> None:
    queue.push(
        [task("a", why="SPAM: links", critical=("german",)), task("b", Lane.AUDIT, critical=("german",))]
    )
    review, audit = (people.call("GET", f"/api/tasks/{people.number(n)}") for n in "ab")
    for page in (review, audit):
        text = json.dumps(page)
        assert not [word for word in ("audit", "review", "lane", "salary", "12000") if word in text]
        assert page["data"] == {
            "text": f"text of {page['data']['ext_id']}",
            "ext_id": page["data"]["ext_id"],
            "posted_by": "<b>Jane</b>",
            "why": "SPAM: links" if page is review else "",
            "critical": "Critical: german",
        }
        assert set(page["meta"]) == {"ext_id", "guideline"}
    assert [p["result"] for p in audit["predictions"]] == [[]]
    assert [p["result"] for p in review["predictions"]] == [result_of("SPAM")]
    assert review["predictions"][0]["model_version"] == audit["predictions"][0]["model_version"]


def test_reasons_follow_the_suggestion(queue: LabelStudioQueue, people: LabelStudioPeople) -> None:
    queue.push([task("a", why="SPAM: links"), task("b", Lane.AUDIT), task("c", why="SPAM: links")])
    people.answer("c", "SPAM")
    before = people.call("GET", f"/api/tasks/{people.number('b')}")["updated_at"]
    queue.reprioritise(
        "round-2", [task("a", suggestion="HAM", why="HAM: words"), task("b", Lane.AUDIT), task("c", why="?")]
    )
    held = {n: people.call("GET", f"/api/tasks/{people.number(n)}") for n in "abc"}
    assert {n: page["data"]["why"] for n, page in held.items()} == {
        "a": "HAM: words",
        "b": "",
        "c": "SPAM: links",
    }
    assert held["a"]["data"]["posted_by"] == "<b>Jane</b>"
    assert held["b"]["updated_at"] == before, "what is as it was is not written again"


def test_where_no_class_was_said_to_fit_the_next_person_is_asked(
    label_studio: LocalServer, people: LabelStudioPeople, annotators: list[Person], name: str
) -> None:
    told = replace(SCHEMA, unclear="None of these")
    with LabelStudioQueue(label_studio.url, label_studio.token, told, project=name) as queue:
        queue.push([task("a"), task("b")])
        people.answer("a", "None of these")
        people.answer("b", "HAM")
        [first, _] = queue.pull("").annotations
        assert (first.label, first.skipped, first.kept) == ("None of these", False, False)
        path, bob = f"/api/projects/{queue.project_id}/next", annotators[1].email
        assert people.call("GET", path, annotator=bob)["data"]["ext_id"] == "a"
        people.answer("a", "SPAM", annotator=bob)
        assert {a.label for a in queue.pull("").annotations} == {"None of these", "HAM", "SPAM"}
        page = people.call("GET", f"/api/tasks/{people.number('a')}")
        assert (page["is_labeled"], page["overlap"]) == (True, 2)


def test_a_crash_between_import_and_bookkeeping_doubles_nothing(
    queue: LabelStudioQueue, people: LabelStudioPeople, monkeypatch: pytest.MonkeyPatch
) -> None:
    projects = queue._client.projects

    def crashes(*args: object, **kwargs: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(projects, "update", crashes)
        with pytest.raises(KeyboardInterrupt):
            queue.push([task("a"), task("b")])
    receipts = queue.push([task("a"), task("b"), task("c")])
    assert [receipt.external_id for receipt in receipts[:2]] == [str(people.number(n)) for n in "ab"]
    listed = people.call("GET", f"/api/tasks?project={queue.project_id}")
    assert listed["total"] == 3


def test_thousands_of_tasks_are_sent_withdrawn_and_pulled_by_page(
    queue: LabelStudioQueue, people: LabelStudioPeople
) -> None:
    tasks = [task(f"t{i}", priority=i / 2100) for i in range(2100)]
    receipts = queue.push(tasks)
    assert [receipt.task_id for receipt in receipts] == [t.task_id for t in tasks]
    assert len({receipt.external_id for receipt in receipts}) == 2100
    assert queue.open_ids() == {t.task_id for t in tasks}
    assert queue.push(tasks) == receipts
    queue.reprioritise("round-2", [task(f"t{i}", priority=1 - i / 2100) for i in range(2100)])
    assert people.next_task() == "t2099"
    people.answer("t7", "HAM")
    queue.withdraw([t.task_id for t in tasks[:1500]])
    assert queue.open_ids() == {t.task_id for t in tasks[1500:]}
    assert [answer.task_id for answer in queue.pull("").annotations] == ["t7"]


def test_foreign_tasks_and_their_answers_are_ignored(
    queue: LabelStudioQueue, people: LabelStudioPeople
) -> None:
    queue.push([task("a")])
    foreign = {"data": {"text": "imported by hand", "posted_by": ""}}
    path = f"/api/projects/{queue.project_id}/import?return_task_ids=true"
    numbers = people.call("POST", path, [foreign, {**foreign, "meta": {"k": 1}}])["task_ids"]
    for number in numbers:
        people.call("POST", f"/api/tasks/{number}/annotations/", {"result": result_of("HAM")})
    kept = people.answer("a", "HAM")
    pulled = queue.pull("")
    assert [answer.task_id for answer in pulled.annotations] == ["a"]
    assert pulled.present == {kept}
    assert queue.open_ids() == frozenset()


def test_unusable_results_count_as_skipped(queue: LabelStudioQueue, people: LabelStudioPeople) -> None:
    queue.push([task("empty"), task("unknown")])
    people.annotate("empty", {"result": []})
    people.annotate("unknown", {"result": result_of("NEVER A CLASS")})
    answers = queue.pull("").annotations
    assert {(a.task_id, a.label, a.skipped) for a in answers} == {
        ("empty", None, True),
        ("unknown", None, True),
    }


def test_a_task_that_somebody_has_begun_is_not_withdrawn(
    queue: LabelStudioQueue, people: LabelStudioPeople
) -> None:
    queue.push([task("begun"), task("open")])
    body = {"result": result_of("HAM"), "lead_time": 1}
    people.call("POST", f"/api/tasks/{people.number('begun')}/drafts", body)
    queue.withdraw(["begun", "open"])
    assert queue.open_ids() == {"begun"}


def test_a_task_with_very_many_answers_tells_all_their_ids(
    queue: LabelStudioQueue, people: LabelStudioPeople
) -> None:
    queue.push([task("a")])
    number = people.number("a")
    annotations = [{"result": result_of("HAM")} for _ in range(300)]
    copy = {"data": {"text": "t", "posted_by": "", "ext_id": "many"}, "meta": {"ext_id": "many"}}
    people.call("POST", f"/api/projects/{queue.project_id}/import", [{**copy, "annotations": annotations}])
    people.call("POST", f"/api/tasks/{number}/annotations/", annotations[0])
    pulled = queue.pull("")
    assert len(pulled.present) == 301
    assert pulled.present == {answer.annotation_id for answer in pulled.annotations}
    cut = queue.pull(pulled.cursor[:4].replace("2", "3") + pulled.cursor[4:])
    assert cut.annotations == ()
    assert cut.present == pulled.present


def test_an_answer_stamped_before_the_cursor_is_still_pulled(
    queue: LabelStudioQueue, people: LabelStudioPeople
) -> None:
    queue.push([task("a"), task("b")])
    people.answer("a", "HAM")
    people.answer("b", "HAM")
    later = queue.pull("").cursor
    assert {answer.task_id for answer in queue.pull(later).annotations} == {"a", "b"}


def test_a_wrong_key_names_the_variable(label_studio: LocalServer, name: str) -> None:
    with pytest.raises(InputError, match=r"refused the key \(Invalid token.*LABEL_STUDIO_API_KEY"):
        LabelStudioQueue(label_studio.url, "0" * 40, SCHEMA, project=name)
    with pytest.raises(InputError, match="needs a key"):
        LabelStudioQueue(label_studio.url, "", SCHEMA, project=name)


def test_an_address_that_is_no_label_studio_is_named(label_studio: LocalServer, name: str) -> None:
    with pytest.raises(Unavailable, match=r"/nowhere: .*404: a web page"):
        LabelStudioQueue(f"{label_studio.url}/nowhere", label_studio.token, SCHEMA, project=name)


def test_a_deleted_project_is_named(queue: LabelStudioQueue, people: LabelStudioPeople) -> None:
    people.call("DELETE", f"/api/projects/{queue.project_id}/")
    for call in (queue.open_ids, lambda: queue.pull(""), lambda: queue.push([task("a")])):
        with pytest.raises(Unavailable, match=rf"project {queue.project_id} is not there.*Run again"):
            call()


def test_a_second_start_continues_on_the_same_data(
    label_studio: LocalServer, queue: LabelStudioQueue, name: str, tmp_path: Path
) -> None:
    queue.push([task("a")])
    for file in (".env", "credentials.json"):
        shutil.copy(label_studio.data_dir / file, tmp_path / file)
    database = "label_studio.sqlite3"
    with (
        closing(sqlite3.connect(label_studio.data_dir / database)) as source,
        closing(sqlite3.connect(tmp_path / database)) as copy,
    ):
        source.backup(copy)
    begun = time.monotonic()
    with LocalServer(tmp_path, label_studio.environment) as server:
        assert time.monotonic() - begun < 60
        assert server.url != label_studio.url
        with LabelStudioQueue(server.url, server.token, SCHEMA, project=name, fields=["posted by"]) as again:
            assert again.project_id == queue.project_id
            assert again.open_ids() == {"a"}
        with sqlite3.connect(f"file:{tmp_path / database}?mode=ro", uri=True) as reading:
            assert reading.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        reading.close()

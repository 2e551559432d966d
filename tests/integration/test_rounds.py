"""Rounds: idempotent, blind to the audit, and never accepting what no certificate covers."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from labeling.artifacts import Artifacts
from labeling.pool import load_pool
from labeling.pool.people import read_people
from labeling.pool.training import training_gold
from labeling.project import Project
from labeling.rounds.live import turn
from labeling.rounds.report import RoundReport
from labeling.store import TaskStatus, frames, manifest, rounds
from labeling.store import tasks as stored_tasks
from labeling.types import Decision, Lane
from tests.fakes import FakeQueue
from tests.projects import (
    answer,
    digest,
    gold_of,
    known,
    opened,
    small_rows,
    synced,
    write_project,
    write_rows,
)

ROWS = small_rows(120)


def routes_of(project: Project) -> dict[str, str]:
    """Decision by content digest, as the last round wrote it."""
    with project.store.read() as tx:
        latest = rounds.latest(tx)
        assert latest is not None
        entry = manifest.find(tx, "routes", str(latest.number))
    assert entry is not None
    table = project.artifacts.read(entry)
    return dict(zip(table["digest"].to_pylist(), table["decision"].to_pylist(), strict=True))


def digests_by_row(project: Project) -> dict[str, str]:
    items = load_pool(project).items
    return dict(zip(items.row_ids, items.row_digests, strict=True))


def review_rows(project: Project) -> set[str]:
    return {t.row_id for t in known(project).tasks if t.lane == Lane.REVIEW}


def cycle(project: Project, queue: FakeQueue, gold: dict[str, str]) -> RoundReport:
    report = turn(project)
    synced(project, queue)
    answer(queue, gold)
    synced(project, queue)
    return report


def test_the_same_inputs_give_the_same_round_and_write_nothing(tmp_path: Path) -> None:
    config = write_project(tmp_path, ROWS)
    with opened(config) as project:
        first = turn(project)
        before, files = digest(project), sorted((tmp_path / "work").rglob("*.parquet"))
        second = turn(project)
        assert (second.round, second.repeated, first.repeated) == (first.round, True, False)
        assert digest(project) == before
        assert sorted((tmp_path / "work").rglob("*.parquet")) == files
    assert first.calls == {"ran": 480, "cached": 0}
    assert second.calls == {"ran": 0, "cached": 480}
    assert second.routes == first.routes


def test_two_projects_over_the_same_data_choose_alike_whatever_their_audits(tmp_path: Path) -> None:
    picked: list[list[frozenset[str]]] = []
    for salt in ("one salt", "another salt"):
        config = write_project(tmp_path / salt, ROWS, audit=30)
        steps = []
        with opened(config) as project:
            with project.store.write() as tx:
                frames.open_frame(tx, salt, 0.25)
            queue = FakeQueue(project.schema)
            for _ in range(4):
                cycle(project, queue, gold_of(ROWS))
                steps.append(frozenset(review_rows(project)))
        picked.append(steps)
    assert picked[0] == picked[1]
    assert [len(step) for step in picked[0]] == [10, 20, 30, 40]


def test_every_item_has_one_route_and_nothing_is_accepted_without_a_certificate(tmp_path: Path) -> None:
    config = write_project(tmp_path, ROWS)
    with opened(config) as project:
        report = turn(project)
        assert sum(report.routes.values()) == report.items == 120
        assert report.routes["accept"] == 0
        assert report.certificate is None
        assert len(routes_of(project)) == 120
        queue = FakeQueue(project.schema)
        for _ in range(3):
            cycle(project, queue, gold_of(ROWS))
        after = turn(project)
        assert sum(after.routes.values()) == 120
        people = known(project).gold
        accepted = {d for d, decision in routes_of(project).items() if decision == Decision.ACCEPT}
        assert accepted == set(people)


def test_the_audit_is_drawn_once_and_keeps_its_size(tmp_path: Path) -> None:
    config = write_project(tmp_path, ROWS, audit=20)
    with opened(config) as project:
        queue, salts, left = FakeQueue(project.schema), set(), 0
        for _ in range(5):
            report = cycle(project, queue, gold_of(ROWS))
            assert report.audit["planned"] == 20
            with project.store.read() as tx:
                frame = frames.current(tx)
            assert frame is not None
            salts.add(frame.salt)
        left = sum(g.lane == Lane.REVIEW for g in known(project).gold.values())
        assert len(salts) == 1
        assert left == 50, "selection picked audit items, or the test shows nothing"


def test_the_salt_is_a_secret_of_each_project(tmp_path: Path) -> None:
    salts = set()
    for name in "ab":
        with opened(write_project(tmp_path / name, ROWS)) as project:
            turn(project)
            with project.store.read() as tx:
                frame = frames.current(tx)
            assert frame is not None
            salts.add(frame.salt)
    assert len(salts) == 2


def test_audit_answers_never_reach_training(tmp_path: Path) -> None:
    """Two worlds whose auditors answer differently train, score and choose alike."""
    seen = []
    for name, flip in (("truth", False), ("lies", True)):
        config = write_project(tmp_path / name, ROWS, audit=30)
        with opened(config) as project:
            with project.store.write() as tx:
                frames.open_frame(tx, "salt", 0.25)
            queue = FakeQueue(project.schema)
            gold = gold_of(ROWS)
            lies = {row: ("SHIP" if label == "BILL" else "BILL") for row, label in gold.items()}
            turn(project)
            synced(project, queue)
            answer(queue, gold, [Lane.REVIEW])
            answered = answer(queue, lies if flip else gold, [Lane.AUDIT])
            synced(project, queue)
            pool, people = load_pool(project), known(project)
            training = training_gold(project, pool, people)
            audited = [g for g in people.gold.values() if g.lane == Lane.AUDIT]
            assert len(audited) == len(answered) == 5
            assert not (
                training[[i for i, d in enumerate(pool.items.digests) if d in {g.digest for g in audited}]]
                != -1
            ).any()
            turn(project)
            with project.store.read() as tx:
                latest = rounds.latest(tx)
            assert latest is not None
            seen.append((training.tolist(), latest.score_table, review_rows(project)))
    assert seen[0] == seen[1]


def test_a_round_that_picks_answered_audit_items_is_idempotent_too(tmp_path: Path) -> None:
    config = write_project(tmp_path, small_rows(40), audit=20, batch=12)
    with opened(config) as project:
        queue, gold, moved = FakeQueue(project.schema), gold_of(ROWS), 0
        for _ in range(3):
            cycle(project, queue, gold)
            before = {t.task_id for t in known(project).tasks if t.lane == Lane.AUDIT}
            report = turn(project)
            moved += len(before - {t.task_id for t in known(project).tasks if t.lane == Lane.AUDIT})
            after, again = digest(project), turn(project)
            assert (again.round, again.repeated) == (report.round, True)
            assert digest(project) == after
        assert moved > 0


def test_an_audit_answer_counts_for_training_once_selection_picks_its_item(tmp_path: Path) -> None:
    config = write_project(tmp_path, small_rows(30), audit=20, batch=12)
    with opened(config) as project:
        queue, gold = FakeQueue(project.schema), gold_of(ROWS)
        for _ in range(3):
            cycle(project, queue, gold)
        people, pool = known(project), load_pool(project)
        moved = {t.digest for t in people.tasks if t.lane == Lane.REVIEW and t.suggestion is not None}
        training = training_gold(project, pool, people)
        in_review = {g.digest for g in people.gold.values() if g.lane == Lane.REVIEW}
        assert {str(d) for d in pool.items.digests[training != -1]} == in_review
        assert in_review & moved


def test_critical_items_go_to_people(tmp_path: Path) -> None:
    config = write_project(
        tmp_path, ROWS, more="slices: {sensors: {where: \"'sensor' in text\", critical: true}}"
    )
    with opened(config) as project:
        turn(project)
        of_row, routes = digests_by_row(project), routes_of(project)
    critical = [r["id"] for r in ROWS if "sensor" in r["text"] or "smoke" in r["text"]]
    assert len(critical) > 15
    assert {routes[of_row[row]] for row in critical} == {Decision.REVIEW}


def test_seed_gold_teaches_and_needs_no_person(tmp_path: Path) -> None:
    rows = [{**row, "label": row["label"] if i < 40 else None} for i, row in enumerate(ROWS)]
    config = write_project(tmp_path, rows, gold="gold: {column: label, use: seed}", audit=20)
    with opened(config) as project:
        report = turn(project)
        pool = load_pool(project)
        training = training_gold(project, pool, known(project))
        assert (training != -1).tolist() == [i < 40 for i in range(120)]
        asked = {t.row_id for t in known(project).tasks}
        assert asked
        assert not asked & {row["id"] for row in ROWS[:40]}
        assert report.routes["accept"] == 40
        assert report.audit["planned"] == 20


def test_score_gold_never_reaches_training(tmp_path: Path) -> None:
    with opened(write_project(tmp_path, ROWS)) as project:
        pool = load_pool(project)
        assert (pool.score_gold != -1).all()
        assert (training_gold(project, pool, known(project)) == -1).all()


def test_an_edited_row_is_a_new_item(tmp_path: Path) -> None:
    config = write_project(tmp_path, ROWS)
    with opened(config) as project:
        queue, gold = FakeQueue(project.schema), gold_of(ROWS)
        cycle(project, queue, gold)
        turn(project)
        synced(project, queue)
        before = known(project)
        labelled = next(t.row_id for t in before.tasks if t.digest in before.gold)
        waiting = next(t for t in before.open_review)
        edited = {labelled, waiting.row_id}
        rows = [{**r, "text": r["text"] + " edited"} if r["id"] in edited else r for r in ROWS]
        write_rows(tmp_path, rows)
        report = turn(project)
        assert report.items == 120
        sync = synced(project, queue)
        after, of_row = known(project), digests_by_row(project)
        assert sync.withdrawn == 1
        assert waiting.task_id not in queue.tasks
        assert of_row[labelled] not in after.gold
        assert before.gold.keys() <= after.gold.keys()
        assert after.task_of[of_row[waiting.row_id]].lane == Lane.REVIEW
        assert after.task_of[of_row[waiting.row_id]].task_id in queue.open_ids()


@pytest.mark.parametrize("lane", [Lane.REVIEW, Lane.AUDIT])
@pytest.mark.parametrize("with_a_round", [True, False])
def test_a_row_that_comes_back_is_asked_again(tmp_path: Path, lane: Lane, with_a_round: bool) -> None:
    config = write_project(tmp_path, ROWS)
    with opened(config) as project:
        queue = FakeQueue(project.schema)
        turn(project)
        synced(project, queue)
        gone = next(t for t in known(project).tasks if t.lane == lane)
        write_rows(tmp_path, [r for r in ROWS if r["id"] != gone.row_id])
        if with_a_round:
            turn(project)
        assert synced(project, queue).withdrawn == 1
        assert gone.task_id not in queue.open_ids()
        write_rows(tmp_path, ROWS)
        assert not turn(project).repeated
        synced(project, queue)
        assert turn(project).repeated
        if gone.digest not in known(project).task_of:
            assert (lane, with_a_round) == (Lane.AUDIT, True), "another took its place meanwhile"
            answer(queue, gold_of(ROWS))
            synced(project, queue)
            turn(project)
            synced(project, queue)
        assert known(project).task_of[gone.digest].task_id in queue.open_ids()


def test_data_that_turn_back_make_a_round_of_their_own(tmp_path: Path) -> None:
    """Scores and routes of the last round are always those of the present data."""
    config = write_project(tmp_path, ROWS)
    with opened(config) as project:
        first = turn(project)
        swapped = [{**ROWS[0], "text": "courier lost the box"}, *ROWS[1:]]
        write_rows(tmp_path, swapped)
        second = turn(project)
        write_rows(tmp_path, ROWS)
        third = turn(project)
        assert [r.round for r in (first, second, third)] == [1, 2, 3]
        assert routes_of(project).keys() == set(load_pool(project).items.digests)
        assert turn(project).round == 3
        write_rows(tmp_path, swapped)
        assert turn(project).round == 4


def test_rows_of_equal_content_are_one_item(tmp_path: Path) -> None:
    copies = [{**row, "id": f"copy of {row['id']}"} for row in ROWS[:30]]
    config = write_project(tmp_path, [*ROWS, *copies])
    with opened(config) as project:
        report = turn(project)
        assert (report.rows, report.items) == (150, 120)
        assert sum(report.routes.values()) == 120
        assert report.calls["ran"] == 480
        digests = [t.digest for t in known(project).tasks]
        assert len(digests) == len(set(digests))


def test_another_text_column_is_another_round_with_other_features(tmp_path: Path) -> None:
    rows = [{**row, "title": f"title {row['id']}"} for row in ROWS]
    config = write_project(tmp_path, rows)
    with opened(config) as project:
        first = turn(project)
    config.write_text(config.read_text().replace("text: text", "text: title"))
    with opened(config) as project:
        second = turn(project)
        assert (first.round, second.round) == (1, 2)
        with project.store.read() as tx:
            assert len(manifest.entries(tx, "features")) == 2


def test_a_batch_size_that_grows_is_a_new_round_that_tops_up(tmp_path: Path) -> None:
    config = write_project(tmp_path, ROWS)
    with opened(config) as project:
        turn(project)
    config.write_text(config.read_text().replace("batch: 10", "batch: 16"))
    with opened(config) as project:
        assert turn(project).round == 2
        assert len(review_rows(project)) == 16


def test_a_crash_between_artifacts_and_database_leaves_no_trace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = write_project(tmp_path / "crashed", ROWS)
    whole = write_project(tmp_path / "whole", ROWS)
    for path in (config, whole):
        with opened(path) as project, project.store.write() as tx:
            frames.open_frame(tx, "salt", 0.2)
    with opened(config) as project:
        write = Artifacts.write

        def dies(self: Artifacts, kind: str, *args: Any, **kwargs: Any) -> Any:
            entry = write(self, kind, *args, **kwargs)
            if kind == "routes":
                raise KeyboardInterrupt
            return entry

        with monkeypatch.context() as patch:
            patch.setattr(Artifacts, "write", dies)
            with pytest.raises(KeyboardInterrupt):
                turn(project)
        with project.store.read() as tx:
            assert rounds.latest(tx) is None
            assert stored_tasks.all_tasks(tx) == []
        turn(project)
        again = digest(project)
    with opened(whole) as project:
        turn(project)
        assert digest(project) == again


def test_nobody_votes_at_all(tmp_path: Path) -> None:
    functions = "from lfs import labeling_function\n@labeling_function\ndef none(item):\n    return None\n"
    with opened(write_project(tmp_path, ROWS, functions=functions)) as project:
        report = turn(project)
        assert report.covered == 0
        assert report.remark is not None
        assert sum(report.routes.values()) == 120
        assert len(review_rows(project)) == 10


def test_tasks_hold_plain_values(tmp_path: Path) -> None:
    with opened(write_project(tmp_path, ROWS)) as project:
        turn(project)
        with project.store.read() as tx:
            people = read_people(tx, project.schema)
    for task in people.tasks:
        assert task.status == TaskStatus.INTENDED
        assert 0 <= task.priority <= 1
        assert not isinstance(task.priority, np.generic)
        assert (task.suggestion is None) >= (task.lane == Lane.AUDIT)
        assert task.confidence is None or task.lane == Lane.REVIEW


def test_a_round_tells_what_its_audit_will_probably_bring(tmp_path: Path) -> None:
    with opened(write_project(tmp_path, ROWS)) as project:
        queue = FakeQueue(project.schema)
        for _ in range(3):
            turn(project)
            synced(project, queue)
            answer(queue, gold_of(ROWS))
            synced(project, queue)
        assert re.search(r"\d+ audit answers", turn(project).plan)

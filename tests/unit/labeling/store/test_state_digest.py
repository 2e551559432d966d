from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Connection

from labeling.store import (
    ManifestEntry,
    annotations,
    certificates,
    cursors,
    frames,
    manifest,
    open_store,
    releases,
    rounds,
    state_digest,
    tasks,
)
from labeling.types import Annotation, Lane, Receipt, ReviewTask

Step = Callable[[Connection], object]

TASKS = [ReviewTask(f"task {i}", f"digest {i}", f"row {i}", {}, Lane.REVIEW, 1, 0.5) for i in range(3)]
ANSWERS = [
    Annotation(f"{i}", f"task {i}", "ada", "HAM", False, 1.0, None, "v1", "2026-01-01") for i in range(3)
]
ENTRIES = [ManifestEntry("votes", f"{i}", f"votes/{i}.parquet", f"{i}", 3) for i in range(3)]


def _digest(folder: Path, *steps: Step) -> str:
    folder.mkdir()
    store = open_store(f"sqlite:///{folder}/state.db")
    with store.write() as tx:
        for step in steps:
            step(tx)
        digest = state_digest(tx)
    store.close()
    return digest


def _fill(order: slice, offset: int = 0) -> Sequence[Step]:
    digests = {task.task_id: task.digest for task in TASKS}
    answers = [
        replace(a, annotation_id=f"{offset + i}", seconds=offset, updated_at=f"{offset}")
        for i, a in enumerate(ANSWERS[order])
    ]
    receipts = [Receipt(task.task_id, f"{offset + i}") for i, task in enumerate(TASKS[order])]
    return (
        lambda tx: [manifest.record(tx, entry) for entry in ENTRIES[order]],
        lambda tx: tasks.intend(tx, TASKS[order]),
        lambda tx: tasks.pushed(tx, receipts),
        lambda tx: annotations.record(tx, answers, digests),
        lambda tx: rounds.record(tx, inputs="in", scorer="s", score_table="t", summary={"seconds": offset}),
        lambda tx: frames.open_frame(tx, "salt", 0.1),
        lambda tx: certificates.record_test(
            tx, frame=1, round_number=1, scorer="s", score_table="t", passed=True, result={}
        ),
        lambda tx: releases.publish(tx, 1, "t"),
    )


def test_order_times_and_outside_ids_do_not_matter(tmp_path: Path) -> None:
    forwards = _digest(tmp_path / "a", *_fill(slice(None)))
    backwards = _digest(tmp_path / "b", *_fill(slice(None, None, -1), offset=100))
    assert forwards == backwards


def test_a_run_that_was_repeated_in_part_does_not_matter(tmp_path: Path) -> None:
    full = _fill(slice(None))
    again = [*full[:4], *_fill(slice(None))[:5], *full[5:]]
    assert _digest(tmp_path / "a", *full) == _digest(tmp_path / "b", *again)


@pytest.mark.parametrize(
    "change",
    [
        lambda tx: manifest.record(tx, replace(ENTRIES[0], digest="other")),
        lambda tx: tasks.set_lane(tx, ["task 1"], Lane.AUDIT),
        lambda tx: tasks.withdrawn(tx, ["task 1"]),
        lambda tx: annotations.mark_deleted(tx, frozenset({"0", "1"})),
        lambda tx: annotations.record(tx, [replace(ANSWERS[0], label="SPAM")], {"task 0": "digest 0"}),
        lambda tx: rounds.record(tx, inputs="in 2", scorer="s", score_table="t", summary={}),
        lambda tx: certificates.void(tx, 1, "reason"),
        lambda tx: releases.publish(tx, 1, "t"),
    ],
)
def test_every_decision_matters(tmp_path: Path, change: Step) -> None:
    before = _digest(tmp_path / "a", *_fill(slice(None)))
    assert _digest(tmp_path / "b", *_fill(slice(None)), change) != before


def test_how_far_sources_were_read_does_not_matter(tmp_path: Path) -> None:
    moved = _digest(tmp_path / "a", lambda tx: cursors.put(tx, "answers", "1"))
    assert moved == _digest(tmp_path / "b")

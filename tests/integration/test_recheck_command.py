"""`quorum recheck`: planted wrong labels are found, and no auditor's answer is ever examined."""

from __future__ import annotations

import gzip
import json
import os
import random
from collections import Counter
from pathlib import Path

import pytest

from labeling.cli.advice import show_recheck
from labeling.errors import InputError
from labeling.pool.opinions import read_opinions
from labeling.recheck import recheck
from labeling.rounds.live import turn
from labeling.store import frames
from labeling.types import Lane
from tests.conftest import absent
from tests.fakes import FakeQueue
from tests.projects import answer, gold_of, known, opened, small_rows, synced, write_project

DATA = Path(os.environ.get("QUORUM_DATA", Path(__file__).parents[3] / "shared" / "data"))
CONFIG = """\
project: planted
items: {path: pool.jsonl}
gold: {column: told, use: seed}
labels: [{name: HAM}, {name: SPAM}]
voters: [{columns: ["lf_*"]}]
"""


def planted(folder: Path, known: int, seed: int) -> tuple[Path, set[str]]:
    """Write youtube with some known labels, one in twenty of them flipped; give the ids of those."""
    source = DATA / "youtube" / "pool.jsonl.gz"
    if not source.exists():
        absent(f"{source} is not there: set QUORUM_DATA to the folder of real data")
    with gzip.open(source, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    draw, times = random.Random(seed), Counter(row["text"] for row in rows)
    told = draw.sample([row for row in rows if times[row["text"]] == 1], known)
    flipped = {row["id"] for row in told[: known // 20]}
    other = {"HAM": "SPAM", "SPAM": "HAM"}
    for row in told:
        row["told"] = other[row["label"]] if row["id"] in flipped else row["label"]
    shown = [{"told": None, **{k: v for k, v in row.items() if k != "label"}} for row in rows]
    (folder / "pool.jsonl").write_text("".join(json.dumps(row) + "\n" for row in shown), encoding="utf-8")
    (folder / "planted.yaml").write_text(CONFIG, encoding="utf-8")
    return folder / "planted.yaml", flipped


def test_flipped_labels_of_real_data_are_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config, flipped = planted(tmp_path, 300, seed=0)
    with opened(config) as project:
        found = recheck(project)
    named = [doubt.id for doubt in found.doubts]
    hits = flipped & set(named)
    assert len(hits) >= 0.5 * len(flipped)
    assert len(hits) >= 0.5 * len(named)
    assert all(doubt.by == ("known",) and doubt.answer != doubt.model for doubt in found.doubts)
    told = found.to_dict()
    assert json.loads(json.dumps(told)) == json.loads(json.dumps(told, default=str))
    show_recheck(told, limit=2)
    printed = capsys.readouterr().out
    assert f"{len(named)} of {found.examined} labels are probably wrong" in printed
    assert "without this label" in printed
    assert named[0] in printed
    assert named[2] not in printed.split()


def test_answers_of_auditors_are_neither_named_nor_examined(tmp_path: Path) -> None:
    rows = small_rows(120)
    with opened(write_project(tmp_path, rows, audit=30, batch=24)) as project:
        with project.store.write() as tx:
            frames.open_frame(tx, "salt", 0.25)
        queue, gold = FakeQueue(project.schema), gold_of(rows)
        lies = {row: ("SHIP" if label == "BILL" else "BILL") for row, label in gold.items()}
        turn(project)
        synced(project, queue)
        answer(queue, gold, [Lane.REVIEW])
        answer(queue, lies, [Lane.AUDIT])
        synced(project, queue)
        people = known(project)
        found = recheck(project)
        lanes = {d: g.lane for d, g in people.gold.items()}
        opinions = read_opinions(people, list(lanes), project.schema)
    assert Lane.AUDIT in lanes.values()
    assert found.examined == sum(lane == Lane.REVIEW for lane in lanes.values())
    assert {list(lanes.values())[row] for row in opinions.rows} == {Lane.REVIEW}
    audited = {t.row_id for t in people.tasks if lanes.get(t.digest) == Lane.AUDIT}
    assert audited.isdisjoint(doubt.id for doubt in found.doubts)
    assert audited.isdisjoint(opinion.id for opinion in found.second_opinions)


def test_too_few_labels_are_an_error_with_the_next_step(tmp_path: Path) -> None:
    with (
        opened(write_project(tmp_path, small_rows(60))) as project,
        pytest.raises(InputError, match="20 labels"),
    ):
        recheck(project)

"""Small labelling projects to run the loop on, with people who answer from gold."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from labeling.app import open_project
from labeling.pool.people import People, read_people
from labeling.project import Desk, Project
from labeling.rounds.live import exchange
from labeling.rounds.sync import SyncReport
from labeling.store import certificates, frames, state_digest
from labeling.types import Lane, ReviewQueue, ReviewTask
from tests.fakes import FakeQueue

FUNCTIONS = """
from lfs import Item, labeling_function


@labeling_function
def money(item: Item) -> str | None:
    return "BILL" if "refund" in item.text or "invoice" in item.text else None


@labeling_function
def parcel(item: Item) -> str | None:
    return "SHIP" if "parcel" in item.text else None


@labeling_function
def courier(item: Item) -> str | None:
    return "SHIP" if "courier" in item.text else None


@labeling_function
def fire(item: Item) -> str | None:
    return "FIRE" if "smoke" in item.text else None
"""

KEYWORDS = """
from lfs import keyword

money = keyword("refund", "invoice", label="BILL", whole_words=False, case=True)
parcel = keyword("parcel", label="SHIP", whole_words=False, case=True)
courier = keyword("courier", label="SHIP", whole_words=False, case=True)
fire = keyword("smoke", label="FIRE", whole_words=False, case=True)
"""
"""The same votes, on whole columns: no process has to start for them."""

CONFIG = """
project: small
items: {{path: data.jsonl, id: id, text: text}}
{gold}
labels:
  - name: BILL
  - name: SHIP
  - {{name: FIRE, critical: true}}
voters:
  - functions: functions.py
label_model: {{kind: majority}}
routing: {{alpha: {alpha}, delta: 0.1, audit: {audit}, critical_floor: {floor}}}
active: {{batch: {batch}}}
{more}
"""

WORDS = [
    "lamp",
    "bulb",
    "plug",
    "strip",
    "hub",
    "sensor",
    "app",
    "light",
    "bridge",
    "switch",
    "dimmer",
    "panel",
]


def small_rows(n: int) -> list[dict[str, Any]]:
    """Rows of three classes; one in ten is hard: its words vote for the wrong class or for none."""
    rows = []
    for i in range(n):
        label = ("BILL", "SHIP", "BILL", "SHIP", "BILL", "SHIP", "BILL", "SHIP", "BILL", "FIRE")[i % 10]
        said = {
            "BILL": ("refund the", "invoice for the", "money back for my")[i % 3],
            "SHIP": ("parcel with the", "courier lost the", "where is my")[i % 3],
            "FIRE": "smoke from the",
        }[label]
        rows.append(
            {"id": f"r{i}", "text": f"{said} {WORDS[i % 12]} {WORDS[i // 12 % 12]} {i}", "label": label}
        )
    return rows


def write_project(
    folder: Path,
    rows: Sequence[Mapping[str, Any]],
    *,
    functions: str = KEYWORDS,
    gold: str = "gold: {column: label, use: score}",
    alpha: float = 0.1,
    audit: int = 20,
    floor: float = 0.5,
    batch: int = 10,
    more: str = "",
) -> Path:
    """Write a project into a folder and give its config."""
    folder.mkdir(parents=True, exist_ok=True)
    write_rows(folder, rows)
    (folder / "functions.py").write_text(functions, encoding="utf-8")
    config = folder / "small.yaml"
    text = CONFIG.format(gold=gold, alpha=alpha, audit=audit, floor=floor, batch=batch, more=more)
    config.write_text(text, encoding="utf-8")
    return config


def write_python_project(
    folder: Path, rows: Sequence[Mapping[str, Any]], *, functions: str = FUNCTIONS, **more: Any
) -> Path:
    """Write a project whose functions are called one item at a time, in processes of their own."""
    return write_project(folder, rows, functions=functions, **more)


def write_rows(folder: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    """Replace the data of a project."""
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    (folder / "data.jsonl").write_text(lines, encoding="utf-8")


@contextmanager
def opened(config: Path) -> Iterator[Project]:
    """Open a project and close its database in the end."""
    project = open_project(str(config))
    try:
        yield project
    finally:
        project.store.close()


def known(project: Project) -> People:
    """Give what state knows of tasks and answers."""
    with project.store.read() as tx:
        return read_people(tx, project.schema)


def digest(project: Project) -> str:
    """Give the digest of the state."""
    with project.store.read() as tx:
        return state_digest(tx)


def shares_spent(project: Project) -> int:
    """Count the tests of the present audit: each spent its share of delta."""
    with project.store.read() as tx:
        frame = frames.current(tx)
        assert frame is not None
        return certificates.tests_in_frame(tx, frame.number)


def synced(project: Project, queue: ReviewQueue) -> SyncReport:
    """Exchange with a queue as the command does."""
    return exchange(project, Desk(queue, "nowhere"))


def gold_of(rows: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Give the label of each row id."""
    return {str(row["id"]): row["label"] for row in rows}


def in_front(queue: FakeQueue, *lanes: Lane) -> list[ReviewTask]:
    """Give the open tasks of some lanes, the first in line first."""
    waiting = (queue.tasks[i] for i in queue.open_ids())
    return sorted((t for t in waiting if t.lane in lanes), key=lambda t: t.priority)


def answer(
    queue: FakeQueue,
    gold: Mapping[str, str],
    lanes: Collection[Lane] = tuple(Lane),
) -> list[str]:
    """Answer all open tasks of some lanes, the first in line first; give the annotations' ids."""
    return [queue.answer(t.task_id, gold[t.row_id]) for t in in_front(queue, *lanes)]

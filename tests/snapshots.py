"""Projects that were played once: each test works on a copy of its own."""

from __future__ import annotations

import copy
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from labeling.project import Project
from labeling.rounds.live import certification, turn
from labeling.rounds.promotion import CertifyReport
from labeling.store import frames
from tests.fakes import FakeQueue
from tests.projects import answer, gold_of, opened, synced, write_project


@dataclass(frozen=True)
class Snapshot:
    """A config with all state beside it, the queue of its people, and what `certify` said last."""

    config: Path
    queue: FakeQueue
    report: CertifyReport

    def copy_to(self, folder: Path) -> Path:
        """Copy the project into a folder and give the config there."""
        shutil.copytree(self.config.parent, folder, dirs_exist_ok=True)
        return folder / self.config.name

    def people(self) -> FakeQueue:
        """Give a copy of the queue."""
        return copy.deepcopy(self.queue)


def answered_rounds(project: Project, queue: FakeQueue, gold: Mapping[str, str], number: int) -> None:
    """Turn the loop some times; people answer all that they are asked."""
    for _ in range(number):
        turn(project)
        synced(project, queue)
        answer(queue, gold)
        synced(project, queue)


def certified_project(folder: Path, rows: Sequence[Mapping[str, Any]]) -> Snapshot:
    """Play a project with an audit of forty until it has its first certificate."""
    config = write_project(folder, rows, audit=40, batch=20, alpha=0.2)
    with opened(config) as project:
        with project.store.write() as tx:
            frames.open_frame(tx, "salt", 0.1)
        queue = FakeQueue(project.schema)
        answered_rounds(project, queue, gold_of(rows), 4)
        report = certification(project)
    assert report.passed, report.statement
    return Snapshot(config, queue, report)

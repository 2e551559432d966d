"""Runs that were finished once: kept beside the project's state, and read instead of being done again."""

from __future__ import annotations

from dataclasses import asdict

import pyarrow as pa

from labeling.project import Project
from labeling.simulation.curves import MEASURES, Point
from labeling.simulation.replay import Outcome
from labeling.store import manifest

KIND = "simulation"

SCHEMA = pa.schema([("labels", pa.int64()), *((name, pa.float64()) for name in MEASURES)])


def read_run(project: Project, key: str) -> Outcome | None:
    """Give what a run came to; None where it was not done yet."""
    with project.store.read() as tx:
        entry = manifest.find(tx, KIND, key)
    if entry is None or not project.artifacts.exists(entry):
        return None
    points = tuple(Point(**row) for row in project.artifacts.read(entry).to_pylist())
    return Outcome(points, bool(entry.meta["violated"]))


def keep_run(project: Project, key: str, outcome: Outcome) -> None:
    """Keep what a run came to."""
    table = pa.Table.from_pylist([asdict(point) for point in outcome.points], SCHEMA)
    entry = project.artifacts.write(KIND, table, key=key, meta={"violated": outcome.violated})
    with project.store.write() as tx:
        manifest.record(tx, entry)

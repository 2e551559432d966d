"""Learning curves on real votes: how many answers buy how much accuracy, with us and with others."""

from __future__ import annotations

import gzip
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from labeling.app import open_project
from labeling.label_models.chunks import available_threads
from labeling.simulation import Simulation, simulate
from labeling.simulation.picture import draw_curves
from tests.benchmarks.harness import Result
from tests.benchmarks.quality import CLASSES, DATA, POOL_ROWS

ARMS = ("quorum", "active_only", "random", "modal", "snorkel")
BATCH = 50
CONFIG = """\
project: {name}
items: {{path: rows.jsonl}}
labels: [{labels}]
voters: [{{columns: ["{votes}_*"]}}]
"""


@dataclass(frozen=True)
class Size:
    """How much is simulated: answers in batches of 50, repetitions, and rows of each set at most."""

    labels: int
    seeds: int
    rows: int | None = None


SHORT = Size(labels=200, seeds=2, rows=2000)
FULL = Size(labels=400, seeds=5)


@dataclass(frozen=True)
class Curves:
    """What was simulated on one set."""

    name: str
    result: Simulation = field(repr=False)

    @property
    def picture(self) -> str:
        """File name of the picture."""
        return f"curves-{self.name.replace('_', '-')}.png"

    def draw(self, folder: Path) -> None:
        draw_curves(self.result.curves, folder / self.picture, self.result.title(self.name))

    def results(self) -> dict[str, Result]:
        """Hold the answers that ours needs against those that each other way needs for the same accuracy."""
        return {
            f"{self.name}, answers for {saved.accuracy:.3f}, against {saved.against}": Result(
                ours=saved.labels,
                peer=saved.labels_against,
                ratio=round(saved.labels_against / saved.labels, 2),
                floor=1.0,
                equal=True,
                unit="answers",
            )
            for saved in self.result.saved
        }


def compare_all(size: Size) -> list[Curves]:
    """Simulate on every set."""
    if not DATA.is_dir():
        raise SystemExit(f"{DATA} is not there: set QUORUM_DATA to the folder of real data")
    return [compare_on(name, size) for name in CLASSES]


def compare_on(name: str, size: Size) -> Curves:
    """Simulate on the head of one set."""
    most = min(filter(None, (POOL_ROWS.get(name), size.rows)), default=None)
    with tempfile.TemporaryDirectory(prefix="quorum-curves-") as folder:
        config = write_config(Path(folder), name, pool_lines(name, most))
        project = open_project(str(config))
        try:
            plan: dict[str, Any] = {"batch": BATCH, "audit": 0, "arms": ARMS, "jobs": available_threads()}
            result = simulate(project, gold="label", labels=size.labels, seeds=size.seeds, **plan)
        finally:
            project.store.close()
    return Curves(name, result)


def pool_lines(name: str, most: int | None) -> Iterator[str]:
    """Give the lines of a set's pool, the first of them only where there is a limit."""
    with gzip.open(DATA / name / "pool.jsonl.gz", "rt", encoding="utf-8") as lines:
        yield from islice(lines, most)


def write_config(folder: Path, name: str, lines: Iterator[str]) -> Path:
    """Write a project of one set."""
    (folder / "rows.jsonl").write_text("".join(lines), encoding="utf-8")
    labels = ", ".join(f"{{name: {c}}}" for c in CLASSES[name])
    votes = "llm" if name == "imdb_llm" else "lf"
    config = folder / f"{name}.yaml"
    config.write_text(CONFIG.format(name=name, labels=labels, votes=votes), encoding="utf-8")
    return config


def all_results(compared: Sequence[Curves]) -> dict[str, Result]:
    """Give the results of all sets by name."""
    return {name: result for curves in compared for name, result in curves.results().items()}

"""The loop on real data with recorded votes: how many answers buy how much accuracy."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import pytest

from labeling.app import open_project
from labeling.simulation import Simulation, simulate
from tests.conftest import absent

DATA = Path(os.environ.get("QUORUM_DATA", Path(__file__).parents[3] / "shared" / "data"))
CONFIG = """\
project: {name}
items: {{path: {path}}}
labels: [{labels}]
voters: [{{columns: ["{votes}_*"]}}]
"""
CLASSES = {
    "youtube": ["HAM", "SPAM"],
    "trec": ["ABBR", "DESC", "ENTY", "HUM", "LOC", "NUM"],
    "agnews": ["World", "Sports", "Business", "Sci/Tech"],
    "imdb_llm": ["negative", "positive"],
}


def replay(name: str, folder: Path, *, labels: int, seeds: int, rows: int | None = None) -> Simulation:
    source = DATA / name / "pool.jsonl.gz"
    if not source.exists():
        absent(f"{source} is not there: set QUORUM_DATA to the folder of real data")
    if rows is not None:
        with gzip.open(source, "rt", encoding="utf-8") as lines:
            head = [next(lines) for _ in range(rows)]
        source = folder / "head.jsonl"
        source.write_text("".join(head), encoding="utf-8")
    config = folder / f"{name}.yaml"
    votes = "llm" if name == "imdb_llm" else "lf"
    classes = ", ".join(f"{{name: {c}}}" for c in CLASSES[name])
    config.write_text(CONFIG.format(name=name, path=source, labels=classes, votes=votes), encoding="utf-8")
    project = open_project(str(config))
    try:
        return simulate(project, gold="label", labels=labels, batch=50, seeds=seeds, audit=0)
    finally:
        project.store.close()


def accuracies(result: Simulation, arm: str) -> dict[int, float]:
    return {point["labels"]: point["accuracy"] for point in result.curves[arm]}


def test_youtube(tmp_path: Path) -> None:
    result = replay("youtube", tmp_path, labels=200, seeds=5)
    assert (result.rows, result.items) == (1586, 1440)
    quorum, active, random = (accuracies(result, arm) for arm in ("quorum", "active_only", "random"))
    assert quorum[100] >= 0.945
    assert quorum[200] >= 0.975
    assert active[100] >= 0.905
    assert active[200] >= 0.945
    for step in (50, 100, 150, 200):
        assert quorum[step] > active[step]
        assert quorum[step] > random[step]
    assert result.violations is None


@pytest.mark.parametrize(
    ("name", "rows", "least"), [("trec", None, 0.66), ("agnews", 6000, 0.74), ("imdb_llm", None, 0.94)]
)
def test_other_sets(tmp_path: Path, name: str, rows: int | None, least: float) -> None:
    result = replay(name, tmp_path, labels=100, seeds=1, rows=rows)
    assert accuracies(result, "quorum")[100] >= least
    assert accuracies(result, "quorum")[100] > accuracies(result, "active_only")[100]

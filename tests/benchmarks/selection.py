"""Choosing whom to ask: ranked batch against modAL's own, and whole rounds on many items."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from modAL.batch import uncertainty_batch_sampling
from modAL.models import ActiveLearner
from sklearn.linear_model import LogisticRegression

from active.strategies import ranked_batch
from tests.benchmarks.features import texts
from tests.benchmarks.harness import Benchmark, Result
from tests.benchmarks.scale import against, command

COLUMNS, BATCH = 400, 20
FLOORS = {200: 4.0, 2000: 15.0}
"""How many times faster than modAL a ranked batch has to be, by labelled rows."""

CLASSES = ("WORLD", "SPORTS", "BUSINESS", "SCIENCE")
VOTERS, LABELLED = 10, 200
SECONDS_100K, SECONDS_1M, MEGABYTES_1M = 5.0, 60.0, 3_000.0
LABELS = ", ".join(f"{{name: {name}}}" for name in CLASSES)
CONFIG = f"""
items: {{path: pool.parquet}}
gold: {{column: label, use: seed}}
labels: [{LABELS}]
voters: [{{columns: ["lf_*"]}}]
learner: {{features: hashing}}
"""
ROUND = """
import json, time
import active.learner  # libraries are there before the clock starts
from labeling.app import open_project
from labeling.pool import learning
from labeling.rounds.live import turn

spent, extract = [], learning.pool_features

def pool_features(project, items):
    start = time.perf_counter()
    features = extract(project, items)
    spent.append(time.perf_counter() - start)
    return features

learning.pool_features = pool_features
project = open_project("pool.yaml")
start = time.perf_counter()
report = turn(project)
seconds = time.perf_counter() - start - sum(spent)
print(json.dumps({"seconds": seconds, "items": report.items, "routes": report.routes}))
"""


def stock_learner(n_labelled: int) -> ActiveLearner:
    """Give modAL's learner as its ``fit`` would leave it: that fails on recent scikit-learn."""
    rng = np.random.default_rng(1)
    known, labels = rng.normal(size=(n_labelled, COLUMNS)), np.arange(n_labelled) % 3
    learner = ActiveLearner(LogisticRegression().fit(known, labels))
    learner.X_training, learner.y_training = known, labels
    return learner


def timed(run: Callable[[], Any]) -> tuple[Any, float]:
    start = time.perf_counter()
    return run(), time.perf_counter() - start


def ranked(rows: int, n_labelled: int) -> Result:
    """A ranked batch of a dense pool: the peer computes all distances again for each of its rows."""
    pool, learner = np.random.default_rng(0).normal(size=(rows, COLUMNS)), stock_learner(n_labelled)
    runs = [timed(lambda: ranked_batch(learner, pool, BATCH)[0]) for _ in range(3)]
    expected, peer = timed(lambda: uncertainty_batch_sampling(learner, pool, n_instances=BATCH)[0])
    ours = min(seconds for _, seconds in runs)
    equal = all(np.array_equal(chosen, expected) for chosen, _ in runs)
    return Result(round(ours, 3), round(peer, 3), round(peer / ours, 2), FLOORS[n_labelled], equal)


def votes_of(truth: np.ndarray, rng: np.random.Generator) -> dict[str, pa.Array]:
    """Give recorded votes: three in ten rows, right three times in four."""
    names = np.array([*CLASSES, None], dtype=object)
    columns = {}
    for voter in range(VOTERS):
        guess = np.where(rng.random(len(truth)) < 0.75, truth, rng.integers(len(CLASSES), size=len(truth)))
        cast = np.where(rng.random(len(truth)) < 0.3, guess, -1)
        columns[f"lf_{voter}"] = pa.array(names[cast], pa.string())
    return columns


def write_pool(folder: Path, rows: int) -> None:
    """Write a project whose gold column tells a few labels."""
    rng = np.random.default_rng(0)
    text, truth = texts(rows)
    names = np.array([*CLASSES, None], dtype=object)
    known = np.full(rows, -1)
    labelled = rng.choice(rows, LABELLED, replace=False)
    known[labelled] = truth[labelled]
    table = {
        "id": [str(i) for i in range(rows)],
        "text": text,
        "label": pa.array(names[known], pa.string()),
        **votes_of(truth, rng),
    }
    pq.write_table(pa.table(table), folder / "pool.parquet")
    (folder / "pool.yaml").write_text(CONFIG, encoding="utf-8")


@dataclass(frozen=True)
class Turn:
    """A first round of a pool whose votes are known: seconds without features, and peak memory."""

    seconds: float
    megabytes: float
    whole: bool


@cache
def measured(rows: int) -> Turn:
    """Run a round in a process of its own."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_pool(folder, rows)
        command(folder, ("-m", "labeling.cli", "votes", "pool.yaml", "--json"))
        run = command(folder, ("-c", ROUND))
    said: dict[str, Any] = json.loads(json.dumps(run.report))
    whole = said["items"] == sum(said["routes"].values()) == rows
    return Turn(said["seconds"], run.megabytes, whole)


def seconds(rows: int, limit: float) -> Result:
    turn = measured(rows)
    return against(turn.seconds, limit, turn.whole)


def memory(rows: int) -> Result:
    turn = measured(rows)
    return against(turn.megabytes, MEGABYTES_1M, turn.whole, "MB")


BENCHMARKS: dict[str, Benchmark] = {
    "ranked batch, 200 labelled": (partial(ranked, n_labelled=200), 20_000, 100_000),
    "ranked batch, 2,000 labelled": (partial(ranked, n_labelled=2000), 20_000, 100_000),
    "round beyond features, limit 5 s": (partial(seconds, limit=SECONDS_100K), 100_000, 100_000),
    "round beyond features, limit 60 s": (partial(seconds, limit=SECONDS_1M), 100_000, 1_000_000),
    "round, peak memory, limit 3 GB": (memory, 100_000, 1_000_000),
}

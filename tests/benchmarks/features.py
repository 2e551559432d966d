"""Features and neighbours on many rows, against plain scikit-learn and against comparing all pairs."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression

from active.cells import Cells
from active.features import unit_rows
from active.neighbours import exact_neighbours
from tests.benchmarks.harness import Benchmark, Result, compare

K = 10
LABELS = 400
RECALL = 0.85
WORSE = 0.01
VOCABULARY = 30_000
TOPICS = 40
CLASSES = 4

OURS = """
from active.features.presets import text_space
from tests.feature_contents import Forgetful, content_of
content, space = content_of(texts), text_space()
rows = space.features(content, space.fit(content, Forgetful()), Forgetful())
"""
PEER = """
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import make_pipeline, make_union
terms = make_union(
    TfidfVectorizer(ngram_range=(1, 3), min_df=2, max_features=100_000, sublinear_tf=True),
    TfidfVectorizer(
        analyzer="char_wb", ngram_range=(2, 5), min_df=2, max_features=100_000, sublinear_tf=True
    ),
)
rows = make_pipeline(terms, TruncatedSVD(512, random_state=0)).fit_transform(texts)
"""
RUN = """
import json, sys, time
from pathlib import Path
from threadpoolctl import threadpool_limits
import numpy as np
texts = json.load(open(sys.argv[1]))
start = time.perf_counter()
with threadpool_limits(1):
{program}
seconds = time.perf_counter() - start
np.save(sys.argv[2], rows)
peak = Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]  # of this program alone
print(seconds, int(peak) / 1024)
"""


@cache
def texts(n: int) -> tuple[list[str], np.ndarray]:
    """Make texts of 20 words about one of forty topics, which are of four classes, with these."""
    rng = np.random.default_rng(0)
    letters = np.array([*"abcdefghijklmnoprstuvw"])
    words = ["".join(rng.choice(letters, rng.integers(3, 10))) for _ in range(VOCABULARY)]
    common = rng.zipf(1.3, size=(n, 12)) % VOCABULARY
    topics = rng.integers(0, TOPICS, n)
    own = (topics[:, None] * 300 + rng.zipf(1.2, size=(n, 8)) % 300) % VOCABULARY
    rows = [" ".join(words[i] for i in row) for row in np.hstack([common, own])]
    return rows, topics % CLASSES


@cache
def measured(n: int) -> dict[str, tuple[float, float, float]]:
    """Give seconds, peak megabytes and accuracy by 400 labels, each in a process of its own."""
    rows, classes = texts(n)
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "texts.json")
        source.write_text(json.dumps(rows), encoding="utf-8")
        return {name: _run(program, source, classes) for name, program in (("ours", OURS), ("peer", PEER))}


def _run(program: str, source: Path, classes: np.ndarray) -> tuple[float, float, float]:
    indented = "".join(f"    {line}\n" for line in program.strip().splitlines())
    target = source.with_suffix(".npy")
    command = [sys.executable, "-W", "ignore", "-c", RUN.replace("{program}", indented), source, target]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    seconds, megabytes = map(float, done.stdout.split())
    return seconds, megabytes, accuracy(np.load(target), classes)


def accuracy(rows: Any, classes: np.ndarray) -> float:
    """Give the share of rows that a regression on 400 of them gets right."""
    chosen = np.random.default_rng(0).choice(len(rows), LABELS, replace=False)
    unit = unit_rows(np.asarray(rows, dtype=np.float32))
    fitted = LogisticRegression(C=10, max_iter=300).fit(unit[chosen], classes[chosen])
    return float((fitted.predict(unit) == classes).mean())


def feature_seconds(n: int) -> Result:
    """Time of features, smoothed, against that of scikit-learn's, bare; equal: labels carry as far."""
    return _compared(n, 0, 1.2, "s")


def feature_megabytes(n: int) -> Result:
    """Peak memory of the same."""
    return _compared(n, 1, 1.0, "MB")


def _compared(n: int, what: int, floor: float, unit: str) -> Result:
    found = measured(n)
    ours, peer = found["ours"][what], found["peer"][what]
    equal = found["ours"][2] >= found["peer"][2] - WORSE
    return Result(round(ours, 2), round(peer, 2), round(peer / ours, 2), floor, equal, unit)


def neighbours(n: int) -> Result:
    """Time of neighbours in cells against all pairs; equal: at least 85 of 100 are the same."""
    rng = np.random.default_rng(0)
    axes = rng.normal(size=(64, 256)) / np.sqrt(np.arange(1, 65))[:, None]  # a spectrum like that of texts
    places = rng.normal(size=(200, 64))[rng.integers(0, 200, n)] + rng.normal(size=(n, 64))
    unit = unit_rows((places @ axes).astype(np.float32))
    asked = rng.choice(n, min(n, 2000), replace=False)

    def same(ours: Any, peer: Any) -> bool:
        return bool(np.mean([np.isin(ours[0][i], peer[0][i]).mean() for i in asked]) >= RECALL)

    return compare(lambda: Cells.of(unit).neighbours(K), lambda: exact_neighbours(unit, K, None), same, 1.5)


BENCHMARKS: dict[str, Benchmark] = {
    "features": (feature_seconds, 5_000, 100_000),
    "features, memory": (feature_megabytes, 5_000, 100_000),
    "neighbours in cells": (neighbours, 20_000, 50_000),
}

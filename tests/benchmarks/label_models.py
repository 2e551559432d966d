"""Label models against snorkel's own: time on one thread and on all, refit from counts, and peak memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np

from labeling import SnorkelModel, VoteMatrix
from tests.benchmarks.harness import Benchmark, Result, compare

SHAPE = {"voters": 50, "classes": 4}
WIDE, LESS_WIDE = {"voters": 300, "classes": 20}, {"voters": 150, "classes": 20}
WIDE_FROM = 20_000
"""Rows from which it is the wider shape: there time goes with the square of votes, whatever the rows."""
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


def planted_votes(rows: int, voters: int, classes: int, coverage: float) -> VoteMatrix:
    """Draw votes column by column, so that drawing needs no more memory than the votes."""
    rng = np.random.default_rng(0)
    truth = rng.integers(classes, size=rows, dtype=np.int8)
    hard = np.full((rows, voters), -1, dtype=np.int8)
    for column in hard.T:
        right = rng.random(rows, dtype=np.float32) < rng.uniform(0.6, 0.9)
        said = np.where(right, truth, rng.integers(classes, size=rows, dtype=np.int8))
        column[:] = np.where(rng.random(rows, dtype=np.float32) < coverage, said, -1)
    return VoteMatrix(hard, tuple(f"v{j}" for j in range(voters)), classes)


def ours(votes: VoteMatrix, threads: int | None) -> Any:
    """Fit and probabilities, exactly snorkel's."""
    model = SnorkelModel(0, guards=False, threads=threads)
    return model.fit(model.statistics(votes)).predict_proba(votes)


def snorkels(votes: VoteMatrix) -> Any:
    """Fit and probabilities, as its manual has it."""
    from snorkel.labeling.model import LabelModel

    model = LabelModel(cardinality=votes.n_classes, verbose=False)
    hard = votes.hard.astype(int)
    model.fit(hard, seed=0, progress_bar=False)
    return model.predict_proba(hard)


def fit_and_predict(rows: int, coverage: float, threads: int | None, floor: float) -> Result:
    """Fit and probabilities of the exact model, which have to be snorkel's."""
    votes = planted_votes(rows, coverage=coverage, **SHAPE)
    covered = votes.covered
    return compare(
        partial(ours, votes, threads),
        partial(snorkels, votes),
        lambda a, b: np.allclose(a[covered], b[covered], rtol=0, atol=1e-5),
        floor,
    )


def refit(rows: int) -> Result:
    """A fit from counts that are there, against a fit."""
    from snorkel.labeling.model import LabelModel

    votes = planted_votes(rows, coverage=0.05, **SHAPE)
    model, hard = SnorkelModel(0, guards=False, threads=1), votes.hard.astype(int)
    statistics = model.statistics(votes)

    def peer() -> Any:
        theirs = LabelModel(cardinality=votes.n_classes, verbose=False)
        theirs.fit(hard, seed=0, progress_bar=False)
        return theirs.mu.detach().numpy()

    return compare(
        lambda: model.fit(statistics).mu_, peer, lambda a, b: np.allclose(a, b, rtol=0, atol=1e-6), floor=40.0
    )


@cache
def apart(side: str, rows: int, voters: int, classes: int, coverage: float) -> dict[str, Any]:
    """Run one side in a process of its own; its peak memory above what it held before, and its seconds."""
    arguments = [side, *map(str, (rows, voters, classes, coverage))]
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.label_models", *arguments],
        cwd=Path(__file__).parents[2],
        env={**os.environ, **ONE_THREAD},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return dict(json.loads(done.stdout.splitlines()[-1]))


def apart_compared(measure: str, rows: int, coverage: float, shape: dict[str, int], floor: float) -> Result:
    """Fit and probabilities in processes of their own, by one of their measures; ours may never be NaN."""
    mine, theirs = (apart(side, rows, coverage=coverage, **shape) for side in ("ours", "snorkel"))
    ratio = theirs[measure] / mine[measure]
    unit = {"seconds": "s", "megabytes": "MB"}[measure]
    return Result(
        round(mine[measure], 4), round(theirs[measure], 4), round(ratio, 2), floor, mine["finite"], unit
    )


def peak_megabytes() -> float:
    """Give the highest resident memory since it was last set back."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def measure(side: str, rows: int, voters: int, classes: int, coverage: float) -> dict[str, Any]:
    """Run one side in this process, libraries loaded beforehand."""
    import torch

    torch.set_num_threads(1)
    run = {"ours": partial(ours, threads=1), "snorkel": snorkels}[side]
    run(planted_votes(50, 3, 2, 0.5))
    votes = planted_votes(rows, voters, classes, coverage)
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    before = peak_megabytes()
    begin = time.perf_counter()
    proba = run(votes)
    seconds = time.perf_counter() - begin
    megabytes = peak_megabytes() - before
    return {"seconds": seconds, "megabytes": megabytes, "finite": bool(np.isfinite(proba).all())}


def _exact(coverage: float, threads: int | None, floor: float) -> Benchmark:
    return partial(fit_and_predict, coverage=coverage, threads=threads, floor=floor), 300_000, 1_000_000


def wide_compared(measure: str, rows: int) -> Result:
    """Compare where voters and classes are many; memory parts only where they are most."""
    wide = rows >= WIDE_FROM
    floor = 3.0 if wide or measure == "seconds" else 1.0
    return apart_compared(measure, rows, coverage=0.1, shape=WIDE if wide else LESS_WIDE, floor=floor)


def _wide(measure: str) -> Benchmark:
    return partial(wide_compared, measure), 2_000, WIDE_FROM


BENCHMARKS: dict[str, Benchmark] = {
    "snorkel, 5 %, one thread": _exact(0.05, 1, 5.0),
    "snorkel, 15 %, one thread": _exact(0.15, 1, 5.0),
    "snorkel, 5 %, all cores": _exact(0.05, None, 8.0),
    "snorkel, 15 %, all cores": _exact(0.15, None, 8.0),
    "snorkel, refit from counts": (refit, 500_000, 1_000_000),
    "snorkel, memory": (
        partial(apart_compared, "megabytes", coverage=0.15, shape=SHAPE, floor=5.0),
        300_000,
        1_000_000,
    ),
    "snorkel, 300 (short: 150) voters, 20 classes": _wide("seconds"),
    "snorkel, 300 (short: 150) voters, 20 classes, memory": _wide("megabytes"),
}


if __name__ == "__main__":
    side, rows, voters, classes, coverage = sys.argv[1:]
    print(json.dumps(measure(side, int(rows), int(voters), int(classes), float(coverage))))  # noqa: T201

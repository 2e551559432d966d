"""Times the engine against its peers, side by side in one run: a table, and ``bench.json``.

Usage: ``python tests/benchmarks/run.py [--short]``; exits 1 where a ratio is under its floor or results
differ.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
import warnings
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from rich.console import Console
from rich.table import Table
from threadpoolctl import threadpool_limits

from labeling import SnorkelModel, VoteMatrix, apply
from labeling.lf import LabelingFunction

REPEATS = 3
WORDS = ("free", "click", "now", "song", "love", "channel", "video", "check", "watch", "great", "buy", "win")


@dataclass(frozen=True)
class Result:
    """Seconds of both, how many times the peer's ours fits in, and whether both give the same."""

    ours: float
    peer: float
    ratio: float
    floor: float
    equal: bool
    unit: str = "s"

    @property
    def good(self) -> bool:
        return self.equal and self.ratio >= self.floor


def compare(
    ours: Callable[[], Any], peer: Callable[[], Any], same: Callable[[Any, Any], bool], floor: float
) -> Result:
    """Time both in turn, so that a noisy machine disturbs both alike; the best of several counts."""
    times: dict[str, list[float]] = {"ours": [], "peer": []}
    for _ in range(REPEATS):
        for name, run in (("ours", ours), ("peer", peer)):
            start = time.perf_counter()
            last = run()
            times[name].append(time.perf_counter() - start)
            if name == "ours":
                mine = last
    best = {name: min(taken) for name, taken in times.items()}
    ratio = best["peer"] / best["ours"]
    return Result(round(best["ours"], 4), round(best["peer"], 4), round(ratio, 2), floor, same(mine, last))


def planted_votes(rows: int, voters: int, classes: int, coverage: float) -> VoteMatrix:
    rng = np.random.default_rng(0)
    truth = rng.integers(classes, size=rows)
    right = rng.random((rows, voters)) < rng.uniform(0.6, 0.9, size=voters)
    hard = np.where(right, truth[:, None], rng.integers(classes, size=(rows, voters)))
    hard = np.where(rng.random((rows, voters)) < coverage, hard, -1).astype(np.int8)
    return VoteMatrix(hard, tuple(f"v{j}" for j in range(voters)), classes)


def label_model(rows: int) -> Result:
    """Fit and probabilities against snorkel's own, both on one thread."""
    from snorkel.labeling.model import LabelModel

    votes = planted_votes(rows, 30, 4, 0.1)

    def ours() -> Any:
        model = SnorkelModel(0)
        return model.fit(model.statistics(votes)).predict_proba(votes)

    def peer() -> Any:
        model = LabelModel(cardinality=4, verbose=False)
        model.fit(votes.hard.astype(int), seed=0, progress_bar=False)
        return model.predict_proba(votes.hard.astype(int))

    covered = votes.covered
    return compare(ours, peer, lambda a, b: np.allclose(a[covered], b[covered], atol=1e-5), floor=1.5)


def functions(rows: int) -> Result:
    """Regular expressions on texts against snorkel's applier for data frames."""
    from snorkel.labeling import LabelingFunction as Theirs
    from snorkel.labeling import PandasLFApplier

    rng = np.random.default_rng(0)
    texts = [" ".join(rng.choice(WORDS, size=12)) for _ in range(rows)]
    patterns = [re.compile(rf"\b{a}\b.*\b{b}\b") for a, b in zip(WORDS, WORDS[::-1], strict=True)]

    def named(pattern: re.Pattern[str]) -> LabelingFunction:
        return LabelingFunction(pattern.pattern, lambda item: "SPAM" if pattern.search(item.text) else None)

    def numbered(pattern: re.Pattern[str]) -> Theirs:
        return Theirs(pattern.pattern, lambda x: 1 if pattern.search(x.text) else -1)

    mine = [named(p) for p in patterns]
    records = [{"text": t} for t in texts]
    frame = pd.DataFrame(records)
    applier = PandasLFApplier([numbered(p) for p in patterns])
    return compare(
        lambda: apply(mine, records, ["HAM", "SPAM"]).hard,
        lambda: applier.apply(frame, progress_bar=False),
        lambda a, b: np.array_equal(a, b),
        floor=3.0,
    )


BENCHMARKS: dict[str, tuple[Callable[[int], Result], int, int]] = {
    "label model, 30 voters, 4 classes": (label_model, 200_000, 1_000_000),
    "functions, 12 patterns": (functions, 2_000, 10_000),
}


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--short", action="store_true")
    short = parser.parse_args().short
    torch.set_num_threads(1)
    results = {}
    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, (run, few, many) in BENCHMARKS.items():
            rows = few if short else many
            results[f"{name}, {rows:,} rows"] = run(rows)
    table = Table("benchmark", "ours", "peer", "ratio", "floor", "equal")
    for name, r in results.items():
        table.add_row(
            name, f"{r.ours} {r.unit}", f"{r.peer} {r.unit}", str(r.ratio), str(r.floor), str(r.equal)
        )
    Console().print(table)
    written = {name: asdict(r) for name, r in results.items()}
    Path("bench.json").write_text(json.dumps(written, indent=2) + "\n", encoding="utf-8")
    return 0 if all(r.good for r in results.values()) else 1


if __name__ == "__main__":
    sys.exit(main())

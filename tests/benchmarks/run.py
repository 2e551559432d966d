"""Times the engine against its peers, side by side in one run: a table, ``bench.json``, and a page of them.

Usage: ``python -m tests.benchmarks.run [--short]``; exits 1 where a ratio is under its floor or results
differ. QUORUM_DATA names the folder of data.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
import warnings
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import torch
from rich.console import Console
from rich.table import Table
from threadpoolctl import threadpool_limits

from tests.benchmarks import curves, features, functions, label_models, page, prelabels, scale, selection
from tests.benchmarks.harness import Benchmark, Result

FAMILIES: Mapping[str, Mapping[str, Benchmark]] = {
    "Labelling functions": functions.BENCHMARKS,
    "Label models": label_models.BENCHMARKS,
    "Features": features.BENCHMARKS,
    "Selection": selection.BENCHMARKS,
    "Many rows": scale.BENCHMARKS,
    "Pre-labels": prelabels.BENCHMARKS,
}
ANSWERS = "Answers for the same accuracy"


def run_family(title: str, benchmarks: Mapping[str, Benchmark], short: bool) -> dict[str, Result]:
    """Run the benchmarks of a family, and tell what comes of each as it ends."""
    begin, results = time.perf_counter(), {}
    for name, (run, few, many) in benchmarks.items():
        rows = few if short else many
        row = f"{name}, {rows:,} rows"
        result = results[row] = run(rows)
        sys.stderr.write(f"{row}: {result.ours} {result.unit}, ratio {result.ratio}\n")
    sys.stderr.write(f"{title}: {time.perf_counter() - begin:.0f} s\n")
    return results


def run_all(short: bool) -> tuple[dict[str, dict[str, Result]], list[curves.Curves]]:
    """Give the results of all families, and the learning curves."""
    torch.set_num_threads(1)
    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        families = {title: run_family(title, few, short) for title, few in FAMILIES.items()}
        begin = time.perf_counter()
        compared = curves.compare_all(curves.SHORT if short else curves.FULL)
        sys.stderr.write(f"Learning curves: {time.perf_counter() - begin:.0f} s\n")
    return {ANSWERS: curves.all_results(compared), **families}, compared


def print_table(results: Mapping[str, Result]) -> None:
    table = Table("benchmark", "ours", "peer", "ratio", "floor", "equal")
    for name, r in results.items():
        table.add_row(
            name, f"{r.ours} {r.unit}", f"{r.peer} {r.unit}", str(r.ratio), str(r.floor), str(r.equal)
        )
    Console().print(table)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--short", action="store_true")
    short = parser.parse_args().short
    families, compared = run_all(short)
    results = {name: r for family in families.values() for name, r in family.items()}
    print_table(results)
    written = {name: asdict(r) for name, r in results.items()}
    Path("bench.json").write_text(json.dumps(written, indent=2) + "\n", encoding="utf-8")
    page.write_page(families, compared, "short" if short else "full")
    return 0 if all(r.good for r in results.values()) else 1


if __name__ == "__main__":
    sys.exit(main())

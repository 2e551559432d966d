"""Times the engine against its peers, side by side in one run: a table, and ``bench.json``.

Usage: ``python -m tests.benchmarks.run [--short]``; exits 1 where a ratio is under its floor or results
differ.
"""

from __future__ import annotations

import argparse
import json
import sys
import warnings
from dataclasses import asdict
from pathlib import Path

import torch
from rich.console import Console
from rich.table import Table
from threadpoolctl import threadpool_limits

from tests.benchmarks import functions, label_models, prelabels, scale

BENCHMARKS = functions.BENCHMARKS | label_models.BENCHMARKS | scale.BENCHMARKS | prelabels.BENCHMARKS


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

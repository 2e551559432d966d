"""`quorum votes` on many rows and fifty functions: what runs again, in what time and memory."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import psutil

from tests.benchmarks.harness import Benchmark, Result

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("QUORUM_DATA", ROOT.parent / "shared" / "data"))

UNCHANGED_SECONDS = 2.0
UNCHANGED_SHARE = 1.5
PEAK_MEGABYTES = 2_000.0
SAMPLE_SECONDS = 0.05

CONFIG = """
items: {path: pool.jsonl}
labels: [{name: WORLD}, {name: SPORTS}, {name: BUSINESS}, {name: SCIENCE}]
voters: [{functions: functions.py}]
"""
WORDS = {
    "WORLD": "minister president iraq police war election russia china korea israel gaza treaty",
    "SPORTS": "game team coach season win cup player league match olympic goal race title",
    "BUSINESS": "stocks oil market profit shares bank price sales deal euro dollar growth",
    "SCIENCE": "software microsoft internet google computer phone space nasa web mobile virus linux chip",
}
READ = """
import sys, time
from labeling.config import load_config
from labeling.items import read_items
config = load_config("pool.yaml")
start = time.perf_counter()
read_items(config)
print(time.perf_counter() - start)
"""


@dataclass(frozen=True)
class Run:
    """One run of the command: its answer, seconds from start to end, peak memory of all its processes."""

    report: dict[str, list[dict[str, int]]]
    seconds: float
    megabytes: float

    @property
    def calls(self) -> list[tuple[int, int]]:
        return [(voter["ran"], voter["cached"]) for voter in self.report["voters"]]


@dataclass(frozen=True)
class Measured:
    """The same project run again and again, with the seconds of reading and digesting its file."""

    rows: int
    more: int
    first: Run
    unchanged: Run
    touched: Run
    edited: Run
    appended: Run
    reading: float


def texts(rows: int) -> Iterator[str]:
    """Give real texts, each made another by its number."""
    with gzip.open(DATA / "agnews" / "pool.jsonl.gz", "rt", encoding="utf-8") as file:
        real = [json.loads(line)["text"] for line in file]
    return (f"{real[i % len(real)]} ({i})" for i in range(rows))


def functions(edited: str = "") -> str:
    """Give fifty functions, half of them builders and half Python; one of the latter has ``edited`` in it."""
    pairs = [(word, label) for label, words in WORDS.items() for word in words.split()]
    assert len(pairs) == 50
    lines = ["from lfs import keyword, labeling_function"]
    for word, label in pairs[::2]:
        lines.append(f'kw_{word} = keyword("{word}", label="{label}")')
    for i, (word, label) in enumerate(pairs[1::2]):
        more = edited if i == 0 else ""
        lines.append(
            f"@labeling_function\ndef py_{word}(item):\n"
            f'    return "{label}" if "{word}{more}" in item.text else None'
        )
    return "\n\n\n".join(lines) + "\n"


def command(folder: Path, arguments: Sequence[str]) -> Run:
    """Run Python in a process of its own and watch it."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    start = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, *arguments], cwd=folder, env=environment, stdout=subprocess.PIPE, text=True
    ) as process:
        peak = [0.0]
        watcher = threading.Thread(target=watch, args=(process, peak), daemon=True)
        watcher.start()
        answer, _ = process.communicate()
    seconds = time.perf_counter() - start
    watcher.join()
    if process.returncode:
        raise RuntimeError(f"{' '.join(arguments)} ended with {process.returncode}")
    return Run(json.loads(answer), seconds, peak[0])


def watch(process: subprocess.Popen[str], peak: list[float]) -> None:
    """Keep the largest sum of resident memory of a process and its children, in megabytes."""
    try:
        root = psutil.Process(process.pid)
        while process.poll() is None:
            used = 0
            for each in [root, *root.children(recursive=True)]:
                try:
                    used += each.memory_info().rss
                except psutil.NoSuchProcess:
                    continue
            peak[0] = max(peak[0], used / 1e6)
            time.sleep(SAMPLE_SECONDS)
    except psutil.NoSuchProcess:
        return


@cache
def measured(rows: int) -> Measured:
    """Run the command on a project as it stays, is touched, gets a function edited, and rows appended."""
    if not DATA.is_dir():
        raise SystemExit(f"{DATA} is not there: set QUORUM_DATA to the folder of real data")
    more = rows // 100
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        lines = [json.dumps({"id": str(i), "text": text}) + "\n" for i, text in enumerate(texts(rows + more))]
        (folder / "pool.jsonl").write_text("".join(lines[:rows]), encoding="utf-8")
        (folder / "pool.yaml").write_text(CONFIG, encoding="utf-8")
        (folder / "functions.py").write_text(functions(), encoding="utf-8")
        votes = ("-m", "labeling.cli", "votes", "pool.yaml", "--json")
        first, unchanged = command(folder, votes), command(folder, votes)
        os.utime(folder / "pool.jsonl", (1, 1))
        touched = command(folder, votes)
        reading = float(str(command(folder, ("-c", READ)).report))
        (folder / "functions.py").write_text(functions("s"), encoding="utf-8")
        edited = command(folder, votes)
        with (folder / "pool.jsonl").open("a", encoding="utf-8") as file:
            file.writelines(lines[rows:])
        appended = command(folder, votes)
    return Measured(rows, more, first, unchanged, touched, edited, appended, reading)


def against(taken: float, limit: float, equal: bool, unit: str = "s") -> Result:
    """Hold what was taken against a limit."""
    return Result(round(taken, 3), round(limit, 3), round(limit / taken, 2), 1.0, equal, unit)


def unchanged(rows: int) -> Result:
    """Nothing changed at all: nothing runs, within two seconds."""
    m = measured(rows)
    return against(m.unchanged.seconds, UNCHANGED_SECONDS, m.unchanged.calls == [(0, rows)] * 50)


def touched(rows: int) -> Result:
    """The file has a new time: nothing runs, within one and a half times reading and digesting it."""
    m = measured(rows)
    return against(m.touched.seconds, m.reading * UNCHANGED_SHARE, m.touched.calls == [(0, rows)] * 50)


def edited(rows: int) -> Result:
    """One function edited: it runs on all, the others on nothing, in less time than at first."""
    m = measured(rows)
    calls = sorted(m.edited.calls) == [(0, rows)] * 49 + [(rows, 0)]
    return against(m.edited.seconds, m.first.seconds, calls)


def appended(rows: int) -> Result:
    """One row in a hundred more: all functions run on these, in less time than at first."""
    m = measured(rows)
    return against(m.appended.seconds, m.first.seconds, m.appended.calls == [(m.more, rows)] * 50)


def memory(rows: int) -> Result:
    """Peak memory of any of the runs, workers included."""
    m = measured(rows)
    runs = (m.first, m.unchanged, m.touched, m.edited, m.appended)
    peak = max(run.megabytes for run in runs)
    return against(peak, PEAK_MEGABYTES, m.first.calls == [(rows, 0)] * 50, "MB")


CHECKS: dict[str, Callable[[int], Result]] = {
    "votes, unchanged, limit 2 s": unchanged,
    "votes, touched, limit 1.5 × reading": touched,
    "votes, one of 50 functions edited, limit the first run": edited,
    "votes, 1 % of rows appended, limit the first run": appended,
    "votes, peak memory of 50 functions, limit 2 GB": memory,
}
BENCHMARKS: dict[str, Benchmark] = {name: (check, 200_000, 1_000_000) for name, check in CHECKS.items()}

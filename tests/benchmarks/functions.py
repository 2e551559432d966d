"""Labelling functions on texts of real length against snorkel's applier for data frames.

What is timed is the application: items that are read, in; votes, in the store and as a matrix, out.
"""

from __future__ import annotations

import gzip
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count, islice
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from labeling.app import open_project
from labeling.apply import FunctionApplier
from labeling.items import Items, read_items
from labeling.lf.loading import load_functions
from labeling.project import Project, silent
from labeling.votes import VoteStore
from tests.benchmarks.harness import REPEATS, Benchmark, Result, compare

FOLDERS = ("agnews", "imdb_llm", "youtube", "trec")
CONFIG = """
project: bench{number}
items: {{path: rows.parquet}}
labels: [{{name: HAM}}, {{name: SPAM}}]
voters: [{{functions: functions.py}}]
"""
NAMES = "HAM, SPAM, ABSTAIN = 'HAM', 'SPAM', None\nfrom lfs import labeling_function\n"
NUMBERS = "HAM, SPAM, ABSTAIN = 0, 1, -1\nfrom snorkel.labeling import labeling_function\n"
PATTERNS = (
    r"\b(free|win|winner)\b",
    r"(?i)\bsubscri(be|ption)\b",
    r"https?://\S+",
    r"\b(stock|market|share)s?\b",
    r"(?i)\bgood\b.*\bfilm\b",
    r"[0-9]{4}",
    r"\b(worst|awful|terrible)\b",
    r"(?i)microsoft|google|apple",
    r"\b(Iraq|Iran|Israel)\b",
    r"\bgames?\b",
    r"(?i)^(what|who|where)\b",
    r"\bprofits?\b",
    r"\$[0-9]+",
    r"(?i)\blove\b",
    r"\b(cup|league|season)\b",
    r"!{2,}",
    r"\b[A-Z]{3,}\b",
    r"(?i)software|internet",
    r"\b(killed|attack|bomb)",
    r"\bgreat\b",
)
WORDS = (
    *("free", "market", "film", "game", "love", "what", "oil", "company", "win", "great"),
    *("iraq", "song", "bad", "software", "who", "president", "team", "channel", "profit", "worst"),
)
BUILDERS = f"""
from lfs import regex

for i, pattern in enumerate({PATTERNS!r}):
    vars()[f"f{{i}}"] = regex(pattern, label="SPAM", case=True, name=f"f{{i}}")
"""
SEARCHES = f"""
import re

def searching(pattern):
    compiled = re.compile(pattern)
    return lambda x: SPAM if compiled.search(x.text) else ABSTAIN

for i, pattern in enumerate({PATTERNS!r}):
    vars()[f"f{{i}}"] = labeling_function(name=f"f{{i}}")(searching(pattern))
"""
PLAIN = f"""
def says(word):
    return lambda x: SPAM if word in x.text.lower() else ABSTAIN

def repeats(word):
    return lambda x: HAM if x.text.count(word) > 1 else ABSTAIN

def begins(word):
    return lambda x: SPAM if x.text.startswith(word) else ABSTAIN

def is_short(word):
    return lambda x: HAM if len(x.text) < 10 * len(word) else ABSTAIN

for i, word in enumerate({WORDS!r}):
    vars()[f"f{{i}}"] = labeling_function(name=f"f{{i}}")((says, repeats, begins, is_short)[i % 4](word))
"""


@dataclass
class Bench:
    """One set of functions on one set of texts; each run has a store of its own, for votes are kept."""

    rows: int
    source: str
    workers: int | None = None

    def __post_init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="quorum-bench-"))
        texts = list(islice(real_texts(), self.rows))
        self.frame = pd.DataFrame({"id": [str(i) for i in range(self.rows)], "text": texts})
        self.frame.to_parquet(self.folder / "rows.parquet")
        (self.folder / "functions.py").write_text(self.source, encoding="utf-8")
        self.projects = iter([self._project(number) for number in range(REPEATS)])
        self.items: Items | None = None

    def _project(self, number: int) -> Project:
        path = self.folder / f"bench{number}.yaml"
        path.write_text(CONFIG.format(number=number), encoding="utf-8")
        return open_project(str(path))

    def ours(self) -> npt.NDArray[np.int8]:
        project = next(self.projects)
        self.items = self.items or read_items(project.config)
        functions = load_functions("functions.py", self.folder, project.schema.names)
        votes = VoteStore(project.artifacts)
        applier = FunctionApplier(
            self.items, project.schema, project.store, votes, silent, workers=self.workers
        )
        return applier.apply(functions).votes.hard

    def against(self, theirs: str, floor: float) -> Result:
        """Time both."""
        from snorkel.labeling import PandasLFApplier

        module = ModuleType("theirs")
        exec(NUMBERS + theirs, vars(module))
        applier = PandasLFApplier([vars(module)[f"f{i}"] for i in range(20)])
        self.items = read_items(open_project(str(self.folder / "bench0.yaml")).config)
        return compare(
            self.ours,
            lambda: applier.apply(self.frame, progress_bar=False),
            lambda a, b: bool(np.array_equal(a, b)),
            floor=floor,
        )


def real_texts() -> Iterator[str]:
    """Give texts of the data, again and again; from the second time on a number keeps them apart."""
    root = Path(os.environ.get("QUORUM_DATA", Path(__file__).parents[3] / "shared" / "data"))
    files = [file for folder in FOLDERS for file in sorted((root / folder).glob("*.jsonl.gz"))]
    if not files:
        sys.exit(f"{root}: no texts. Set QUORUM_DATA to the folder of the data sets.")
    rows: list[dict[str, Any]] = []
    for file in files:
        with gzip.open(file, "rt", encoding="utf-8") as lines:
            rows += map(json.loads, lines)
    texts = list(dict.fromkeys(row["text"] for row in rows))
    for turn in count():
        yield from texts if turn == 0 else (f"{text} {turn}" for text in texts)


def builders(rows: int) -> Result:
    """Regular expressions as builders, on all cores."""
    return Bench(rows, BUILDERS).against(SEARCHES, floor=60.0)


def searches(rows: int) -> Result:
    """The same regular expressions as Python functions, where the expressions themselves take the time."""
    return Bench(rows, NAMES + SEARCHES).against(SEARCHES, floor=2.0)


def plain_on_one_core(rows: int) -> Result:
    """Python functions in one process."""
    return Bench(rows, NAMES + PLAIN, workers=1).against(PLAIN, floor=3.0)


def plain_on_two_cores(rows: int) -> Result:
    """Python functions in two processes."""
    return Bench(rows, NAMES + PLAIN, workers=2).against(PLAIN, floor=5.0)


BENCHMARKS: dict[str, Benchmark] = {
    "20 builders": (builders, 100_000, 100_000),
    "20 searches in Python": (searches, 20_000, 100_000),
    "20 Python functions, one core": (plain_on_one_core, 20_000, 100_000),
    "20 Python functions, two cores": (plain_on_two_cores, 20_000, 100_000),
}

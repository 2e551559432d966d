"""Interrupts `quorum votes` at random moments: the store stays valid, and the votes come out the same.

Usage: ``python -m tests.soak.interruptions [--times 200] [--seed 0]``.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import psutil

from labeling.pool import load_pool
from labeling.store import manifest
from labeling.votes import VoteStore
from tests.projects import opened, small_rows
from tests.projects import write_python_project as write_project

ROOT = Path(__file__).parents[2]
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGKILL)
ENDINGS = (0, 130, *(-number for number in SIGNALS))
WATCHDOG = 1
"""How the command line ends a command that was interrupted within Python's import system; it says nothing."""

PROGRAM = """
import signal, sys
from importlib import import_module
signal.signal(signal.SIGINT, signal.default_int_handler)
import_module("labeling.apply.columns").KEEP_SECONDS = 0.2
from labeling.cli import main
main()
"""
"""The command, that keeps its votes more often than it does by itself, so that moments of writing are hit."""

FUNCTIONS = """
from lfs import labeling_function

VERSION = {version}


def spend(item):
    return sum(hash((VERSION, c)) % 2 for c in item.text * 40)


@labeling_function
def slow(item):
    spend(item)
    return "BILL" if "refund" in item.text else None


@labeling_function
def slower(item):
    spend(item), spend(item)
    return "SHIP" if len(item.text) % (VERSION + 2) == 0 else None


@labeling_function
def faulty(item):
    return {{"parcel": "SHIP"}}[item.text.split()[0]] if item.text.endswith("00") or VERSION < 0 else None
"""


@dataclass
class Soak:
    """One project that is interrupted again and again.

    Attributes
    ----------
    folder : Path
    rows : int
    seed : int
    ended : Counter
        How runs ended: by exit code, negative for a signal.
    version : int
        Of the functions.
    """

    folder: Path
    rows: int = 4_000
    seed: int = 0
    ended: Counter[int] = field(default_factory=Counter)
    version: int = 0

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        self.config = self.write(self.folder)
        begun = time.monotonic()
        assert run(self.config) == 0
        self.seconds = time.monotonic() - begun
        self.edit()

    def edit(self) -> None:
        """Make a version of the functions that nothing is known of."""
        self.version += 1
        self.write(self.folder)

    def write(self, folder: Path) -> Path:
        """Write the project in its present version."""
        functions = FUNCTIONS.format(version=self.version)
        return write_project(folder, small_rows(self.rows), functions=functions)

    def interrupt(self) -> int:
        """Start the command, interrupt it after a random time, check what it leaves; give its exit code."""
        process = start(self.config)
        time.sleep(self.random.uniform(0.2, 0.8 * self.seconds))
        family = psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []
        process.send_signal(self.random.choice(SIGNALS))
        with process:
            _, told = process.communicate(timeout=120)
        silent = process.returncode == WATCHDOG and not told
        assert silent or process.returncode in ENDINGS, f"exit code {process.returncode}: {told}"
        _, alive = psutil.wait_procs(family, timeout=20)
        assert not alive, f"worker processes outlive the command: {alive}"
        self.ended[process.returncode] += 1
        check_store(self.config)
        if process.returncode == 0:
            self.edit()
        return process.returncode

    def finish(self, other: Path) -> None:
        """Run to the end, and compare with a project that was never interrupted."""
        assert run(self.config) == 0
        assert np.array_equal(votes_of(self.config), votes_of(self.write(other)))


def start(config: Path) -> subprocess.Popen[str]:
    """Start the command in a session of its own, where its signals are its own."""
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, "votes", str(config), "--json"],
        cwd=ROOT,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def run(config: Path) -> int:
    """Run the command to its end and give its exit code."""
    with start(config) as process:
        process.communicate(timeout=300)
    return process.returncode


def check_store(config: Path) -> None:
    """Make sure that all that the manifest names is there and sound, and holds only votes that are right."""
    with opened(config) as project:
        store = VoteStore(project.artifacts)
        with project.store.read() as tx:
            for entry in manifest.entries(tx):
                project.artifacts.read(entry)
            for entry in store.column_entries(tx).values():
                store.read_column(entry)


def votes_of(config: Path) -> npt.NDArray[np.int8]:
    """Give the votes on all items, shape (n, m)."""
    with opened(config) as project:
        return load_pool(project).applied.votes.hard


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        soak = Soak(Path(folder, "interrupted"), seed=given.seed)
        for i in range(given.times):
            soak.interrupt()
            sys.stderr.write(f"\r{i + 1} of {given.times}, ended {dict(soak.ended)}, version {soak.version} ")
        soak.finish(Path(folder, "whole"))
    sys.stdout.write(
        f"\n{given.times} interruptions, ended {dict(soak.ended)}: the store is valid, votes equal\n"
    )


if __name__ == "__main__":
    main()

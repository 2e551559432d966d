"""An interrupted application of functions leaves a valid store, and goes on where it was."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

from tests.projects import small_rows
from tests.projects import write_python_project as write_project
from tests.soak.interruptions import ROOT, Soak, start, votes_of

TIMES = 12


def test_votes_come_out_as_if_nothing_had_been(tmp_path: Path) -> None:
    soak = Soak(tmp_path / "interrupted", seed=7)
    for _ in range(TIMES):
        soak.interrupt()
    soak.finish(tmp_path / "whole")
    assert sum(soak.ended.values()) == TIMES


def test_ctrl_c_keeps_what_is_done(tmp_path: Path) -> None:
    soak = Soak(tmp_path / "interrupted", rows=20_000)
    kept = tmp_path / "interrupted" / "work" / "small" / "votes"
    before = set(kept.iterdir())
    with start(soak.config) as process:
        while set(kept.iterdir()) == before and process.poll() is None:
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=60)
    assert process.returncode == 130, told
    assert "what was done is kept" in told
    again = subprocess.run(
        [sys.executable, "-m", "labeling.cli", "votes", str(soak.config), "--json"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    ran = [(voter["ran"], voter["cached"]) for voter in json.loads(again.stdout)["voters"]]
    assert all(a + b == 20_000 for a, b in ran)
    assert sum(b for _, b in ran) > 0


def test_two_processes_at_once_lose_nothing(tmp_path: Path) -> None:
    soak = Soak(tmp_path / "both", rows=2_000)
    both = [start(soak.config), start(soak.config)]
    for process in both:
        with process:
            process.communicate(timeout=120)
    assert [process.returncode for process in both] == [0, 0]
    single = soak.write(tmp_path / "single")
    assert np.array_equal(votes_of(soak.config), votes_of(single))


def test_rows_that_come_meanwhile_join(tmp_path: Path) -> None:
    config = write_project(tmp_path / "project", small_rows(50))
    before = votes_of(config)
    write_project(tmp_path / "project", small_rows(80))
    assert np.array_equal(votes_of(config)[:50], before)

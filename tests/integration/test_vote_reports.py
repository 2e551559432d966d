"""`quorum votes` says the same again without work where nothing changed, and only there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from labeling import voting
from labeling.store import manifest, voters
from labeling.voting import VoteReport, analyse_votes
from tests.projects import FUNCTIONS, digest, opened, small_rows, write_rows
from tests.projects import write_python_project as write_project

ROWS = small_rows(40)
SLOW = ("torch", "sklearn", "scipy", "snorkel", "matplotlib", "alembic", "pandas")


def votes(config: Path, *, rescan: bool = False) -> VoteReport:
    with opened(config) as project:
        return analyse_votes(replace(project, rescan=rescan))


def calls(report: VoteReport) -> dict[str, tuple[int, int]]:
    return {v.name: (v.ran, v.cached) for v in report.voters}


def plain(report: VoteReport) -> Mapping[str, Any]:
    """What a report says but for what its voters cost this time."""
    told = report.to_dict()
    return {**told, "voters": [{**v, "ran": 0, "cached": 0, "seconds": 0} for v in told["voters"]]}


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return write_project(tmp_path, ROWS)


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """One entry for each report that was made anew."""
    seen: list[str] = []
    real = voting.describe_votes

    def spied(*args: Any) -> VoteReport:
        seen.append("made")
        return real(*args)

    monkeypatch.setattr(voting, "describe_votes", spied)
    return seen


def test_nothing_changed(config: Path, made: list[str]) -> None:
    first, second = votes(config), votes(config)
    assert made == ["made"]
    assert set(calls(first).values()) == {(40, 0)}
    assert set(calls(second).values()) == {(0, 40)}
    assert plain(second) == plain(first)
    assert {v.seconds for v in second.voters} == {v.seconds for v in first.voters}


def test_a_new_time_or_a_rescan_change_nothing(config: Path, tmp_path: Path, made: list[str]) -> None:
    votes(config)
    os.utime(tmp_path / "data.jsonl", (1, 1))
    assert set(calls(votes(config)).values()) == {(0, 40)}
    assert set(calls(votes(config, rescan=True)).values()) == {(0, 40)}
    assert made == ["made"]


def test_an_edited_function_runs_on_everything_and_the_others_on_nothing(
    config: Path, tmp_path: Path
) -> None:
    votes(config)
    (tmp_path / "functions.py").write_text(FUNCTIONS.replace('"parcel"', '"parcels"'))
    assert calls(votes(config)) == {"money": (0, 40), "parcel": (40, 0), "courier": (0, 40), "fire": (0, 40)}
    (tmp_path / "functions.py").write_text(FUNCTIONS)
    assert set(calls(votes(config)).values()) == {(0, 40)}


def test_more_rows_run_on_these_alone(config: Path, tmp_path: Path) -> None:
    votes(config)
    write_rows(tmp_path, small_rows(42))
    assert set(calls(votes(config)).values()) == {(2, 40)}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("gold: {column: label, use: score}", "gold: {column: label, use: seed}"),
        ("  - name: BILL\n", "  - {name: BILL, definition: About money}\n"),
        ("{name: FIRE, critical: true}", "{name: FIRE}"),
        ("kind: majority", "kind: snorkel"),
        ("  - functions: functions.py", "  - functions: functions.py\n  - columns: [label2]"),
    ],
)
def test_whatever_it_depends_on_makes_it_anew(tmp_path: Path, made: list[str], old: str, new: str) -> None:
    config = write_project(tmp_path, [{**row, "label2": row["label"]} for row in ROWS])
    votes(config)
    text = config.read_text()
    assert old in text
    config.write_text(text.replace(old, new))
    report = votes(config)
    assert made == ["made", "made"]
    assert sum(v.ran for v in report.voters) in (0, 160)


def test_what_it_does_not_depend_on_does_not(config: Path, tmp_path: Path, made: list[str]) -> None:
    votes(config)
    config.write_text(config.read_text().replace("batch: 10", "batch: 9"))
    (tmp_path / "functions.py").write_text("# A comment\n" + FUNCTIONS)
    assert set(calls(votes(config)).values()) == {(0, 40)}
    assert made == ["made"]


def test_a_report_that_is_damaged_is_made_anew(config: Path, tmp_path: Path) -> None:
    first = votes(config)
    [file] = (tmp_path / "work/small/report").glob("*.parquet")
    file.write_bytes(b"?")
    assert plain(votes(config)) == plain(first)


def test_a_report_of_another_shape_is_made_anew(config: Path) -> None:
    first = votes(config)
    with opened(config) as project:
        with project.store.read() as tx:
            entry = manifest.find(tx, "report", voting.KEY)
        assert entry is not None
        with project.store.write() as tx:
            table = pa.table({"report": ["{}"]})
            manifest.record(tx, project.artifacts.write("report", table, key=entry.key, meta=entry.meta))
    assert plain(votes(config)) == plain(first)


def test_the_state_is_the_same_with_a_report_and_without(config: Path) -> None:
    with opened(config) as project:
        voting.load_pool(project)
        before = digest(project)
        analyse_votes(project)
        assert digest(project) == before


def test_versions_are_written_down_once(config: Path) -> None:
    with opened(config) as project:
        for _ in range(2):
            pool = voting.load_pool(project)
        with project.store.read() as tx:
            last = voters.latest(tx)
    assert last is not None
    assert last.number == 1
    assert last.versions == {run.name: run.fingerprint for run in pool.applied.runs}


def test_an_unchanged_run_imports_nothing_slow(config: Path, tmp_path: Path) -> None:
    votes(config)
    said = f"[name for name in {SLOW} if name in sys.modules]"
    program = "import sys\nsys.argv[1:] = ['votes', 'small.yaml', '--json']\nfrom labeling.cli import main\n"
    program += f"try:\n    main()\nfinally:\n    print({said}, file=sys.stderr)\n"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True, timeout=120
    )
    assert {v["ran"] for v in json.loads(done.stdout)["voters"]} == {0}
    assert done.stderr.splitlines()[-1] == "[]"

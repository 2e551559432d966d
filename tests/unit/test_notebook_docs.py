"""The pages for notebooks are executed: the first hour, and the blocks of the page for snorkel's users."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import snorkel.analysis
import snorkel.labeling
import snorkel.labeling.model
import snorkel.preprocess
import snorkel.slicing
import snorkel.utils

import labeling
import lfs

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "coming-from-snorkel.md").read_text(encoding="utf-8")
FIRST_HOUR = ROOT / "docs" / "first_hour.py"
README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def first_hour(tmp_path_factory: pytest.TempPathFactory) -> str:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "error::UserWarning:labeling"}
    done = subprocess.run(
        [sys.executable, str(FIRST_HOUR)], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout


def test_the_first_hour_runs_and_says_what_its_text_says(first_hour: str) -> None:
    tables = re.findall(r"^voter .*?^any of them .*?$", first_hour, re.MULTILINE | re.DOTALL)
    assert len(tables) == 2
    before, after = (accuracies(table) for table in tables)
    assert before["cancel"] < 50
    assert before["smoke"] < 50
    assert after["cancels"] > before["cancel"]
    assert after["waits"] < 50
    covered, right = (int(n) for n in re.findall(r"(\d+)%", " ".join(first_hour.splitlines()[-2:])))
    assert covered > 55
    assert right > 75


def accuracies(table: str) -> dict[str, float]:
    rows = (re.split(r"\s{2,}", line.strip()) for line in table.splitlines()[1:-1])
    return {row[0]: float(row[5].rstrip("%")) for row in rows}


def test_the_first_hour_is_in_cells() -> None:
    text = FIRST_HOUR.read_text(encoding="utf-8")
    cells = re.split(r"^# %%", text, flags=re.MULTILINE)[1:]
    prose = [cell for cell in cells if cell.startswith(" [markdown]")]
    assert len(cells) >= 12
    assert len(prose) >= 6
    assert all(line.startswith("#") for cell in prose for line in cell.splitlines()[1:] if line)


def test_the_page_for_snorkels_users_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    source = "\n".join(re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL))
    assert source.count("assert ") >= 6
    exec(compile(source, "coming-from-snorkel.md", "exec"), {"__name__": "page"})


def test_their_words_are_theirs() -> None:
    theirs = vars(snorkel.labeling) | vars(snorkel.labeling.model) | vars(snorkel.analysis)
    theirs |= vars(snorkel.preprocess) | vars(snorkel.slicing) | vars(snorkel.utils)
    left = re.findall(r"^\| (.*?) \| .* \|$", PAGE, re.MULTILINE)[2:]
    names = {n for cell in left for n in re.findall(r"`@?([A-Za-z_]{8,})\(?", cell) if n != "fault_tolerant"}
    methods = {"predict_proba", "get_weights"}
    known = {"cardinality", "resources", "DaskLFApplier", "transformation_function"} | methods
    assert len(names) > 10
    assert {name for name in names if name not in theirs} <= known
    assert all(hasattr(snorkel.labeling.model.LabelModel, name) for name in methods)


def test_our_words_are_ours() -> None:
    right = " ".join(re.findall(r"^\| .*? \| (.*) \|$", PAGE, re.MULTILINE))
    names = set(re.findall(r"`([A-Za-z]+)\(", right)) - {"f", "probs"}
    assert {"apply", "analyse", "buckets", "SnorkelModel", "MajorityModel"} <= names
    assert all(hasattr(labeling, name) or hasattr(lfs, name) for name in names)


@pytest.mark.parametrize("target", ["docs/first_hour.py", "docs/coming-from-snorkel.md"])
def test_the_readme_leads_here(target: str) -> None:
    assert f"]({target})" in README

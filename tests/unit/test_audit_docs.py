"""What the page of certificates says of audits: its lines run, its figures are those of the code."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from labeling.certificates.auditors import SecondAnswers, auditors_error
from labeling.certificates.draw import drawn_positions
from labeling.certificates.guarantee import error_budget
from labeling.certificates.looks import look_share
from labeling.config.sections import RoutingConfig
from labeling.types import Bools

PAGE = (Path(__file__).parents[2] / "docs" / "certificates.md").read_text(encoding="utf-8")
AUDIT = PAGE.split("\n## Audit\n")[1].split("\n## Double audits\n")[0]
DOUBLE = PAGE.split("\n## Double audits\n")[1].split("\n## ")[0]
ROWS = re.findall(r"^\| (\d+) \| (\d+) \| ([\d.]+) % \| ([\d.]+) % \|$", DOUBLE, re.MULTILINE)


def first(count: int, n: int = 5000) -> Bools:
    return np.arange(n) < count


def test_the_lines_draw_the_positions_of_the_certificate() -> None:
    [lines] = re.findall(r"^```python\n(.*?)^```", AUDIT, re.MULTILINE | re.DOTALL)
    done = subprocess.run([sys.executable, "-c", lines], capture_output=True, text=True, check=True)
    drawn = set(drawn_positions("5b1f0c", 60, 8).tolist())
    assert drawn > {19, 33}, "the example shows what is left out"
    assert json.loads(done.stdout) == sorted(drawn - {19, 33})


def test_the_table_has_rows() -> None:
    assert len(ROWS) == 6


@pytest.mark.parametrize(("doubled", "apart", "rate", "untrue"), ROWS)
def test_the_table_is_what_the_code_says(doubled: str, apart: str, rate: str, untrue: str) -> None:
    budget = error_budget(0.05, 5000)
    second = SecondAnswers(first(int(doubled)), first(5000), ~first(int(apart)))
    delta = look_share(0.05, 1, RoutingConfig().looks)
    found = auditors_error(second, first(5000), accepted=4000, budget=budget, delta=delta)
    assert found is not None
    for shown, exact in ((rate, found.rate), (untrue, found.wrong / 5000)):
        digits = len(shown.partition(".")[2])
        assert 0 <= float(shown) / 100 - exact < 10.0 ** -(digits + 2)

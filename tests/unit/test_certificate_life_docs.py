"""The section on the life of a certificate says what the code does, with figures that come out again."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from labeling.certificates.looks import FIRST_SHARE
from labeling.certificates.watch import watch_wealth
from labeling.config.sections import RoutingConfig
from tests.soak.retests import LOST, PROFILES, months, planned

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "certificates.md").read_text(encoding="utf-8")
LIFE = PAGE.partition("\n## Life\n")[2].partition("\n## ")[0]
WORDS = " ".join(LIFE.split())


def table(first: str) -> list[list[str]]:
    """Rows of the table whose head begins with ``first``."""
    head = LIFE.index(f"| {first}")
    lines = LIFE[head:].partition("\n\n")[0].splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_the_defaults_are_those_of_the_config() -> None:
    routing = RoutingConfig()
    assert f"(`routing.looks`, {routing.looks} by default" in WORDS
    assert f"`routing.watch` accepted texts ({routing.watch} by default" in WORDS
    assert f"the first spends {FIRST_SHARE:.0%} of it".replace("%", " %") in WORDS
    assert routing.expires is None


def test_what_is_said_is_said_by_the_code() -> None:
    sources = (ROOT / "labeling" / "rounds").glob("*.py"), (ROOT / "labeling" / "certificates").glob("*.py")
    code = re.sub(
        r'"\s*f?"', "", "".join(path.read_text(encoding="utf-8") for part in sources for path in part)
    )
    code = re.sub(r"\{[^{}]*\}", "#", code)
    for said, _ in table("`quorum run` and `certify` say"):
        pattern = re.sub(r"\d{4}-\d\d-\d\d|[\d,]*\d", "#", said)
        pattern = pattern.replace("all # tests", "#").removesuffix(" …")
        assert pattern in code or pattern.partition(": ")[2] in code, pattern


@pytest.mark.parametrize("line", [1, 2])
def test_the_alarm_rings_as_soon_as_the_page_says(line: int) -> None:
    wrong, _, told = table("wrong in truth")[line]
    truth, (median, nine) = int(wrong.split()[0]), map(int, re.findall(r"\d+", told))
    rng, population = np.random.default_rng(11), np.arange(2000) < truth
    found = []
    for _ in range(300):
        wealth = watch_wealth(rng.permutation(population), range(2000, 0, -1), 100)
        found.append(int(np.argmax(wealth >= 20)) + 1)
    assert np.quantile(found, 0.5) == pytest.approx(median, rel=0.25)
    assert np.quantile(found, 0.9) == pytest.approx(nine, rel=0.25)


def test_thirty_tests_lose_no_more_than_they_may() -> None:
    rows = table("a project over a month")
    assert [name for name, *_ in rows] == list(PROFILES)
    for _, single, in_force, _, broken in rows:
        assert float(single) - float(in_force) <= LOST
        assert float(broken) <= 0.05


def test_a_months_figures_come_out_again() -> None:
    name, single, in_force, *_ = table("a project over a month")[2]
    told = months(PROFILES[name], planned, 40, seed=5)
    assert told["single"] == pytest.approx(float(single), abs=0.03)
    assert told["in_force"] == pytest.approx(float(in_force), abs=0.03)

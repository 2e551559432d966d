"""The page on certificates names every reason of a route, and its words on groups are those of the code."""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from labeling.config.sections import GroupsConfig
from labeling.routing import CriticalReasons, Standing, route
from labeling.routing.opinions import count_opinions
from labeling.types import VoteMatrix

PAGE = (Path(__file__).parents[2] / "docs" / "certificates.md").read_text(encoding="utf-8")
NAMES = ("HAM", "SPAM", "THREAT")
CHANCE = 0.03
CRITICAL = (
    "it is in a critical slice",
    "a voter says THREAT, which is critical",
    "THREAT is critical and has a chance of .03",
)


def every_standing(champion: int | None) -> Standing:
    """Give an item for each combination of what decides."""
    flags = np.array(list(product([False, True], repeat=9)))
    queued, dev, covered, accepted, promised, in_slice, voted, probable, votes = flags.T
    n = len(flags)
    hard = np.where(votes, 0, -1).astype(np.int8)[:, None].repeat(2, axis=1)
    matrix = VoteMatrix(hard, ("a", "b"), 3)
    critical = [np.where(mask, 2, -1).astype(np.int8) for mask in (voted, probable)]
    text = np.zeros(n, dtype=np.int8)
    label, sure = np.zeros(n, dtype=np.int64), np.full(n, 0.98)
    return Standing(
        opinions=count_opinions(matrix, ["function"] * 2, label, sure, text),
        covers=matrix.covered,
        critical=CriticalReasons(in_slice, *critical, np.full(n, CHANCE)),
        queued=queued,
        dev=dev,
        champion=champion,
        covered=covered,
        accepted=accepted,
        promised=promised,
    )


@pytest.mark.parametrize("champion", [None, 7])
def test_every_reason_is_on_the_page(champion: int | None) -> None:
    routes = route(every_standing(champion), NAMES)
    rows = [line for line in PAGE.splitlines() if line.startswith("| `")]
    endings = {(str(r.decision), r.reason.split("; ")[-1]) for r in routes}
    assert len(endings) > 6
    for decision, ending in endings:
        own = " ".join(row for row in rows if row.startswith(f"| `{decision.upper()}`"))
        if ending.startswith("people decide: "):
            assert all(reason in own for reason in CRITICAL)
            assert any(reason in ending for reason in CRITICAL)
        else:
            assert ending in own, (decision, ending)


def test_the_examples_are_what_the_code_says() -> None:
    found = route(every_standing(7), NAMES)
    assert "two functions and the text model agree on HAM, .98; covered by certificate 7" in {
        r.reason for r in found
    }
    assert "    two functions and the text model agree on HAM, .98; covered by certificate 7\n" in PAGE


def test_every_key_of_groups_is_told() -> None:
    section = PAGE.split("## Groups")[1].split("\n## ")[0]
    [block] = re.findall(r"^```yaml\n(.*?)^```", section, re.MULTILINE | re.DOTALL)
    assert all(f"{name}: " in block for name in GroupsConfig.model_fields)

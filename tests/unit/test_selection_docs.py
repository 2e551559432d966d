"""The page on selection is executed, and complete."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from active.learner import FIRST_UNIFORM_SHARE
from active.selection import FEW_LABELS, SEEN_ROWS
from active.strategies import STRATEGIES
from labeling.config.sections import ActiveConfig
from tests.unit.test_docs import blocks

PAGE = (Path(__file__).parents[2] / "docs" / "selection.md").read_text(encoding="utf-8")


def test_the_example_runs() -> None:
    [source] = blocks(PAGE, "python")
    exec(compile(source, "docs/selection.md", "exec"), {})


@pytest.mark.parametrize("name", STRATEGIES)
def test_every_strategy_has_its_line(name: str) -> None:
    assert len(re.findall(rf"^\| `{name}` \|", PAGE, re.MULTILINE)) == 1


def test_what_auto_stands_for_is_said() -> None:
    [same] = [n for n, strategy in STRATEGIES.items() if n != "auto" and strategy is STRATEGIES["auto"]]
    assert f"now the same as `{same}`" in PAGE


def test_figures_are_those_of_the_code() -> None:
    shown = ActiveConfig().model_dump(include={"strategy", "batch", "uniform_share", "minimum_share"})
    [text] = blocks(PAGE, "yaml")
    assert text == "active: {" + ", ".join(f"{key}: {value}" for key, value in shown.items()) + "}\n"
    assert FIRST_UNIFORM_SHARE == 1 / 5
    assert "at least a fifth of the first one" in PAGE
    assert FEW_LABELS == 5
    assert re.search(r"fewer\s+than five labels", PAGE)
    assert f"Above {SEEN_ROWS:,} candidates" in PAGE

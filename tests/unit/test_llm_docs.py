"""The page on language models: its configs and price table are valid, its commands are there."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest
from ruamel.yaml import YAML

from labeling.cli.commands import main
from labeling.config import load_config
from labeling.config.prices import load_prices
from labeling.prelabels.permission import check_permission

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "llm.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```yaml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
SHIPPED = ROOT / "integrations" / "messages" / "prices.yaml"
LEAST = "items: {path: data.csv}\nlabels: [{name: HAM}, {name: SPAM}]\n"


@pytest.mark.parametrize("voters", [block for block in BLOCKS if block.startswith("voters:")])
def test_the_configs_are_whole(tmp_path: Path, voters: str) -> None:
    path = tmp_path / "comments.yaml"
    path.write_text(LEAST + voters, encoding="utf-8")
    config = load_config(path)
    check_permission(config, load_prices(SHIPPED, tmp_path))
    assert any(voter.llm for voter in config.voters)


def test_the_price_table_is_whole(tmp_path: Path) -> None:
    [text] = [block for block in BLOCKS if block.startswith("as_of:")]
    (tmp_path / "configs").mkdir()
    (tmp_path / "configs" / "prices.yaml").write_text(text, encoding="utf-8")
    named = YAML(typ="safe").load(text)["models"]
    prices = load_prices(SHIPPED, tmp_path)
    assert named
    assert all(prices.of(model) for model in named)


def test_the_commands_are_there() -> None:
    group = main.commands["llm"]
    assert isinstance(group, click.Group)
    named = set(re.findall(r"quorum llm (\w+)", PAGE))
    assert named <= set(group.commands)
    assert named >= {"plan", "run", "show", "agree", "suggest"}


def test_the_files_that_it_names_are_there() -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", PAGE):
        assert (ROOT / "docs" / target).is_file(), target

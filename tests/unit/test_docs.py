"""The documentation is executed, and complete."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import click
import pytest
from pydantic import BaseModel

from labeling.cli.commands import main
from labeling.config import Config, load_config
from labeling.lf.examples import check_examples
from labeling.lf.loading import load_functions

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
CONFIG_PAGE = (ROOT / "docs" / "config.md").read_text(encoding="utf-8")
COMMANDS_PAGE = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def keys(model: type[BaseModel]) -> set[str]:
    """Give the names of all keys of a config, sections within sections included."""
    found: set[str] = set()
    for name, field in model.model_fields.items():
        found.add(name)
        for part in sections(field.annotation):
            found |= keys(part)
    return found


def sections(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [part for inner in getattr(annotation, "__args__", ()) for part in sections(inner)]


def test_the_readmes_commands_run_as_written(tmp_path: Path) -> None:
    lines = [line for block in blocks(README, "bash") for line in block.splitlines() if line.strip()]
    assert len(lines) >= 5
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    for line in lines:
        done = subprocess.run(
            shlex.split(line, comments=True), cwd=tmp_path, env=environment, capture_output=True, text=True
        )
        assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
    assert (tmp_path / "labels.csv").read_text(encoding="utf-8").startswith("id,")


def test_the_readmes_functions_vote(tmp_path: Path) -> None:
    [source] = blocks(README, "python")
    (tmp_path / "functions.py").write_text(source, encoding="utf-8")
    functions = load_functions("functions.py", tmp_path, ("HAM", "SPAM"))
    assert {f.name for f in functions} == {"link", "praise", "asks_to_click"}
    assert not any(check_examples(f, "text") for f in functions)


def test_the_readmes_targets_are_there() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in set(re.findall(r"(?:^|`)make ([a-z]+)", README, re.MULTILINE)):
        assert re.search(rf"^(?:[\w-]+ )*{target}(?: [\w-]+)*:", makefile, re.MULTILINE), target


def test_links_and_pictures_are_there() -> None:
    for page in (ROOT / "README.md", *(ROOT / "docs").glob("*.md")):
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_the_documented_config_is_valid(tmp_path: Path) -> None:
    [text] = blocks(CONFIG_PAGE, "yaml")
    path = tmp_path / "configs" / "documented.yaml"
    path.parent.mkdir()
    path.write_text(text, encoding="utf-8")
    assert load_config(path).project == "youtube-spam"


@pytest.mark.parametrize("key", sorted(keys(Config)))
def test_every_key_is_documented(key: str) -> None:
    assert re.search(rf"\b{key}\b", CONFIG_PAGE)


def commands(group: click.Group, prefix: str = "") -> dict[str, click.Command]:
    """Give all commands by their full names, those of groups included."""
    found: dict[str, click.Command] = {}
    for name, command in group.commands.items():
        nested = commands(command, f"{prefix}{name} ") if isinstance(command, click.Group) else {}
        found |= nested or {f"{prefix}{name}": command}
    return found


@pytest.mark.parametrize("name", sorted(commands(main)))
def test_every_command_and_option_is_documented(name: str) -> None:
    assert f"`quorum {name}" in COMMANDS_PAGE
    options = [o for p in commands(main)[name].params for o in p.opts if o.startswith("--")]
    assert all(option in COMMANDS_PAGE for option in options), options


def test_changelog_and_version_agree() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    assert (ROOT / "CHANGELOG.md").read_text(encoding="utf-8").splitlines()[2] == f"## {version}"

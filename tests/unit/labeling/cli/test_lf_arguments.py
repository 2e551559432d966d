"""The arguments of `quorum lf`: CONFIG comes first and may be left out."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from labeling.cli.lf import config_first, lf
from labeling.errors import InputError


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "configs").mkdir()
    (tmp_path / "configs" / "spam.yaml").touch()
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ((), (None, ())),
        (("links",), (None, ("links",))),
        (("links", "love"), (None, ("links", "love"))),
        (("spam",), ("spam", ())),
        (("spam.yaml", "links"), ("spam.yaml", ("links",))),
        (("configs/spam.yaml", "spam"), ("configs/spam.yaml", ("spam",))),
        (("links", "spam"), (None, ("links", "spam"))),
    ],
)
def test_the_first_is_the_config_where_there_is_one(
    folder: Path, arguments: tuple[str, ...], expected: tuple[str | None, tuple[str, ...]]
) -> None:
    assert config_first(arguments) == expected


@pytest.mark.parametrize("first", ["other.yaml", "elsewhere/spam", "configs/other.yml"])
def test_what_can_only_be_a_config_must_be_there(folder: Path, first: str) -> None:
    with pytest.raises(InputError, match="expected a config"):
        config_first((first, "links"))


@pytest.mark.parametrize(
    "arguments", [["errors", "--limit", "-1"], ["errors", "--bucket", "odd"], ["nothing"]]
)
def test_impossible_options_are_refused(arguments: list[str]) -> None:
    result = CliRunner().invoke(lf, arguments)
    assert result.exit_code == 2
    assert "Usage" in result.output


def test_every_command_tells_what_it_does() -> None:
    for name, command in lf.commands.items():
        assert command.help, name
        assert CliRunner().invoke(lf, [name, "--help"]).exit_code == 0

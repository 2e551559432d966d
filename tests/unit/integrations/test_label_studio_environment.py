from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from integrations.label_studio import environment as module
from integrations.label_studio.environment import (
    REQUIREMENTS,
    STAMP,
    InstallError,
    count_packages,
    default_folder,
    ensure,
    is_ready,
    program_of,
    python_of,
    stamp,
)


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """A folder that looks like a finished environment."""
    folder = tmp_path / "env"
    (folder / "bin").mkdir(parents=True)
    python_of(folder).symlink_to(sys.executable)
    program_of(folder).write_text("")
    (folder / "pyvenv.cfg").write_text("")
    (folder / STAMP).write_text(stamp())
    return folder


@pytest.fixture
def installs(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Records the folders that are built, instead of building them."""
    built: list[Path] = []

    def install(folder: Path, packages: int, progress: object) -> None:
        built.append(folder)
        program_of(folder).write_text("")

    def create(folder: Path) -> None:
        program_of(folder).parent.mkdir(parents=True, exist_ok=True)
        python_of(folder).unlink(missing_ok=True)
        python_of(folder).symlink_to(sys.executable)

    monkeypatch.setattr(module, "_create", create)
    monkeypatch.setattr(module, "_install", install)
    return built


def test_requirements_pin_every_package_and_none_for_graphics_cards() -> None:
    lines = REQUIREMENTS.read_text().splitlines()
    assert "label-studio==1.23.2" in lines
    assert all(line.count("==") == 1 for line in lines)
    assert count_packages(lines) == len({line.split("==")[0].lower() for line in lines}) > 100
    names = {line.split("==")[0].lower() for line in lines}
    assert not {name for name in names if name.startswith(("nvidia", "torch", "triton", "tensorflow"))}


def test_comments_and_empty_lines_are_no_packages() -> None:
    assert count_packages(["# pinned", "", "  ", "a==1", "b==2"]) == 2


def test_the_default_is_inside_our_own_environment() -> None:
    assert default_folder() == Path(sys.prefix) / "label-studio"


def test_a_ready_environment_is_left_alone(made: Path, installs: list[Path]) -> None:
    told: list[str] = []
    assert ensure(made, told.append) == made
    assert (installs, told) == ([], [])


@pytest.mark.parametrize("missing", [Path("bin/python"), Path("bin/label-studio"), Path(STAMP)])
def test_a_half_made_environment_is_made_anew(made: Path, installs: list[Path], missing: Path) -> None:
    (made / missing).unlink()
    assert not is_ready(made)
    ensure(made, lambda line: None)
    assert installs == [made]
    assert is_ready(made)


def test_an_outdated_environment_is_made_anew(made: Path, installs: list[Path]) -> None:
    (made / STAMP).write_text(stamp().replace("python", "python 2."))
    ensure(made, lambda line: None)
    assert installs == [made]


def test_an_absent_and_an_empty_folder_are_filled(tmp_path: Path, installs: list[Path]) -> None:
    (tmp_path / "empty").mkdir()
    ensure(tmp_path / "empty", lambda line: None)
    ensure(tmp_path / "new" / "deep", lambda line: None)
    assert installs == [tmp_path / "empty", tmp_path / "new" / "deep"]


def test_a_folder_with_other_files_is_never_emptied(tmp_path: Path, installs: list[Path]) -> None:
    (tmp_path / "thesis.txt").write_text("all I have")
    with pytest.raises(InstallError, match="holds other files"):
        ensure(tmp_path, lambda line: None)
    with pytest.raises(InstallError, match="expected a folder"):
        ensure(tmp_path / "thesis.txt", lambda line: None)
    assert (tmp_path / "thesis.txt").read_text() == "all I have"
    assert installs == []


def test_a_package_that_cannot_be_had_is_reported_and_nothing_is_stamped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pinned = tmp_path / "requirements.txt"
    pinned.write_text("./no-such-package\n")
    monkeypatch.setattr(module, "REQUIREMENTS", pinned)
    with pytest.raises(InstallError, match=r"could not install requirements\.txt(.|\n)*no-such-package"):
        ensure(tmp_path / "env", lambda line: None)
    assert not is_ready(tmp_path / "env")


def test_it_runs_as_a_script_without_our_packages(made: Path) -> None:
    env = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    script = [sys.executable, "-I", str(Path(module.__file__)), str(made)]
    done = subprocess.run(script, capture_output=True, text=True, check=False, env=env)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    (made / "pyvenv.cfg").unlink()
    (made / STAMP).unlink()
    refused = subprocess.run(script, capture_output=True, text=True, check=False, env=env)
    assert refused.returncode == 1
    assert "holds other files" in refused.stderr
    assert "Traceback" not in refused.stderr

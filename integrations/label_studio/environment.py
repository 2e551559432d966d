"""The virtual environment that Label Studio lives in, apart from ours because the two disagree on packages.

Standard library only: set-up runs this file as a script, ``python3 environment.py [FOLDER]``, before anything
is installed.
"""

from __future__ import annotations

import argparse
import hashlib
import platform
import subprocess
import sys
import venv
from collections.abc import Callable, Iterable
from pathlib import Path

REQUIREMENTS = Path(__file__).with_name("requirements.txt")
STAMP = "installed.txt"
REPORT_EVERY = 25

Progress = Callable[[str], None]


class InstallError(RuntimeError):
    """The environment cannot be made; the message says where and what to do."""


def to_stderr(line: str) -> None:
    """Report progress to standard error."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def default_folder() -> Path:
    """Give the place inside our own environment, so that removing that one removes both."""
    return Path(sys.prefix) / "label-studio"


def python_of(folder: Path) -> Path:
    """Give the environment's interpreter."""
    return folder / "bin" / "python"


def program_of(folder: Path) -> Path:
    """Give the ``label-studio`` program of the environment."""
    return folder / "bin" / "label-studio"


def stamp() -> str:
    """Give what an environment is made from: digest of the pinned packages, version of Python."""
    return f"{hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()} python {platform.python_version()}\n"


def is_ready(folder: Path) -> bool:
    """Say whether the environment is complete and made from the present requirements."""
    written = folder / STAMP
    files = (python_of(folder), program_of(folder), written)
    return all(file.is_file() for file in files) and written.read_text() == stamp()


def ensure(folder: Path, progress: Progress = to_stderr) -> Path:
    """Make the environment unless it is there already; one that is half made or outdated is made anew.

    Parameters
    ----------
    folder : Path
        An absent or empty folder, or an environment made here before.
    progress : callable
        Takes one line of text at a time.

    Raises
    ------
    InstallError
        The folder holds something else, or a package cannot be installed.
    """
    folder = folder.absolute()
    if is_ready(folder):
        return folder
    _refuse_foreign(folder)
    packages = count_packages(REQUIREMENTS.read_text().splitlines())
    progress(f"Label Studio: making its environment in {folder} ({packages} packages, about 1 GB) ...")
    _create(folder)
    _install(folder, packages, progress)
    (folder / STAMP).write_text(stamp())
    progress("Label Studio: environment ready")
    return folder


def count_packages(lines: Iterable[str]) -> int:
    """Count the requirements among the lines of a requirements file."""
    return sum(1 for line in lines if line.strip() and not line.startswith("#"))


def _refuse_foreign(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise InstallError(f"{folder}: expected a folder for Label Studio's environment. Name another one.")
    if folder.is_dir() and any(folder.iterdir()) and not (folder / "pyvenv.cfg").is_file():
        raise InstallError(
            f"{folder}: holds other files. Name an empty folder for Label Studio's environment."
        )


def _create(folder: Path) -> None:
    try:
        venv.EnvBuilder(clear=True, with_pip=True, symlinks=True).create(folder)
    except (OSError, subprocess.CalledProcessError) as error:
        raise InstallError(
            f"{folder}: cannot make a virtual environment: {error}. "
            "Free some space, name another folder, or install Python's venv and ensurepip."
        ) from error


def _install(folder: Path, packages: int, progress: Progress) -> None:
    # Modules are compiled at their first import: most never are, which saves a fifth of the disk.
    command = [
        *(str(python_of(folder)), "-m", "pip", "install", "--no-compile", "--no-input"),
        *("--disable-pip-version-check", "--progress-bar", "off", "-r", str(REQUIREMENTS)),
    ]
    code, said = _follow(command, packages, progress)
    if code:
        tail = "\n  ".join(line for line in said[-15:] if line)
        raise InstallError(
            f"{folder}: pip could not install {REQUIREMENTS.name}:\n  {tail}\n"
            "Check the network and the space on disk, then run the same command again."
        )


def _follow(command: list[str], packages: int, progress: Progress) -> tuple[int, list[str]]:
    """Run pip; give its exit code and all that it said."""
    said: list[str] = []
    found = 0
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as pip:
        for line in pip.stdout or ():
            said.append(line.rstrip())
            found += line.startswith(("Collecting ", "Processing "))
            if line.startswith("Collecting ") and found % REPORT_EVERY == 0:
                progress(f"Label Studio: {found} of {packages} packages found ...")
            elif line.startswith("Installing collected"):
                progress("Label Studio: installing ...")
    return pip.returncode, said


def main() -> int:
    """Make the environment from the command line."""
    parser = argparse.ArgumentParser(description="Make Label Studio's virtual environment.")
    parser.add_argument("folder", nargs="?", type=Path, default=default_folder())
    try:
        ensure(parser.parse_args().folder)
    except InstallError as error:
        to_stderr(str(error))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""The entry of the command line: quick to start, and ended by signals in words."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

import labeling
from labeling.cli import STOPPED

LOST = """
import signal, sys
import labeling.cli as cli

cli.LAST_SECONDS = 1
def waits_for_itself():
    import threading
    lock = threading.Lock()
    lock.acquire()
    try:
        signal.raise_signal(signal.SIGINT)
    except KeyboardInterrupt:
        pass
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    lock.acquire()

sys.modules["labeling.cli.commands"] = type(sys)("labeling.cli.commands")
sys.modules["labeling.cli.commands"].main = waits_for_itself
cli.main()
"""
SLOW = ("click", "rich", "numpy", "sqlalchemy", "pydantic", "pyarrow")


def python(program: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", program],
        cwd=Path(labeling.__file__).parents[1],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_during_imports_is_said_in_words(number: int) -> None:
    program = f"""
import os, sys
from labeling.cli import main

class Interrupting:
    def find_spec(self, name, path=None, target=None):
        if name == "labeling.cli.commands":
            os.kill(os.getpid(), {int(number)})

sys.meta_path.insert(0, Interrupting())
main()
"""
    done = python(program)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", f"{STOPPED}\n")


def test_an_interrupt_that_python_loses_ends_the_command_all_the_same() -> None:
    done = python(LOST)
    assert (done.returncode, done.stderr) == (1, "")


def test_the_entry_itself_imports_next_to_nothing() -> None:
    done = python(f"import sys, labeling.cli; print([name for name in {SLOW} if name in sys.modules])")
    assert done.stdout == "[]\n"


def test_names_of_the_package_are_found_when_asked_for() -> None:
    done = python(
        "import labeling.apply, labeling\n"
        "from labeling import VoteMatrix, apply\n"
        "assert callable(apply) and labeling.apply is apply and VoteMatrix\n"
    )
    assert done.stderr == ""
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        labeling.nothing  # noqa: B018

"""`quorum up` as a process: it starts everything, Ctrl-C stops everything, a second start goes on."""

from __future__ import annotations

import contextlib
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from integrations.label_studio.server import LocalServer
from labeling.app import open_project
from labeling.store import state_digest
from tests.label_studio_people import LabelStudioPeople, Person

ROOT = Path(__file__).parents[2]
SECONDS = 240


@pytest.fixture
def folder(tmp_path: Path, label_studio_environment: Path) -> Iterator[Path]:
    """A project of one's own in any folder, on a Label Studio of its own; nothing is left running."""
    subprocess.run([sys.executable, "-m", "labeling.cli", "init", "tiny"], cwd=tmp_path, check=True)
    config = tmp_path / "configs" / "tiny.yaml"
    config.write_text(config.read_text() + "active: {batch: 4}\nrouting: {audit: 3}\n")
    yield tmp_path
    for process in processes_in(tmp_path):
        process.kill()


class Up:
    """A running `quorum up` with what it has printed so far."""

    def __init__(self, folder: Path) -> None:
        self._log = folder / "up.log"
        command = [sys.executable, "-m", "labeling.cli", "up", "tiny"]
        with self._log.open("w") as out:
            self.process = subprocess.Popen(command, cwd=folder, stdout=out, stderr=subprocess.STDOUT)

    def until(self, words: str) -> str:
        """Give all that was said once the words are among it."""
        end = time.monotonic() + SECONDS
        while time.monotonic() < end and self.process.poll() is None:
            if words in (said := self._log.read_text()):
                return said
            time.sleep(0.5)
        pytest.fail(f"never said {words!r}: {self._log.read_text()}")

    def interrupt(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(60)


def processes_in(folder: Path) -> list[psutil.Process]:
    """Processes that work on the folder: ours by their directory, Label Studio's by its data."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            data = process.environ().get("LABEL_STUDIO_BASE_DATA_DIR", "")
            if data.startswith(str(folder)) or process.cwd() == str(folder):
                found.append(process)
    return found


def digest(folder: Path) -> str:
    project = open_project(str(folder / "configs" / "tiny.yaml"))
    with project.store.read() as tx:
        digest = state_digest(tx)
    project.store.close()
    return digest


def test_up_starts_turns_stops_and_goes_on(folder: Path) -> None:
    up = Up(folder)
    said = up.until("Ctrl-C")
    assert "0 of 3 audit answers" in said
    address = re.search(r"(http://127\.0\.0\.1:\d+)/projects/(\d+)", said)
    assert address is not None
    server = LocalServer(folder / "work" / "tiny" / "label-studio")
    assert f"login         {server.username}" in said
    assert f"password      {server.password}" in said

    people = LabelStudioPeople(address[1], int(address[2]), [Person(server.username, server.token)])
    people.answer(people.next_task(), "HAM", seconds=3.0)
    people.close()
    said = up.until("round 2")
    assert "1 answers new or changed: 1 items labelled by people" in said
    assert up.interrupt() == 130
    assert not processes_in(folder)
    before = digest(folder)

    again = Up(folder)
    assert "round 2 (nothing changed since)" in again.until("Ctrl-C")
    assert again.interrupt() == 130
    assert not processes_in(folder)
    assert digest(folder) == before

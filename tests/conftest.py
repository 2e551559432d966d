"""What tests share: real servers that are slow to start, and the rule for what may be absent."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import NoReturn

import pytest
from hypothesis import settings

from integrations.label_studio.environment import default_folder, is_ready
from integrations.label_studio.server import LocalServer
from tests.label_studio_people import Person, sign_up
from tests.quick_storage import quick_storage

# How long an example takes says more about the machine than about the code.
settings.register_profile("quorum", deadline=None)
settings.load_profile("quorum")


def absent(what: str) -> NoReturn:
    """Skip a test whose tool is not on this machine, or fail it where everything is required."""
    if os.environ.get("QUORUM_REQUIRE_ALL") == "1":
        pytest.fail(what, pytrace=False)
    pytest.skip(what)


def pytest_configure() -> None:
    """Hear Ctrl-C also where a shell that runs tests in the background has it ignored: tests send it."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session", autouse=True)
def storage() -> Iterator[None]:
    """Let no test wait for the disk, nor for the same migrations again."""
    with quick_storage():
        yield


def counted_salts(start: int) -> Iterator[None]:
    """Make audits the same in every run: one that fails a test would else do so once in a while."""
    numbers = count(start)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("secrets.token_hex", lambda n: f"{next(numbers):0{2 * n}x}")
        yield


@pytest.fixture(scope="module", autouse=True)
def same_salts_of_modules() -> Iterator[None]:
    """Count the salts of what a module's tests share apart from their own."""
    yield from counted_salts(1_000_000)


@pytest.fixture(autouse=True)
def same_salts() -> Iterator[None]:
    """Count the salts of each test from one."""
    yield from counted_salts(1)


@pytest.fixture(scope="session")
def label_studio_environment() -> Path:
    """The environment of Label Studio, made by ``make setup``."""
    folder = Path(os.environ.get("QUORUM_LABEL_STUDIO_ENV") or default_folder())
    if not is_ready(folder):
        absent(f"Label Studio is not installed in {folder}: run integrations/label_studio/environment.py")
    return folder


@pytest.fixture(scope="session")
def label_studio(
    label_studio_environment: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LocalServer]:
    """A real Label Studio with empty data, for the whole session."""
    with LocalServer(tmp_path_factory.mktemp("label-studio"), label_studio_environment) as server:
        yield server


@pytest.fixture(scope="session")
def annotators(label_studio: LocalServer) -> list[Person]:
    """Two people with accounts of their own in the real Label Studio."""
    emails = ("ann@example.com", "bob@example.com")
    return [sign_up(label_studio.url, label_studio.token, email) for email in emails]

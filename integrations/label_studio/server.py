"""A Label Studio of our own: started, watched and stopped on this machine, on loopback, with its own data."""

from __future__ import annotations

import atexit
import json
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psutil

from integrations.label_studio.environment import default_folder, program_of, python_of
from integrations.label_studio.processes import HOST, is_alive, is_free, is_healthy, listening, stop_group
from labeling.errors import InputError, Unavailable

FIRST_PORT = 8080
PORTS_TRIED = 200
START_SECONDS = 300.0
USERNAME = "admin@quorum.local"

# All that is kept of our own environment: proxies, Django's and Label Studio's variables would leak in.
INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR")
SETTINGS = {
    "LATEST_VERSION_CHECK": "false",
    "COLLECT_ANALYTICS": "false",
    "SENTRY_DSN": "",
    "FRONTEND_SENTRY_DSN": "",
    "SSRF_PROTECTION_ENABLED": "false",
    "LABEL_STUDIO_ENABLE_LEGACY_API_TOKEN": "true",
    # Without it every import of predictions recounts all tasks of the project.
    "fflag_fix_back_4620_memory_efficient_predictions_import_08012025_short": "true",
    # Despite its name: SQLite's write-ahead log, so that readers do not wait for writers.
    "AZURE_MOUNT_FIX": "1",
    "TASK_LOCK_TTL": "600",
    "LOG_LEVEL": "WARNING",
}

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Credentials:
    """How to log in: e-mail, password and API token."""

    username: str
    password: str
    token: str


@dataclass(frozen=True, slots=True)
class Running:
    """A server that was started: its process, its port and the process of ours that owns it."""

    pid: int
    started: float
    port: int
    owner: int
    owner_started: float


class LocalServer:
    """A Label Studio on this machine, started on entering and stopped on leaving.

    Parameters
    ----------
    data_dir : Path
        Its database, log and credentials; a second start continues on them.
    environment : Path, optional
        Where ``environment.ensure`` put Label Studio; default its default.
    port : int, optional
        Default: the port of the last time, else the first free one from 8080.
    progress : callable, optional
        Takes one line of text at a time while the server starts.
    """

    def __init__(
        self,
        data_dir: Path,
        environment: Path | None = None,
        port: int | None = None,
        progress: Progress | None = None,
    ) -> None:
        self.data_dir = data_dir.absolute()
        self.environment = environment or default_folder()
        self.log = self.data_dir / "label-studio.log"
        self._wanted_port = port
        self._progress: Progress = progress or (lambda line: None)
        self._running: Running | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._credentials: Credentials | None = None

    @property
    def url(self) -> str:
        """Address of the running server."""
        return f"http://{HOST}:{self._state().port}"

    @property
    def username(self) -> str:
        """E-mail address to log in with."""
        return self.credentials.username

    @property
    def password(self) -> str:
        """Password to log in with, generated at the first start."""
        return self.credentials.password

    @property
    def token(self) -> str:
        """API key of the same user."""
        return self.credentials.token

    @property
    def credentials(self) -> Credentials:
        """Login and token, made at the first call and kept in a file that only its owner can read."""
        if self._credentials is None:
            self._credentials = _credentials(self.data_dir / "credentials.json")
        return self._credentials

    def start(self) -> Self:
        """Start the server, or join the one that another running process of ours has on the same data.

        Raises
        ------
        Unavailable
            Label Studio is not installed, does not start, or the port is taken.
        """
        self.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        left = _read_running(self._state_file)
        if left is not None and is_alive(left.owner, left.owner_started) and is_healthy(left.port):
            self._running = left
            self._progress(f"Label Studio: using the one that process {left.owner} runs at {self.url}")
            return self
        if left is not None and is_alive(left.pid, left.started):
            stop_group(left.pid)
        self._launch(self._choose_port(left))
        return self

    def stop(self) -> None:
        """End the server with all its processes; one that another process owns is left alone."""
        if self._process is None:
            self._running = None
            return
        atexit.unregister(self.stop)
        stop_group(self._process.pid)
        self._process.wait()
        self._process = self._running = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def _state_file(self) -> Path:
        return self.data_dir / "server.json"

    def _state(self) -> Running:
        if self._running is None:
            raise Unavailable(f"{self.data_dir}: Label Studio is not running. Start it first.")
        return self._running

    def _choose_port(self, left: Running | None) -> int:
        if self._wanted_port is not None:
            if not is_free(self._wanted_port):
                raise Unavailable(
                    f"port {self._wanted_port} of {HOST} is taken. Name another port for Label Studio."
                )
            return self._wanted_port
        ports = range(FIRST_PORT, FIRST_PORT + PORTS_TRIED)
        for port in (left.port, *ports) if left else ports:
            if is_free(port):
                return port
        raise Unavailable(f"no free port from {FIRST_PORT} on {HOST}. Name a port for Label Studio.")

    def _launch(self, port: int) -> None:
        command = [*self._program(), "start", "--no-browser", "--internal-host", HOST, "-p", str(port)]
        with self.log.open("wb") as log:
            # A session of its own: Ctrl-C reaches us alone, and we end the whole group.
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=self._variables(),
                cwd=self.data_dir,
                start_new_session=True,
            )
        atexit.register(self.stop)
        try:
            self._running = self._remember(self._process.pid, port)
            found = self._wait(self._process, port)
            if found != port:
                self._running = self._remember(self._process.pid, found)
        except BaseException:
            self.stop()
            raise

    def _program(self) -> tuple[str, str]:
        program = program_of(self.environment)
        if not program.is_file():
            maker = Path(__file__).with_name("environment.py")
            raise Unavailable(
                f"Label Studio is not installed in {self.environment}. "
                f"Run: {sys.executable} {maker} {self.environment}"
            )
        return str(python_of(self.environment)), str(program)

    def _variables(self) -> dict[str, str]:
        inherited = {name: os.environ[name] for name in INHERITED if name in os.environ}
        own = {
            "LABEL_STUDIO_USERNAME": self.username,
            "LABEL_STUDIO_PASSWORD": self.password,
            "LABEL_STUDIO_USER_TOKEN": self.token,
            "LABEL_STUDIO_BASE_DATA_DIR": str(self.data_dir),
        }
        return {**inherited, **SETTINGS, **own}

    def _remember(self, pid: int, port: int) -> Running:
        started, ours = psutil.Process(pid).create_time(), psutil.Process()
        running = Running(pid, started, port, ours.pid, ours.create_time())
        _write_private(self._state_file, {name: getattr(running, name) for name in Running.__slots__})
        return running

    def _wait(self, process: subprocess.Popen[bytes], port: int) -> int:
        """Wait until the server answers, and give its port."""
        begun = time.monotonic()
        told = 0.0
        while (waited := time.monotonic() - begun) < START_SECONDS:
            if process.poll() is not None:
                raise Unavailable(self._failure(f"ended with code {process.returncode} while starting"))
            ports = listening(process.pid)
            if ports and port not in ports and self._wanted_port is not None:
                raise Unavailable(f"port {port} of {HOST} was taken meanwhile. Name another one.")
            # It moves on silently where another program takes the port before it does.
            answering = [found for found in ports if is_healthy(found)]
            if answering:
                return answering[0]
            if waited - told >= 5:
                told = waited
                self._progress(
                    f"Label Studio: starting, {waited:.0f} s (the first start takes about 40 s) ..."
                )
            time.sleep(0.2)
        raise Unavailable(self._failure(f"did not answer within {START_SECONDS:.0f} s"))

    def _failure(self, what: str) -> str:
        lines = self.log.read_text(errors="replace").splitlines()[-15:]
        tail = "\n  ".join(lines)
        return f"Label Studio {what}. The end of {self.log}:\n  {tail}"


def _read_running(file: Path) -> Running | None:
    try:
        running = Running(**json.loads(file.read_text()))
    except (OSError, ValueError, TypeError):
        return None
    return running


def _credentials(file: Path) -> Credentials:
    try:
        return Credentials(**json.loads(file.read_text()))
    except FileNotFoundError:
        made = Credentials(USERNAME, secrets.token_urlsafe(12), secrets.token_hex(20))
        _write_private(file, {name: getattr(made, name) for name in Credentials.__slots__})
        return made
    except (ValueError, TypeError) as error:
        raise InputError(
            f"{file}: expected username, password and token as JSON: {error}. Restore it."
        ) from error


def _write_private(file: Path, value: Mapping[str, Any]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    aside = file.with_suffix(".new")
    aside.unlink(missing_ok=True)
    with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        json.dump(value, out, indent=2)
    aside.replace(file)

"""The server's life, with a small program in Label Studio's place."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from integrations.label_studio import processes
from integrations.label_studio import server as module
from integrations.label_studio.processes import is_free, is_healthy, listening, stop_group
from integrations.label_studio.server import LocalServer
from labeling.errors import InputError, Unavailable

SERVES = """
import http.server, json, os, subprocess, sys
from pathlib import Path

class Health(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'{"status": "UP"}')

Path("seen.json").write_text(json.dumps(dict(os.environ)))
Path("child.pid").write_text(str(subprocess.Popen(["sleep", "600"]).pid))
port = int(sys.argv[sys.argv.index("-p") + 1])
http.server.HTTPServer((sys.argv[sys.argv.index("--internal-host") + 1], port), Health).serve_forever()
"""
FAILS = "print('no such table: projects'); raise SystemExit(3)"
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + SERVES
MOVES_ON = SERVES.replace('sys.argv.index("-p") + 1])', 'sys.argv.index("-p") + 1]) + 1')


def environment(folder: Path, program: str) -> Path:
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "python").symlink_to(sys.executable)
    (folder / "bin" / "label-studio").write_text(program)
    return folder


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    return environment(tmp_path / "env", SERVES)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def gone(pid: int) -> bool:
    for _ in range(100):
        if not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
            return True
        time.sleep(0.05)
    return False


def child_of(data: Path) -> int:
    return int((data / "child.pid").read_text())


def test_it_answers_where_it_says_and_leaves_nothing_behind(installed: Path, data: Path, port: int) -> None:
    with LocalServer(data, installed, port) as server:
        assert server.url == f"http://127.0.0.1:{port}"
        assert is_healthy(port)
        child = child_of(data)
        assert psutil.pid_exists(child)
    assert is_free(port)
    assert gone(child)


def test_a_stopped_server_has_no_address(installed: Path, data: Path, port: int) -> None:
    server = LocalServer(data, installed, port)
    with server:
        pass
    with pytest.raises(Unavailable, match="not running"):
        _ = server.url
    server.stop()


def test_login_and_token_stay_and_only_their_owner_reads_them(installed: Path, data: Path, port: int) -> None:
    with LocalServer(data, installed, port) as server:
        first = (server.username, server.password, server.token)
    again = LocalServer(data, installed, port)
    assert (again.username, again.password, again.token) == first
    assert (data / "credentials.json").stat().st_mode & 0o777 == 0o600
    assert data.stat().st_mode & 0o777 == 0o700
    assert len(first[1]) >= 16
    assert len(first[2]) == 40


def test_each_data_folder_has_a_password_of_its_own(tmp_path: Path) -> None:
    assert LocalServer(tmp_path / "a").password != LocalServer(tmp_path / "b").password


def test_spoilt_credentials_are_named(installed: Path, data: Path) -> None:
    data.mkdir()
    (data / "credentials.json").write_text("{}")
    with pytest.raises(InputError, match=r"credentials\.json: expected username"):
        LocalServer(data, installed).start()


def test_nothing_of_our_environment_leaks_in(
    installed: Path, data: Path, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example.com")
    monkeypatch.setenv("DJANGO_DB", "default")
    monkeypatch.setenv("LABEL_STUDIO_HOST", "https://example.com")
    with LocalServer(data, installed, port) as server:
        seen = json.loads((data / "seen.json").read_text())
        assert not {"HTTPS_PROXY", "DJANGO_DB", "LABEL_STUDIO_HOST", "PYTHONPATH"} & set(seen)
        assert seen["LABEL_STUDIO_PASSWORD"] == server.password
    assert (seen["COLLECT_ANALYTICS"], seen["SENTRY_DSN"], seen["LATEST_VERSION_CHECK"]) == (
        "false",
        "",
        "false",
    )
    assert seen["TASK_LOCK_TTL"] == "600"
    assert seen["LABEL_STUDIO_BASE_DATA_DIR"] == str(data)


def test_a_taken_port_is_refused(installed: Path, data: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]
        assert not is_free(taken)
        with pytest.raises(Unavailable, match=f"port {taken} .* is taken"):
            LocalServer(data, installed, taken).start()


def test_a_free_port_is_found_and_kept_for_the_next_time(
    installed: Path, data: Path, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        monkeypatch.setattr(module, "FIRST_PORT", port)
        with LocalServer(data, installed) as server:
            url = server.url
    assert url != f"http://127.0.0.1:{port}"
    with LocalServer(data, installed) as server:
        assert server.url == url


def test_a_server_that_moved_to_another_port_is_followed_there(
    tmp_path: Path, data: Path, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "FIRST_PORT", port)
    with LocalServer(data, environment(tmp_path / "env", MOVES_ON)) as server:
        assert server.url == f"http://127.0.0.1:{port + 1}"
        assert json.loads((data / "server.json").read_text())["port"] == port + 1


def test_a_server_that_left_the_port_it_was_told_is_refused(tmp_path: Path, data: Path, port: int) -> None:
    with pytest.raises(Unavailable, match="taken meanwhile"):
        LocalServer(data, environment(tmp_path / "env", MOVES_ON), port).start()
    assert is_free(port + 1)


def test_a_failed_start_tells_the_end_of_the_log(tmp_path: Path, data: Path, port: int) -> None:
    with pytest.raises(Unavailable, match=r"ended with code 3(.|\n)*label-studio\.log(.|\n)*no such table"):
        LocalServer(data, environment(tmp_path / "env", FAILS), port).start()


def test_a_start_that_takes_too_long_is_given_up_and_stopped(
    tmp_path: Path, data: Path, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "START_SECONDS", 0.5)
    slow = environment(tmp_path / "env", "import time; time.sleep(600)")
    server = LocalServer(data, slow, port)
    with pytest.raises(Unavailable, match="did not answer within"):
        server.start()
    assert gone(json.loads((data / "server.json").read_text())["pid"])


def test_a_missing_environment_names_the_command(tmp_path: Path, data: Path) -> None:
    with pytest.raises(Unavailable, match=r"not installed in .*nowhere.*environment\.py"):
        LocalServer(data, tmp_path / "nowhere").start()


def test_a_second_user_of_the_same_data_joins_and_does_not_stop_it(
    installed: Path, data: Path, port: int
) -> None:
    told: list[str] = []
    with LocalServer(data, installed, port) as first:
        with LocalServer(data, installed, progress=told.append) as second:
            assert second.url == first.url
        assert is_healthy(port)
    assert str(os.getpid()) in told[0]


def test_a_server_that_a_killed_process_left_is_stopped(installed: Path, data: Path, port: int) -> None:
    code = (
        "import os, sys; from pathlib import Path; from integrations.label_studio.server import LocalServer\n"
        f"LocalServer(Path({str(data)!r}), Path({str(installed)!r}), {port}).start(); os.kill(os.getpid(), 9)"
    )
    killed = subprocess.run(
        [sys.executable, "-c", code], check=False, env={**os.environ, "PYTHONPATH": str(Path.cwd())}
    )
    assert killed.returncode == -signal.SIGKILL
    left = json.loads((data / "server.json").read_text())["pid"]
    assert psutil.pid_exists(left)
    with LocalServer(data, installed, port):
        assert gone(left)
        assert is_healthy(port)


def test_an_interrupted_process_takes_its_server_along(installed: Path, data: Path, port: int) -> None:
    code = (
        "import time; from pathlib import Path; from integrations.label_studio.server import LocalServer\n"
        f"with LocalServer(Path({str(data)!r}), Path({str(installed)!r}), {port}):\n"
        "    print('up', flush=True)\n"
        "    time.sleep(60)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": str(Path.cwd())},
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"up\n"
        child = child_of(data)
        process.send_signal(signal.SIGINT)
        process.wait(20)
    assert is_free(port)
    assert gone(child)


def test_a_server_that_ignores_the_polite_signal_is_killed(
    tmp_path: Path, data: Path, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "STOP_SECONDS", 0.3)
    with LocalServer(data, environment(tmp_path / "env", STUBBORN), port):
        child = child_of(data)
    assert is_free(port)
    assert gone(child)


def test_a_process_that_is_something_else_is_left_alone() -> None:
    with subprocess.Popen(["sleep", "60"], start_new_session=True) as other:
        stop_group(other.pid)
        assert other.poll() is None
        other.kill()
    stop_group(other.pid)


def test_ports_of_no_process_are_none() -> None:
    assert listening(2**22 - 1) == frozenset()


def test_something_else_on_the_port_is_not_healthy() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        assert not is_healthy(other.getsockname()[1])

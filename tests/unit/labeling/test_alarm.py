from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from integrations.webhook import post
from labeling.errors import GateRefused, InputError, QuorumError, Unavailable
from labeling.project import Project
from labeling.relabel.alarm import alarmed, tell_if_held
from labeling.relabel.report import JobReport
from tests.projects import opened, small_rows, write_project

HELD = JobReport("held", {"flips": []}, {}, {}, {}, 1, {}, {}, remarks=["release 2 was not made current"])


@pytest.fixture
def told() -> list[tuple[str, dict[str, Any]]]:
    return []


@pytest.fixture
def project(tmp_path: Path, told: list[tuple[str, dict[str, Any]]]) -> Iterator[Project]:
    path = write_project(tmp_path, small_rows(4), more='relabel: {webhook: "https://hooks.example.com/x"}')
    with opened(path) as found:
        yield replace(found, post=lambda url, message: told.append((url, dict(message))))


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (QuorumError("no"), 1),
        (InputError("wrong"), 2),
        (GateRefused("budget"), 3),
        (KeyboardInterrupt(), 130),
        (ZeroDivisionError("fault"), 1),
    ],
)
def test_a_failure_is_told_once_and_goes_on(
    project: Project, told: list[tuple[str, dict[str, Any]]], error: BaseException, code: int
) -> None:
    with pytest.raises(type(error)), alarmed(project):
        raise error
    [(url, message)] = told
    assert url == "https://hooks.example.com/x"
    assert (message["project"], message["status"], message["exit_code"]) == ("small", "failed", code)
    assert message["message"] == (str(error) or "KeyboardInterrupt")


def test_what_went_well_is_not_told(project: Project, told: list[tuple[str, dict[str, Any]]]) -> None:
    with alarmed(project):
        pass
    tell_if_held(project, replace(HELD, status="published"))
    assert told == []


def test_a_held_release_is_told(project: Project, told: list[tuple[str, dict[str, Any]]]) -> None:
    tell_if_held(project, HELD)
    [(_, message)] = told
    assert (message["status"], message["exit_code"]) == ("held", 3)
    assert message["message"] == "release 2 was not made current"


def test_a_long_message_is_cut(project: Project, told: list[tuple[str, dict[str, Any]]]) -> None:
    with pytest.raises(QuorumError), alarmed(project):
        raise QuorumError("x" * 10_000)
    assert len(told[0][1]["message"]) == 500


def test_a_webhook_that_fails_hides_nothing(project: Project) -> None:
    said: list[str] = []

    def away(url: str, message: object) -> None:
        raise Unavailable("relabel.webhook: nobody took the message: status 500.")

    silent = replace(project, post=away, progress=lambda what, done, total: said.append(what))
    with pytest.raises(InputError, match="wrong"), alarmed(silent):
        raise InputError("wrong")
    assert said == ["relabel.webhook: nobody took the message: status 500."]


def test_the_address_may_come_from_the_environment(
    tmp_path: Path, told: list[tuple[str, dict[str, Any]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_project(tmp_path / "secret", small_rows(4), more="relabel: {webhook: $THE_HOOK}")
    with opened(path) as found:
        project = replace(found, post=lambda url, message: told.append((url, dict(message))))
        tell_if_held(project, HELD)
        assert told == []
        monkeypatch.setenv("THE_HOOK", "http://127.0.0.1:9/secret")
        tell_if_held(project, HELD)
    assert [url for url, _ in told] == ["http://127.0.0.1:9/secret"]


@pytest.fixture
def server() -> Iterator[tuple[str, list[Any]]]:
    taken: list[Any] = []

    class Taker(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            taken.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(500 if self.path == "/broken" else 204)
            self.end_headers()

        def log_message(self, *arguments: object) -> None:
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Taker) as found:
        thread = threading.Thread(target=found.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{found.server_port}", taken
        found.shutdown()
        thread.join()


def test_a_real_server_takes_it(server: tuple[str, list[Any]]) -> None:
    url, taken = server
    post(f"{url}/hook", {"status": "held"})
    assert taken == [{"status": "held"}]


def test_a_server_that_refuses_or_is_away_is_unavailable(server: tuple[str, list[Any]]) -> None:
    url, _ = server
    with pytest.raises(Unavailable, match="status 500") as refused:
        post(f"{url}/broken", {})
    with pytest.raises(Unavailable, match="nobody took the message"):
        post("http://127.0.0.1:9/secret", {})
    assert url not in str(refused.value)

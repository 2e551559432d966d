from __future__ import annotations

import socket

import httpx
import pytest
from label_studio_sdk.core.api_error import ApiError

from integrations.label_studio.client import connect, errors_of
from labeling.errors import InputError, QuorumError, Unavailable

URL = "http://127.0.0.1:8080"


@pytest.mark.parametrize("url", ["", "localhost:8080", "ftp://example.com", "local"])
def test_an_address_is_an_address(url: str) -> None:
    with pytest.raises(InputError, match=r"label_studio\.url: expected an address"):
        connect(url, "key")


@pytest.mark.parametrize(
    ("error", "kind", "words"),
    [
        (ApiError(status_code=401, body={"detail": "Invalid token."}), InputError, "LABEL_STUDIO_API_KEY"),
        (ApiError(status_code=403, body={"detail": "no"}), InputError, "LABEL_STUDIO_API_KEY"),
        (ApiError(status_code=404, body={}), Unavailable, "project 3 is not there"),
        (ApiError(status_code=500, body={"detail": "database is locked"}), Unavailable, "database is locked"),
        (ApiError(status_code=200, body="<!doctype html><html>"), Unavailable, "a web page"),
        (
            ApiError(status_code=400, body={"validation_errors": {"title": ["too short"]}}),
            InputError,
            "too short",
        ),
        (ApiError(body="no status"), Unavailable, "no status"),
        (httpx.ConnectError("refused"), Unavailable, "cannot be reached"),
        (httpx.ReadTimeout(""), Unavailable, "ReadTimeout"),
    ],
)
def test_errors_become_ours_and_name_the_address(
    error: Exception, kind: type[QuorumError], words: str
) -> None:
    with pytest.raises(kind, match=words) as caught, errors_of(URL, 3):
        raise error
    assert str(caught.value).startswith(f"{URL}: ")


def test_an_error_of_ours_passes() -> None:
    with pytest.raises(KeyError), errors_of(URL):
        raise KeyError("text")


def test_a_proxy_of_the_environment_is_not_asked_for_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{unused.getsockname()[1]}")
        for url, through_proxy in ((URL, False), ("http://localhost:1", False), ("http://example.com", True)):
            client, http = connect(url, "key")
            assert http.trust_env is through_proxy
            http.close()
            assert client is not None

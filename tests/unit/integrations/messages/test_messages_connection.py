from __future__ import annotations

import asyncio

import pytest

from integrations.messages.connection import NO_KEY, VENDOR, address_of, connect, key_for
from labeling.errors import InputError, Unavailable

LOCAL = "http://127.0.0.1:11434"


@pytest.fixture(autouse=True)
def no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_BASE_URL"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("given", "address"),
    [
        (None, VENDOR),
        (LOCAL, LOCAL),
        (f"{LOCAL}/", LOCAL),
        (f"{LOCAL}/v1", LOCAL),
        (f"{LOCAL}/v1/", LOCAL),
        ("https://proxy.example/llm/v1", "https://proxy.example/llm"),
        ("http://[::1]:8080", "http://[::1]:8080"),
    ],
)
def test_addresses(given: str | None, address: str) -> None:
    assert address_of(given) == address


@pytest.mark.parametrize(
    "given", ["127.0.0.1:11434", "localhost", "", "ftp://a", "http://", "http://[", "http://a?b"]
)
def test_what_is_no_address_is_said(given: str) -> None:
    with pytest.raises(
        InputError, match=r"base_url: expected an address like http://127\.0\.0\.1:11434, got"
    ):
        address_of(given)


def test_a_password_in_the_address_is_refused_and_not_repeated() -> None:
    with pytest.raises(InputError) as caught:
        address_of("http://me:secret@server")
    assert "secret" not in str(caught.value)
    assert "ANTHROPIC_API_KEY" in str(caught.value)


def test_the_vendors_address_is_not_moved_by_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "http://elsewhere")
    client = connect(address_of(None), "k", 5)
    assert str(client.base_url).rstrip("/") == VENDOR
    asyncio.run(client.close())


def test_the_key_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_AUTH_TOKEN", "token")
    assert key_for(VENDOR) == "token"
    monkeypatch.setenv("ANTHROPIC_API_KEY", " key\n")
    assert key_for(VENDOR) == "key"
    assert key_for(LOCAL) == "key"


def test_the_vendor_needs_a_key_and_others_do_not() -> None:
    with pytest.raises(Unavailable, match="ANTHROPIC_API_KEY: not set"):
        key_for(VENDOR)
    assert key_for(LOCAL) == NO_KEY


@pytest.mark.parametrize("key", ["two words", "sk-ünicode", "a\tb", "line\nline"])
def test_what_cannot_be_a_key_is_said_without_showing_it(monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", key)
    with pytest.raises(InputError) as caught:
        key_for(VENDOR)
    assert key not in str(caught.value)


@pytest.mark.parametrize(
    ("address", "direct"),
    [
        (LOCAL, True),
        ("http://[::1]:1", True),
        ("http://localhost", True),
        ("http://10.1.2.3", True),
        (VENDOR, False),
    ],
)
def test_a_proxy_is_not_asked_for_private_addresses(
    monkeypatch: pytest.MonkeyPatch, address: str, direct: bool
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    client = connect(address, "k", 5)
    http = client._client
    transport = http._transport_for_url(client.base_url)
    assert (transport is http._transport) == direct
    asyncio.run(client.close())


def test_the_client_retries_nothing_and_waits_as_long_as_it_is_told() -> None:
    client = connect(LOCAL, "k", 5)
    assert client.max_retries == 0
    assert client.timeout.read == 5  # type: ignore[union-attr]
    asyncio.run(client.close())

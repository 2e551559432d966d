"""The connection to a server: its address, its key, and when a proxy is not asked."""

from __future__ import annotations

import os
from urllib.parse import urlsplit

import anthropic
import httpx2

from integrations.messages.leaving import watch
from labeling.config.addresses import is_private
from labeling.errors import InputError, Unavailable

VENDOR = "https://api.anthropic.com"
KEY_VARIABLE = "ANTHROPIC_API_KEY"
KEY_VARIABLES = (KEY_VARIABLE, "ANTHROPIC_AUTH_TOKEN")
NO_KEY = "no-key"
"""What a server is given that asks for no key: the client does not send without any."""

CONNECT_SECONDS = 10.0


def address_of(base_url: str | None) -> str:
    """Check the address of a server, without the ``/v1`` that many write; None is the vendor's.

    Raises
    ------
    InputError
        It is no address.
    """
    if base_url is None:
        return VENDOR
    if "@" in base_url:
        raise InputError(f"base_url: expected no password in the address. Set {KEY_VARIABLE} instead.")
    try:
        parts = urlsplit(base_url)
        wrong = parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment
    except ValueError:
        wrong = True
    if wrong:
        raise InputError(f"base_url: expected an address like http://127.0.0.1:11434, got {base_url!r}.")
    return base_url.rstrip("/").removesuffix("/v1").rstrip("/")


def key_for(address: str) -> str:
    """Take the key from the environment; servers other than the vendor's need none.

    Raises
    ------
    Unavailable
        The vendor needs a key and there is none.
    InputError
        The key cannot be one. It is never shown.
    """
    for name in KEY_VARIABLES:
        if key := os.environ.get(name, "").strip():
            if not key.isascii() or not key.isprintable() or " " in key:
                raise InputError(f"{name}: expected a key in one word of plain characters. Copy it anew.")
            return key
    if address == VENDOR:
        raise Unavailable(f"{KEY_VARIABLE}: not set, and {VENDOR} answers nobody without a key. Set it.")
    return NO_KEY


def connect(address: str, key: str, seconds: float) -> anthropic.AsyncAnthropic:
    """Make a client that retries nothing; nothing is sent yet.

    Parameters
    ----------
    seconds : float
        How long an answer may take.
    """
    # A proxy of the environment cannot reach a server on this machine or in the private network.
    mounts = {f"all://{_host(address)}": None} if is_private(address) else {}
    timeout = httpx2.Timeout(seconds, connect=min(seconds, CONNECT_SECONDS))
    return anthropic.AsyncAnthropic(
        api_key=key,
        base_url=address,
        timeout=timeout,
        max_retries=0,
        open_telemetry=False,
        http_client=anthropic.DefaultAsyncHttpxClient(
            mounts=mounts, timeout=timeout, event_hooks={"request": [watch]}
        ),
    )


def _host(address: str) -> str:
    host = urlsplit(address).hostname or ""
    return f"[{host}]" if ":" in host else host

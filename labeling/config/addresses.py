"""Whether an address stays within this machine and its private network."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit


def is_private(url: str) -> bool:
    """Tell whether a URL names this machine or a private address; other names are not looked up.

    Examples
    --------
    >>> is_private("http://localhost:11434"), is_private("http://10.0.0.7"), is_private("https://a.example")
    (True, True, False)
    """
    try:
        host = urlsplit(url).hostname or ""
        if host == "localhost" or host.endswith(".localhost"):
            return True
        address = ip_address(host)
    except ValueError:
        return False
    return address.is_loopback or address.is_private

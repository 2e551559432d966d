"""Telling another system of something, once: a POST of JSON to its address."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Mapping

from labeling.errors import Unavailable

SECONDS = 10.0


def post(url: str, message: Mapping[str, object]) -> None:
    """Send a message.

    Raises
    ------
    Unavailable
        Nobody took it; the address, which may be a secret, is not told.
    """
    request = urllib.request.Request(
        url, json.dumps(message).encode(), {"Content-Type": "application/json"}, method="POST"
    )
    try:
        with urllib.request.urlopen(request, timeout=SECONDS) as answer:
            answer.read(1)
    except urllib.error.HTTPError as error:
        with error:
            raise Unavailable(f"relabel.webhook: nobody took the message: status {error.code}.") from None
    except (OSError, ValueError) as error:
        raise Unavailable(f"relabel.webhook: nobody took the message: {type(error).__name__}.") from None

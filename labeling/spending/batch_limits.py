"""How many requests go into one batch: what vendors take at once."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from labeling.types import CompletionRequest, digest_of

MOST_REQUESTS = 100_000
MOST_BYTES = 256_000_000
MARGIN = 0.9
"""Share of the bytes that is used: servers may write a request a little longer than it is taken here."""

FRAME_BYTES = 600
"""What a request has around its texts: names of fields, roles, its id."""


def custom_id(intended_at: str, call: int, request: str) -> str:
    """Name a call of a batch, the same whenever it is asked, and as no other project names one.

    Parameters
    ----------
    intended_at : str
        When its batch was intended, to the microsecond.
    call : int
        Its id in the ledger.
    request : str
        Digest of its request.
    """
    return digest_of("call of a batch", intended_at, call, request)


def first_that_fit(
    requests: Iterable[CompletionRequest], most: int = MOST_REQUESTS, size: float = MARGIN * MOST_BYTES
) -> Iterator[CompletionRequest]:
    """Give requests for one batch: as many of the first as fit, one at least.

    Parameters
    ----------
    most : int
        Requests.
    size : float
        Bytes.
    """
    total = 0
    for taken, request in enumerate(requests):
        total += request_bytes(request)
        if taken and (taken == most or total > size):
            return
        yield request


def request_bytes(request: CompletionRequest) -> int:
    """Give the bytes of a request as JSON, at most."""
    texts = [request.system, *(turn.text for turn in request.turns)]
    if request.schema is not None:
        texts.append(json.dumps(request.schema))
    return FRAME_BYTES + sum(len(json.dumps(text)) for text in texts)

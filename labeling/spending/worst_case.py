"""The most that a call can cost, known before it is sent."""

from __future__ import annotations

import json

from labeling.types import CompletionRequest, Price, Usage

SCAFFOLD_TOKENS = 1000
"""What a server may write around a request: roles, separators, how to keep to a schema."""


def worst_cost(price: Price, request: CompletionRequest, *, batch: bool = False) -> float:
    """Give the US dollars that a call costs at most: all of it is input, written to a cache or not.

    Prompts that may be long enough for other rates are taken at the dearer ones.
    """
    most = most_input(request)
    spent = (Usage(most, request.max_tokens), Usage(0, request.max_tokens, cache_write=most))
    prices = (price,) if price.long_from is None else (price, Price(price.rates, price.batch))
    return max(p.of(usage, request.cache_ttl, batch=batch) for p in prices for usage in spent)


def most_input(request: CompletionRequest) -> int:
    """Give the most input tokens that a request can make: a token holds a byte at least."""
    schema = 0 if request.schema is None else len(json.dumps(request.schema))
    said = sum(_bytes(turn.text) for turn in request.turns)
    return SCAFFOLD_TOKENS + _bytes(request.system) + said + schema


def _bytes(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))

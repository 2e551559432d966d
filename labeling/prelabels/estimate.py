"""How many tokens requests will take: counted on a sample where a server counts, else estimated."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from labeling.types import CompletionRequest, Ints

BYTES_PER_TOKEN = 3.2
"""UTF-8 bytes of a token, rather too few: English prose has four, JSON and other scripts about three."""

AROUND = 12
"""Tokens of roles and separators."""

ANSWER_TOKENS = 90
"""Output tokens of an answer where no model was seen to answer: evidence, label, confidence."""


@dataclass(frozen=True)
class Sized:
    """Input tokens of one request, and how many of them are the part that all requests share."""

    tokens: float
    shared: float


def estimate_size(request: CompletionRequest) -> Sized:
    """Estimate by the bytes of its texts.

    Examples
    --------
    >>> from labeling.types import Turn
    >>> estimate_size(CompletionRequest("m", "x" * 320, (Turn("user", "y" * 32),), 100))
    Sized(tokens=122.0, shared=100.0)
    """
    shared = _tokens(request.system)
    schema = json.dumps(request.schema) if request.schema else ""
    return Sized(AROUND + shared + _tokens(schema, *(turn.text for turn in request.turns)), shared)


def without_shared(request: CompletionRequest) -> CompletionRequest:
    """Give the request without what all share, to count that part by the difference."""
    return replace(request, system="")


def extrapolate(lengths: Ints, tokens: Sequence[float], all_lengths: Ints) -> float:
    """Give the tokens of all requests, by a line through those of a sample against the texts' lengths.

    Parameters
    ----------
    lengths, tokens
        Of the sample, s values each.
    all_lengths : array of int, shape (n,)

    Examples
    --------
    >>> extrapolate(np.array([10, 20]), [105.0, 110.0], np.array([10, 10, 40]))
    330.0
    """
    x, y = np.asarray(lengths, dtype=float), np.asarray(tokens, dtype=float)
    spread = float(((x - x.mean()) ** 2).sum())
    slope = max(0.0, float(((x - x.mean()) * (y - y.mean())).sum()) / spread) if spread else 0.0
    return float(len(all_lengths) * y.mean() + slope * (all_lengths - x.mean()).sum())


def _tokens(*texts: str) -> float:
    return sum(len(text.encode("utf-8", "surrogatepass")) for text in texts) / BYTES_PER_TOKEN

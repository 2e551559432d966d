"""What requests will cost, and what would save some of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from labeling.prelabels.estimate import Sized
from labeling.types import Price
from labeling.types.prices import MILLION


@dataclass(frozen=True)
class Savings:
    """US dollars that something would save; None where it is in use already or nothing is known."""

    caching: float | None
    batch: float | None


def total(amounts: Sequence[float | None]) -> float | None:
    """Add amounts up; None where one of them is not known.

    Examples
    --------
    >>> total([1.0, 2.0]), total([1.0, None]), total([])
    (3.0, None, 0)
    """
    known = [amount for amount in amounts if amount is not None]
    return sum(known) if len(known) == len(amounts) else None


def known_sum(amounts: Iterable[float | None]) -> float | None:
    """Add up what is known; None where nothing is."""
    known = [amount for amount in amounts if amount is not None]
    return sum(known) if known else None


def expected_cost(price: Price | None, tokens: float, output: float, n: int, mode: str) -> float | None:
    """Give the US dollars of n requests of equal size; None without a price."""
    if price is None:
        return None
    rates = price.rates_of(round(tokens / max(n, 1)))
    factor = price.batch if mode == "batch" else 1.0
    return factor * (tokens * rates.input + output * rates.output) / MILLION


def savings(price: Price | None, size: Sized, output: float, n: int, ttl: str | None, mode: str) -> Savings:
    """Give what the server's cache and batches would save of n requests.

    The cache is written once and read by all others, which holds where the first goes ahead of them and the
    shared part is long enough for the model to keep it at all.
    """
    if price is None or n == 0:
        return Savings(None, None)
    rates = price.rates_of(round(size.tokens / n))
    shared = size.shared / n
    cached = shared * ((n - 1) * (rates.input - rates.cache_read) - (rates.cache_write(ttl) - rates.input))
    factor = price.batch if mode == "batch" else 1.0
    whole = (size.tokens * rates.input + output * rates.output) / MILLION
    return Savings(
        caching=max(0.0, factor * cached / MILLION) if ttl else None,
        batch=None if mode == "batch" else (1 - price.batch) * whole,
    )

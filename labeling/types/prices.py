"""What tokens cost."""

from __future__ import annotations

from dataclasses import dataclass

from labeling.types.completions import Usage

MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Rates:
    """US dollars per million tokens of each kind."""

    input: float
    output: float
    cache_write_5m: float
    cache_write_1h: float
    cache_read: float

    def cache_write(self, ttl: str | None) -> float:
        """Give what a token costs that a server is to keep for ``5m`` or ``1h``."""
        return self.cache_write_1h if ttl == "1h" else self.cache_write_5m


@dataclass(frozen=True, slots=True)
class Price:
    """What a model costs.

    Attributes
    ----------
    rates : Rates
    batch : float
        What a call in a batch costs, as a share of these.
    long_from : int, optional
        Prompts of more input tokens cost ``long_rates``, all their tokens and the answer's.
    long_rates : Rates, optional
    """

    rates: Rates
    batch: float = 0.5
    long_from: int | None = None
    long_rates: Rates | None = None

    def of(self, usage: Usage, ttl: str | None = None, *, batch: bool = False) -> float:
        """Give the cost of a call in US dollars."""
        rates = self.rates_of(usage.input + usage.cache_write + usage.cache_read)
        cost = (
            usage.input * rates.input
            + usage.output * rates.output
            + usage.cache_write * rates.cache_write(ttl)
            + usage.cache_read * rates.cache_read
        )
        return cost / MILLION * (self.batch if batch else 1.0)

    def rates_of(self, input_tokens: int) -> Rates:
        """Give the rates for a prompt of a length."""
        is_long = self.long_from is not None and input_tokens > self.long_from
        return self.long_rates if is_long and self.long_rates is not None else self.rates

"""How fast a server was the last time, as far as it is known."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from labeling.store import Store, cursors
from labeling.types import RateLimits

CURSOR = "llm rates "


@dataclass(frozen=True)
class KnownRates:
    """What a server allows per minute, and the calls per second of the last run; None where unknown."""

    limits: RateLimits
    pace: float | None = None

    def seconds(self, requests: int, input_tokens: float, output_tokens: float) -> tuple[float, str] | None:
        """Give how long requests will take and by what that is known; None where nothing is.

        Parameters
        ----------
        requests : int
        input_tokens, output_tokens : float
            Of all of them together.
        """
        allowed = (self.limits.requests, self.limits.input_tokens, self.limits.output_tokens)
        asked = (requests, input_tokens, output_tokens)
        minutes = [need / most for need, most in zip(asked, allowed, strict=True) if most]
        if minutes:
            return 60 * max(minutes), "the server's rate limit"
        return (requests / self.pace, "the pace of the last run") if self.pace else None


def read_rates(store: Store, model: str) -> KnownRates:
    """Give what is known of a model's server."""
    with store.read() as tx:
        kept = cursors.get(tx, CURSOR + model)
    if not kept:
        return KnownRates(RateLimits())
    values = json.loads(kept)
    return KnownRates(RateLimits(**values["limits"]), values["pace"])


def keep_rates(store: Store, model: str, limits: RateLimits, requests: int, seconds: float) -> None:
    """Keep what a run saw of a model's server; a run without a call saw nothing."""
    if not requests or seconds <= 0:
        return
    values = {"limits": asdict(limits) | {"requests_left": None}, "pace": requests / seconds}
    with store.write() as tx:
        cursors.put(tx, CURSOR + model, json.dumps(values))

"""What can go wrong with one request to a Messages server, by name."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class Reply:
    """What the model says."""

    text: str
    stop_reason: str = "end_turn"
    stop_details: Mapping[str, Any] | None = None
    thinking: str | None = None


@dataclass(frozen=True, slots=True)
class Fault:
    """A request that goes wrong.

    Attributes
    ----------
    status, kind, message, code, headers
        An error instead of an answer; nothing is billed. Status 200: the work is done and billed.
    reply : callable
        What becomes of the model's reply.
    cut : float, optional
        Share of the response's bytes that arrive before the connection breaks.
    truncate : bool
        The body ends early though the response is whole.
    delay : float
        Seconds before the answer.
    """

    status: int = 200
    kind: str = "api_error"
    message: str = "Something went wrong."
    code: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    reply: Callable[[Reply], Reply] = lambda reply: reply
    cut: float | None = None
    truncate: bool = False
    delay: float = 0.0


def _refused(reply: Reply) -> Reply:
    return Reply("", "refusal", {"type": "refusal", "category": "cyber", "explanation": None})


def _wrong_label(reply: Reply) -> Reply:
    return replace(reply, text='{"evidence": "", "label": "NO SUCH CLASS", "confidence": "high"}')


def _cut_short(reply: Reply) -> Reply:
    return replace(reply, text=reply.text[: len(reply.text) // 2], stop_reason="max_tokens")


LIMIT = "This request would exceed your organization's rate limit."
MONTH = "You have reached your specified API usage limits. You will regain access next month."

FAULTS: dict[str, Fault] = {
    "429": Fault(429, "rate_limit_error", LIMIT),
    "500": Fault(500, "api_error", "Internal server error"),
    "503": Fault(503, "api_error", "Service unavailable"),
    "504": Fault(504, "timeout_error", "Gateway timeout"),
    "529": Fault(529, "overloaded_error", "Overloaded"),
    "400": Fault(400, "invalid_request_error", "messages: this will not do"),
    "401": Fault(401, "authentication_error", "invalid x-api-key"),
    "402": Fault(402, "billing_error", "Your credit balance is too low."),
    "403": Fault(403, "permission_error", "Your API key may not use this model."),
    "404": Fault(404, "not_found_error", "model: gone"),
    "413": Fault(413, "request_too_large", "Request exceeds the maximum size"),
    "spend_limit": Fault(429, "rate_limit_error", MONTH, "enforced_spend_limit_reached"),
    "contract_limit": Fault(429, "rate_limit_error", MONTH, "contract_spend_limit_reached"),
    "ramp_limit": Fault(429, "rate_limit_error", LIMIT, "ramp_limit_exceeded"),
    "credit": Fault(400, "invalid_request_error", "Your credit balance is too low to access the API."),
    "too_long": Fault(400, "invalid_request_error", "prompt is too long: 210000 tokens > 200000 maximum"),
    "html": Fault(502, "html", "<html>Bad gateway</html>"),
    "refuse": Fault(cut=0.0, status=0),
    "lost": Fault(cut=0.0),
    "drop": Fault(cut=0.7),
    "truncated": Fault(truncate=True),
    "refusal": Fault(reply=_refused),
    "thinking": Fault(reply=lambda reply: replace(reply, thinking="Let me see. {not json}")),
    "wrong_label": Fault(reply=_wrong_label),
    "max_tokens": Fault(reply=_cut_short),
    "context": Fault(
        reply=lambda reply: replace(reply, text="", stop_reason="model_context_window_exceeded")
    ),
    "prose": Fault(reply=lambda reply: replace(reply, text="I cannot decide this.")),
    "empty": Fault(reply=lambda reply: replace(reply, text="")),
    "slow": Fault(delay=1.0),
    "errored": Fault(529, "overloaded_error", "Overloaded"),
    "invalid": Fault(400, "invalid_request_error", "messages: this will not do"),
    "expired": Fault(0, "expired"),
    "canceled": Fault(0, "canceled"),
}


def fault(text: str) -> Fault:
    """Read ``NAME`` or ``NAME:NUMBER``: seconds of an answer that is slow, or of a retry-after header.

    ``lost``: the work is done and billed, and no byte of the answer arrives. ``refuse``: the connection
    is closed before anything is done. ``errored``, ``invalid``, ``expired`` and ``canceled`` are for the
    requests of a batch. ``ok`` is none.
    """
    name, _, number = text.partition(":")
    if name == "ok":
        return Fault()
    found = FAULTS[name]
    if not number:
        return found
    if name == "slow":
        return replace(found, delay=float(number))
    return replace(found, headers={"retry-after": number})


class Chance:
    """Faults at random: an endless supply of names, each with the same chance."""

    def __init__(self, names: list[str], rate: float, seed: int = 0) -> None:
        self.faults = [fault(name) for name in names]
        self.rate = rate
        self._random = random.Random(seed)

    def draw(self) -> Fault | None:
        """Give a fault, or None."""
        if not self.faults or self._random.random() >= self.rate:
            return None
        return self._random.choice(self.faults)

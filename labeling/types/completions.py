"""What a language model is asked and what it answers, with the ports of who asks and who sends."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property, lru_cache
from typing import Any, Literal, Protocol

from labeling.types.digests import digest_of
from labeling.types.items import Item


@dataclass(frozen=True, slots=True)
class Turn:
    """What one side said."""

    role: Literal["user", "assistant"]
    text: str


@dataclass(frozen=True)
class CompletionRequest:
    """One question to a model, the same whoever serves it.

    Attributes
    ----------
    model : str
    system : str
        What all questions of a voter share, and servers may cache.
    turns : tuple of Turn
        The first is the user's.
    max_tokens : int
        The most that may be answered, thinking included.
    schema : mapping, optional
        JSON schema of the answer; a server that knows none is told by the text alone.
    effort : str, optional
    cache_ttl : {"5m", "1h"}, optional
        How long a server should keep ``system``.
    """

    model: str
    system: str
    turns: tuple[Turn, ...]
    max_tokens: int
    schema: Mapping[str, Any] | None = field(default=None, repr=False)
    effort: str | None = None
    cache_ttl: Literal["5m", "1h"] | None = None

    @cached_property
    def digest(self) -> str:
        """Digest of all that an answer may depend on."""
        said = [(turn.role, turn.text) for turn in self.turns]
        system = _digest_of_text(self.system)
        return digest_of("completion", self.model, system, said, self.max_tokens, self.schema, self.effort)


@lru_cache(maxsize=64)
def _digest_of_text(text: str) -> str:
    """Digest a text that all questions of a voter share: once, not per question."""
    return digest_of(text)


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one call; the three kinds of input add up, output includes thinking."""

    input: int
    output: int
    cache_write: int = 0
    cache_read: int = 0


@dataclass(frozen=True, slots=True)
class CompletionAnswer:
    """What a model answered.

    ``stop_reason`` is the server's (``end_turn``, ``max_tokens``, ``refusal``, ...), ``stop_detail`` its
    category of a refusal; ``text`` joins the text blocks, thinking left out.
    """

    text: str
    stop_reason: str
    usage: Usage
    model: str
    request_id: str | None = None
    stop_detail: str | None = None


class Failure(StrEnum):
    """Why a call brought no answer."""

    RATE_LIMIT = "rate_limit"
    OVERLOADED = "overloaded"
    SERVER = "server"
    TIMEOUT = "timeout"
    CONNECTION = "connection"
    SPEND_LIMIT = "spend_limit"
    AUTHENTICATION = "authentication"
    PAYMENT = "payment"
    PERMISSION = "permission"
    NOT_FOUND = "not_found"
    TOO_LARGE = "too_large"
    INVALID = "invalid_request"
    EXPIRED = "expired"
    UNSUPPORTED = "unsupported"


class CompletionError(Exception):
    """A call brought no answer.

    Parameters
    ----------
    failure : Failure
    message : str
        What the server said, without secrets.
    retry_after : float, optional
        Seconds that the server asks to wait.
    sent : bool
        Whether the server may have done, and billed, the work: true for connections that broke and calls
        that timed out, false where it said that it did nothing.
    """

    def __init__(
        self, failure: Failure, message: str, *, retry_after: float | None = None, sent: bool = False
    ) -> None:
        self.failure = failure
        self.message = message
        self.retry_after = retry_after
        self.sent = sent
        super().__init__(f"{failure}: {message}")


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a server can do beside answering."""

    schema: bool
    count_tokens: bool
    batches: bool
    models: bool


@dataclass(frozen=True, slots=True)
class RateLimits:
    """What a server allows per minute, by its last headers; None where it does not say."""

    requests: int | None = None
    requests_left: int | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch of requests at a server; ``created_at`` is ISO 8601 in UTC."""

    batch_id: str
    ended: bool
    created_at: str
    size: int


@dataclass(frozen=True, slots=True)
class BatchResult:
    """What became of one request of a batch, by the id that it was given: an answer or an error."""

    custom_id: str
    answer: CompletionAnswer | None
    error: CompletionError | None = None


class Completer(Protocol):
    """Sends requests to a model; retries nothing.

    All methods raise `CompletionError` where the server does not answer as asked.
    """

    @property
    def limits(self) -> RateLimits:
        """What the server allows, as far as it has said."""

    async def probe(self, model: str) -> Capabilities:
        """Find out what the server can do; asked once, then known. A model that is not there is an error."""

    async def send(
        self, request: CompletionRequest, leaving: Callable[[], None] | None = None
    ) -> CompletionAnswer:
        """Ask and wait for the answer; ``leaving`` is called right before a question leaves the process."""

    async def count_tokens(self, request: CompletionRequest) -> int:
        """Let the server count the input tokens of a request."""

    async def submit(self, requests: Sequence[tuple[str, CompletionRequest]]) -> Batch:
        """Start a batch of (custom id, request); not idempotent."""

    async def poll(self, batch_id: str) -> Batch:
        """Look how far a batch is."""

    def results(self, batch_id: str) -> AsyncIterator[BatchResult]:
        """Give the results of a batch that ended, in any order."""

    async def find(self, since: str) -> Sequence[Batch]:
        """List batches that were created at or after a time, ISO 8601 in UTC, oldest first."""

    async def close(self) -> None:
        """Close connections."""


class Outcome(StrEnum):
    """What an answer amounts to: a vote, or an abstention with its reason."""

    VOTE = "vote"
    ABSTAIN = "abstain"
    REFUSAL = "refusal"
    TRUNCATED = "truncated"
    UNREADABLE = "unreadable"
    INVALID_LABEL = "invalid_label"
    NO_EVIDENCE = "no_evidence"
    TOO_LONG = "too_long"
    PROVIDER_ERROR = "provider_error"


@dataclass(frozen=True, slots=True)
class Reading:
    """What an answer says of an item.

    ``label`` is the class that is voted for, None unless the outcome is a vote; ``named`` is the class that
    the answer names though the vote does not count, for statistics; ``confidence`` in (0, 1] is as the model
    put it, uncalibrated.
    """

    outcome: Outcome
    label: str | None = None
    confidence: float | None = None
    evidence: str | None = None
    named: str | None = None


class LLMVoter(Protocol):
    """A prompt with a model: turns an item into a request and an answer into a vote."""

    @property
    def name(self) -> str:
        """Name of the voter."""

    @property
    def model(self) -> str:
        """The model that it asks."""

    @property
    def version(self) -> str:
        """Digest of all that answers depend on: prompt, codebook, examples, model, parameters."""

    @property
    def reader(self) -> int:
        """Version of how answers are read; kept answers that another one read are read again."""

    def request(self, item: Item) -> CompletionRequest:
        """Ask about an item; what is private is not in it."""

    def read(self, item: Item, answer: CompletionAnswer) -> Reading:
        """Read an answer; never raises."""

    def repair(self, item: Item, answer: CompletionAnswer, reading: Reading) -> CompletionRequest | None:
        """Ask once more where the answer is not of the form that was asked for; None where that is no use."""

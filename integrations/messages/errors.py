"""What can go wrong with a call, in the words of the engine, with nothing secret in them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import anthropic
import httpx2

from integrations.messages.headers import retry_after
from labeling.types import CompletionError, Failure

LONGEST = 400

BY_STATUS: Mapping[int, Failure] = {
    400: Failure.INVALID,
    401: Failure.AUTHENTICATION,
    402: Failure.PAYMENT,
    403: Failure.PERMISSION,
    404: Failure.NOT_FOUND,
    408: Failure.TIMEOUT,
    413: Failure.TOO_LARGE,
    422: Failure.INVALID,
    429: Failure.RATE_LIMIT,
    499: Failure.TIMEOUT,
    504: Failure.TIMEOUT,
    529: Failure.OVERLOADED,
}
BY_KIND: Mapping[str, Failure] = {
    "invalid_request_error": Failure.INVALID,
    "authentication_error": Failure.AUTHENTICATION,
    "billing_error": Failure.PAYMENT,
    "permission_error": Failure.PERMISSION,
    "not_found_error": Failure.NOT_FOUND,
    "request_too_large": Failure.TOO_LARGE,
    "rate_limit_error": Failure.RATE_LIMIT,
    "timeout_error": Failure.TIMEOUT,
    "overloaded_error": Failure.OVERLOADED,
}
BY_CODE: Mapping[str, Failure] = {
    "contract_spend_limit_reached": Failure.SPEND_LIMIT,
    "enforced_spend_limit_reached": Failure.SPEND_LIMIT,
    "linked_organization_spend_limit_reached": Failure.SPEND_LIMIT,
    "linked_organization_billing_unavailable": Failure.PAYMENT,
    "organization_on_hold": Failure.PERMISSION,
}
BY_WORDS: tuple[tuple[re.Pattern[str], Failure], ...] = (
    (re.compile(r"prompt is too long|context (size|length|window)|too many tokens", re.I), Failure.TOO_LARGE),
    (re.compile(r"credit balance is too low", re.I), Failure.PAYMENT),
    (re.compile(r"reached your specified API usage limits", re.I), Failure.SPEND_LIMIT),
)
"""What servers say with status 400 alone; words that change make the failure a plain invalid request."""

NEVER_SENT = (
    httpx2.ConnectError,
    httpx2.ConnectTimeout,
    httpx2.PoolTimeout,
    httpx2.ProxyError,
    httpx2.LocalProtocolError,
)
KEYS = re.compile(r"\b(sk|pk|key)-[A-Za-z0-9_\-]{8,}|(?<=Bearer )\S+", re.I)


@dataclass(frozen=True)
class Translator:
    """Turns what the client raises into `CompletionError`.

    Attributes
    ----------
    address : str
        The server, as messages may show it.
    secret : str
        The key; wherever a server repeats it, it is taken out.
    """

    address: str
    secret: str

    @contextmanager
    def failures(self) -> Iterator[None]:
        """Translate whatever the block raises."""
        try:
            yield
        except (anthropic.APIStatusError, anthropic.APIConnectionError, httpx2.HTTPError) as error:
            raise self._translated(error) from None
        except (anthropic.AnthropicError, ValueError, AttributeError, TypeError):
            raise self.broken() from None

    def broken(self) -> CompletionError:
        """Say that an answer came and is no message of the API; the work may have been done."""
        message = f"{self.address} sent an answer that broke off or is not one of the Messages API."
        return CompletionError(Failure.CONNECTION, message, sent=True)

    def failed(self, kind: str, message: str) -> CompletionError:
        """Give the error that a batch reports for one of its requests; nothing was billed for it."""
        failure = BY_KIND.get(kind, Failure.SERVER)
        return CompletionError(_by_words(failure, message), self.shown(message))

    def shown(self, text: str) -> str:
        """Shorten what a server says, and take keys out."""
        clean = text.replace(self.secret, "***") if self.secret else text
        clean = " ".join(KEYS.sub("***", clean).split())
        return clean if len(clean) <= LONGEST else f"{clean[: LONGEST - 3]}..."

    def _translated(self, error: anthropic.APIError | httpx2.HTTPError) -> CompletionError:
        if isinstance(error, anthropic.APIStatusError):
            return self._status(error)
        cause = error if isinstance(error, httpx2.HTTPError) else error.__cause__
        sent = not isinstance(cause, NEVER_SENT)
        if isinstance(error, anthropic.APITimeoutError | httpx2.TimeoutException):
            return CompletionError(Failure.TIMEOUT, f"{self.address} did not answer in time.", sent=sent)
        what = "broke the connection" if sent else "cannot be reached"
        detail = self.shown(str(cause or ""))
        return CompletionError(Failure.CONNECTION, f"{self.address} {what}: {detail}", sent=sent)

    def _status(self, error: anthropic.APIStatusError) -> CompletionError:
        failure = BY_STATUS.get(error.status_code, Failure.SERVER)
        said = error.api_message or _plain(error.body) or error.message
        failure = BY_CODE.get(error.error_code or "", _by_words(failure, said))
        if error.type == "billing_error":
            failure = Failure.PAYMENT
        # What stands between us and the server may give up on work that goes on behind it.
        between = error.status_code >= 500 and error.type is None
        return CompletionError(
            failure,
            self.shown(f"{said} (status {error.status_code})"),
            retry_after=retry_after(error.response.headers),
            sent=between or failure is Failure.TIMEOUT,
        )


def _by_words(failure: Failure, said: str) -> Failure:
    if failure is not Failure.INVALID:
        return failure
    return next((meant for pattern, meant in BY_WORDS if pattern.search(said)), failure)


def _plain(body: Any) -> str:
    """Give the words of servers that write errors in forms of their own."""
    found = body.get("error", body) if isinstance(body, dict) else body
    if isinstance(found, dict):
        found = found.get("message") or found.get("detail")
    return found if isinstance(found, str) else ""

from __future__ import annotations

import json
from typing import Any

import anthropic
import httpx2
import pytest
from anthropic._client import AsyncAnthropic

from integrations.messages.errors import LONGEST, Translator
from labeling.types import CompletionError, Failure

SECRET = "sk-ant-very-secret-0123456789"
TRANSLATOR = Translator("http://server", SECRET)
REQUEST = httpx2.Request("POST", "http://server/v1/messages")


def status_error(status: int, body: Any, headers: dict[str, str] | None = None) -> anthropic.APIStatusError:
    text = body if isinstance(body, str) else json.dumps(body)
    response = httpx2.Response(status, text=text, headers=headers or {}, request=REQUEST)
    client = AsyncAnthropic(api_key=SECRET, base_url="http://server")
    return client._make_status_error_from_response(response)


def api_error(kind: str, message: str = "so it is", code: str | None = None) -> dict[str, Any]:
    details = {"details": {"error_code": code}} if code else {}
    return {"type": "error", "error": {"type": kind, "message": message, **details}}


def translated(error: BaseException) -> CompletionError:
    with pytest.raises(CompletionError) as caught, TRANSLATOR.failures():
        raise error
    assert caught.value.__suppress_context__
    return caught.value


@pytest.mark.parametrize(
    ("status", "kind", "code", "failure", "sent"),
    [
        (400, "invalid_request_error", None, Failure.INVALID, False),
        (401, "authentication_error", None, Failure.AUTHENTICATION, False),
        (402, "billing_error", None, Failure.PAYMENT, False),
        (403, "billing_error", None, Failure.PAYMENT, False),
        (402, "billing_error", "linked_organization_spend_limit_reached", Failure.PAYMENT, False),
        (403, "permission_error", None, Failure.PERMISSION, False),
        (400, "invalid_request_error", "organization_on_hold", Failure.PERMISSION, False),
        (404, "not_found_error", None, Failure.NOT_FOUND, False),
        (408, "timeout_error", None, Failure.TIMEOUT, True),
        (409, "conflict_error", None, Failure.SERVER, False),
        (413, "request_too_large", None, Failure.TOO_LARGE, False),
        (422, "invalid_request_error", None, Failure.INVALID, False),
        (429, "rate_limit_error", None, Failure.RATE_LIMIT, False),
        (429, "rate_limit_error", "ramp_limit_exceeded", Failure.RATE_LIMIT, False),
        (429, "rate_limit_error", "enforced_spend_limit_reached", Failure.SPEND_LIMIT, False),
        (429, "rate_limit_error", "contract_spend_limit_reached", Failure.SPEND_LIMIT, False),
        (429, "rate_limit_error", "some_new_code", Failure.RATE_LIMIT, False),
        (500, "api_error", None, Failure.SERVER, False),
        (503, "api_error", None, Failure.SERVER, False),
        (504, "timeout_error", None, Failure.TIMEOUT, True),
        (529, "overloaded_error", None, Failure.OVERLOADED, False),
    ],
)
def test_every_status_has_its_failure(
    status: int, kind: str, code: str | None, failure: Failure, sent: bool
) -> None:
    error = translated(status_error(status, api_error(kind, code=code)))
    assert (error.failure, error.sent) == (failure, sent)
    assert "so it is" in error.message
    assert str(status) in error.message


@pytest.mark.parametrize(
    ("message", "failure"),
    [
        ("prompt is too long: 210000 tokens > 200000 maximum", Failure.TOO_LARGE),
        ("the request exceeds the available context size (4096 tokens)", Failure.TOO_LARGE),
        ("This model's maximum context length is 8192 tokens.", Failure.TOO_LARGE),
        ("Your credit balance is too low to access the API.", Failure.PAYMENT),
        ("You have reached your specified API usage limits.", Failure.SPEND_LIMIT),
        ("output_config: Extra inputs are not permitted", Failure.INVALID),
    ],
)
def test_what_servers_say_with_a_bad_request_is_told_apart(message: str, failure: Failure) -> None:
    assert translated(status_error(400, api_error("invalid_request_error", message))).failure is failure


def test_words_alone_never_change_other_errors() -> None:
    error = translated(status_error(500, api_error("api_error", "prompt is too long")))
    assert error.failure is Failure.SERVER


@pytest.mark.parametrize("body", ["<html>Bad gateway</html>", "", {"detail": "bad gateway"}])
def test_what_stands_between_may_hide_work_that_was_done(body: Any) -> None:
    error = translated(status_error(502, body))
    assert (error.failure, error.sent) == (Failure.SERVER, True)
    assert error.message


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        ({"error": "model 'x' not found"}, "model 'x' not found"),
        ({"error": {"message": "no such model", "code": 404}}, "no such model"),
        ({"detail": "Not Found"}, "Not Found"),
        ("404 page not found", "404 page not found"),
    ],
)
def test_servers_that_write_errors_in_their_own_forms_are_understood(body: Any, shown: str) -> None:
    error = translated(status_error(404, body))
    assert error.failure is Failure.NOT_FOUND
    assert error.message == f"{shown} (status 404)"


def test_the_wait_is_told() -> None:
    error = status_error(429, api_error("rate_limit_error"), {"retry-after": "12"})
    assert translated(error).retry_after == 12.0


def connection_error(cause: Exception) -> anthropic.APIConnectionError:
    error = anthropic.APIConnectionError(request=REQUEST)
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("cause", "sent"),
    [
        (httpx2.ConnectError("refused"), False),
        (httpx2.ConnectTimeout("slow"), False),
        (httpx2.PoolTimeout("full"), False),
        (httpx2.ProxyError("no"), False),
        (httpx2.ReadError("reset"), True),
        (httpx2.WriteError("reset"), True),
        (httpx2.RemoteProtocolError("closed"), True),
        (OSError("anything else"), True),
    ],
)
def test_a_connection_says_whether_the_request_went_out(cause: Exception, sent: bool) -> None:
    error = translated(connection_error(cause))
    assert (error.failure, error.sent) == (Failure.CONNECTION, sent)
    assert "http://server" in error.message


@pytest.mark.parametrize(
    ("cause", "sent"), [(httpx2.ReadTimeout("slow"), True), (httpx2.ConnectTimeout("slow"), False)]
)
def test_a_timeout_is_one_of_the_answer_or_of_the_connection(cause: Exception, sent: bool) -> None:
    error = anthropic.APITimeoutError(request=REQUEST)
    error.__cause__ = cause
    assert (translated(error).failure, translated(error).sent) == (Failure.TIMEOUT, sent)


@pytest.mark.parametrize("error", [json.JSONDecodeError("broken", "{", 1), anthropic.AnthropicError("odd")])
def test_an_answer_that_cannot_be_read_is_no_parse_error_of_ours(error: Exception) -> None:
    found = translated(error)
    assert (found.failure, found.sent) == (Failure.CONNECTION, True)
    assert "broken" not in found.message


def test_keys_are_never_repeated() -> None:
    said = f"Incorrect API key provided: {SECRET}. Received sk-other-12345678 as Bearer abc.def"
    message = translated(status_error(401, api_error("authentication_error", said))).message
    assert SECRET not in message
    assert "sk-other" not in message
    assert "abc.def" not in message
    assert "Incorrect API key provided: ***" in message


def test_long_words_of_a_server_are_shortened_to_one_line() -> None:
    shown = TRANSLATOR.shown("a\nb " * 1000)
    assert len(shown) == LONGEST
    assert "\n" not in shown


def test_errors_of_batches_have_kinds_alone() -> None:
    overloaded = TRANSLATOR.failed("overloaded_error", "Overloaded")
    assert (overloaded.failure, overloaded.sent, overloaded.message) == (
        Failure.OVERLOADED,
        False,
        "Overloaded",
    )
    assert TRANSLATOR.failed("invalid_request_error", "prompt is too long").failure is Failure.TOO_LARGE
    assert TRANSLATOR.failed("something new", "?").failure is Failure.SERVER


def test_mistakes_of_the_program_are_not_hidden() -> None:
    with pytest.raises(KeyError), TRANSLATOR.failures():
        raise KeyError("ours")

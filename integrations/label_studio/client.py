"""The connection to a Label Studio: its errors in our words, and reads that neither fail once nor skip."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
from label_studio_sdk import LabelStudio
from label_studio_sdk.core.api_error import ApiError

from labeling.errors import InputError, Unavailable

KEY_VARIABLE = "LABEL_STUDIO_API_KEY"
PAGE = 1000
TIMEOUT = 300.0
RETRY_READS: Any = {"max_retries": 2}

Filter = dict[str, Any]
# The types that the client declares are not those that the server sends.
Client = Any


def connect(url: str, api_key: str) -> tuple[Client, httpx.Client]:
    """Make a client with its connections, which the caller closes; nothing is sent yet.

    Parameters
    ----------
    url : str
        Address of the server, ``http://host:port``.
    api_key : str
        A legacy token or a personal access token.

    Raises
    ------
    InputError
        The address is none, or the key is empty or expired.
    """
    if not url.startswith(("http://", "https://")):
        raise InputError(f"label_studio.url: expected an address like http://127.0.0.1:8080, got {url!r}.")
    if not api_key:
        raise InputError(
            f"{url}: Label Studio needs a key. Set {KEY_VARIABLE} (Account & Settings shows yours)."
        )
    # A proxy of the environment cannot reach a server on this machine.
    local = httpx.URL(url).host in ("127.0.0.1", "localhost", "::1")
    http = httpx.Client(timeout=TIMEOUT, follow_redirects=True, trust_env=not local)
    with errors_of(url):
        # Retrying a write could do it twice: only reads ask for it.
        make: Client = LabelStudio
        return make(base_url=url, api_key=api_key, httpx_client=http, max_retries=0), http


@contextmanager
def errors_of(url: str, project: int | None = None) -> Iterator[None]:
    """Translate what can go wrong while talking to ``url`` into the errors that users meet."""
    try:
        yield
    except ApiError as error:
        raise _translated(url, project, error) from error
    except httpx.HTTPError as error:
        raise Unavailable(
            f"{url}: Label Studio cannot be reached ({str(error) or type(error).__name__}). "
            "Start it, or correct label_studio.url."
        ) from error


def _translated(url: str, project: int | None, error: ApiError) -> InputError | Unavailable:
    status, detail = error.status_code, _detail(error.body)
    if status in (401, 403):
        return InputError(
            f"{url}: Label Studio refused the key ({detail}). "
            f"Set {KEY_VARIABLE} to a key of this server (Account & Settings shows yours)."
        )
    if status == 404 and project is not None:
        return Unavailable(
            f"{url}: project {project} is not there; it may have been deleted. Run again to make a new one."
        )
    if status is None or status >= 500 or status < 400 or status == 404:
        return Unavailable(
            f"{url}: Label Studio did not answer as expected (HTTP {status}: {detail}). "
            "Check that the address is a Label Studio and look into its log."
        )
    return InputError(f"{url}: Label Studio refused a request (HTTP {status}: {detail}).")


def _detail(body: Any) -> str:
    if isinstance(body, dict):
        body = body.get("validation_errors") or body.get("detail") or body
    text = body if isinstance(body, str) else json.dumps(body, default=str)
    return "a web page" if "<html" in text else " ".join(text.split())[:300]


def condition(column: str, operator: str, kind: str, value: Any) -> Filter:
    """Give one condition on a column of the task list."""
    return {"filter": f"filter:tasks:{column}", "operator": operator, "type": kind, "value": value}


ANSWERED = condition("annotations_ids", "empty", "Number", False)
UNLABELLED = condition("total_annotations", "equal", "Number", 0)
UNANSWERED = condition("annotations_ids", "empty", "Number", True)
WITHOUT_DRAFT = condition("draft_exists", "equal", "Boolean", False)


def all_of(*conditions: Filter) -> dict[str, Any]:
    """Join conditions by *and*."""
    return {"conjunction": "and", "items": list(conditions)}


def page_of_tasks(
    client: Client,
    project: int,
    *conditions: Filter,
    include: str | None = None,
    order: str = "tasks:id",
    size: int = PAGE,
) -> Any:
    """Give the first page of tasks that meet all conditions, with the totals in ``response``.

    ``include`` names the columns wanted; None gives all, with annotations and predictions.
    """
    return client.tasks.list(
        project=project,
        page=1,
        page_size=size,
        include=include,
        fields="all" if include is None else "task_only",
        query=json.dumps({"filters": all_of(*conditions), "ordering": [order]}),
        request_options=RETRY_READS,
    )


def list_tasks(
    client: Client, project: int, *conditions: Filter, include: str | None = None
) -> Iterator[Any]:
    """Give all tasks that meet all conditions, ordered by id.

    Each page asks for ids above the last one: page numbers would skip tasks when one that was read before
    leaves the list meanwhile.
    """
    after: tuple[Filter, ...] = ()
    while True:
        page = page_of_tasks(client, project, *conditions, *after, include=include).items or []
        yield from page
        if len(page) < PAGE:
            return
        after = (condition("id", "greater", "Number", page[-1].id),)

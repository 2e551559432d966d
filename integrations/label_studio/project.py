"""Our project within a Label Studio: found by a mark in its description, made once, kept up to the schema."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from integrations.label_studio.client import RETRY_READS, Client
from integrations.label_studio.interface import instructions, interface
from labeling.types import LabelSchema, digest_of

# What Label Studio allows for the length of a title.
TITLE_LENGTHS = (3, 50)


def find_or_create(client: Client, name: str, title: str, schema: LabelSchema, fields: Sequence[str]) -> int:
    """Give the id of the project that carries the mark of ``name``; make it or bring it up to date.

    An unchanged schema leaves the project alone, with whatever people changed there by hand.
    """
    wanted = _settings(name, schema, fields)
    found = _find(client, name)
    if found is None:
        return int(client.projects.create(title=_title(title), **wanted).id)
    if found.description != wanted["description"]:
        client.projects.update(found.id, **wanted)
    return int(found.id)


def _find(client: Client, name: str) -> Any | None:
    projects = client.projects.list(include="id,description", page_size=100, request_options=RETRY_READS)
    marked = [p for p in projects if (p.description or "").startswith(_mark(name))]
    # The oldest one, always the same.
    return min(marked, key=lambda p: int(p.id), default=None)


def _mark(name: str) -> str:
    return f"Quorum project {name!r}, "


def _settings(name: str, schema: LabelSchema, fields: Sequence[str]) -> dict[str, Any]:
    told = {"label_config": interface(schema, fields), "expert_instruction": instructions(schema)}
    return {
        **told,
        "description": f"{_mark(name)}schema {digest_of(told)[:12]}. This line finds the project: keep it.",
        "show_instruction": True,
        # Lowest score of the predictions first; the page offers it not, the API does.
        "sampling": "Uncertainty sampling",
        "show_collab_predictions": True,
        "enable_empty_annotation": False,
    }


def _title(text: str) -> str:
    shortest, longest = TITLE_LENGTHS
    return text[:longest].ljust(shortest, "_")

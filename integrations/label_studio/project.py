"""Our project within a Label Studio: found by a mark in its description, made once, kept up to the schema."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from integrations.label_studio.changes import told_anew
from integrations.label_studio.client import RETRY_READS, Client
from integrations.label_studio.guidelines import Guidelines
from integrations.label_studio.interface import instructions
from integrations.label_studio.results import in_utc
from labeling.types import LabelSchema, digest_of

# What Label Studio allows for the length of a title.
TITLE_LENGTHS = (3, 50)
SETTINGS = {
    "show_instruction": True,
    # Lowest score of the predictions first; the page offers it not, the API does.
    "sampling": "Uncertainty sampling",
    "show_collab_predictions": True,
    "enable_empty_annotation": False,
}


@dataclass(frozen=True, slots=True)
class OurProject:
    """Our project: its id, the versions of its guideline, and what people were told of a change just now."""

    id: int
    guidelines: Guidelines
    news: str = ""


def find_or_create(client: Client, name: str, title: str, schema: LabelSchema, page: str) -> OurProject:
    """Give the project that carries the mark of ``name``; make it or bring it up to date.

    An unchanged schema and ``page`` (the labelling interface as XML) leave the project alone, with whatever
    people changed there by hand.
    """
    moment = in_utc(datetime.now(UTC))
    line = _line(name, digest_of({"label_config": page, "expert_instruction": instructions(schema)})[:12])
    found = _find(client, name)
    before = Guidelines.read(found.description) if found else Guidelines()
    guidelines = before.followed_by(schema.version, moment)
    if found is not None and found.description.startswith(line) and guidelines == before:
        return OurProject(int(found.id), before)
    is_changed = before.newest not in (None, schema.version)
    news = _news(client, found.id, schema, guidelines) if found is not None and is_changed else ""
    settings = {
        **SETTINGS,
        "label_config": page,
        "expert_instruction": instructions(schema, news),
        "description": f"{line} {guidelines}",
    }
    if found is None:
        return OurProject(int(client.projects.create(title=_title(title), **settings).id), guidelines)
    client.projects.update(found.id, **settings)
    return OurProject(int(found.id), guidelines, news)


def _news(client: Client, project: int, schema: LabelSchema, guidelines: Guidelines) -> str:
    """Say which version the instructions are, since when, and what they tell anew."""
    before = client.projects.get(project, request_options=RETRY_READS).expert_instruction or ""
    new = ", ".join(told_anew(before, schema))
    what = f"New or changed: {new}." if new else "What is told of each class is as before."
    return f"Version {len(guidelines.since)} of the instructions, of {guidelines.since[-1][0][:10]}. {what}"


def _find(client: Client, name: str) -> Any | None:
    projects = client.projects.list(include="id,description", page_size=100, request_options=RETRY_READS)
    marked = [p for p in projects if (p.description or "").startswith(_mark(name))]
    # The oldest one, always the same.
    return min(marked, key=lambda p: int(p.id), default=None)


def _mark(name: str) -> str:
    return f"Quorum project {name!r}, "


def _line(name: str, digest: str) -> str:
    return f"{_mark(name)}schema {digest}. This line finds the project: keep it."


def _title(text: str) -> str:
    shortest, longest = TITLE_LENGTHS
    return text[:longest].ljust(shortest, "_")

"""Small labelling projects whose voters include a language model on a server of the test's own."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.messages_model import answering, last_turn
from tests.projects import small_rows, write_project

MODEL = "claude-haiku-4-5"
PROMPT = "---\nkind: codebook\n---\nMessages to a shop's support desk.\n"
CUE = "---\nkind: cue\nclass: FIRE\n---\nDoes the message report smoke?\n"
NEAREST = "---\nkind: nearest\nexamples: 3\n---\nMessages to a shop's support desk.\n"

PRIVATE = "PRIVATE-7f3a"
"""Stands in a private field of every row; must reach no server."""


def truthful(params: Mapping[str, Any]) -> str:
    """Answer as a model that knows: SHIP by parcel and courier, BILL by refund and invoice, FIRE by smoke."""
    item = last_turn(params).rpartition("<item-")[2]
    for word, label in WORDS.items():
        if word in item and label in json.dumps(params.get("output_config", {})):
            return answering(label, word)
    return answering("ABSTAIN", "", "low")


WORDS = {"refund": "BILL", "invoice": "BILL", "parcel": "SHIP", "courier": "SHIP", "smoke": "FIRE"}


def write_llm_project(
    folder: Path,
    url: str | None,
    *,
    n: int = 20,
    prompts: Mapping[str, str] | None = None,
    section: str = "budget: 5.0",
    rows: Sequence[Mapping[str, Any]] | None = None,
    change: Callable[[str], str] = str,
    **options: Any,
) -> Path:
    """Write a project with functions and a model, private fields in its rows, and give its config."""
    prompts = {"desk.md": PROMPT} if prompts is None else prompts
    for name, text in prompts.items():
        (folder / "prompts").mkdir(parents=True, exist_ok=True)
        (folder / "prompts" / name).write_text(text, encoding="utf-8")
    rows = small_rows(n) if rows is None else rows
    private = [{**row, "phone": f"{PRIVATE}-{i}"} for i, row in enumerate(rows)]
    config = write_project(folder, private, **options)
    names = ", ".join(f"prompts/{name}" for name in prompts)
    address = f', base_url: "{url}"' if url else ""
    more = f", {section}" if section else ""
    llm = f"  - llm: {{model: {MODEL}, prompts: [{names}]{address}{more}}}\n"
    text = config.read_text(encoding="utf-8").replace("voters:\n", f"voters:\n{llm}")
    text = text.replace("text: text}", "text: text, private: [phone]}")
    config.write_text(change(text), encoding="utf-8")
    return config

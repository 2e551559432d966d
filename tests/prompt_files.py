"""Prompt files for tests, and the voters that they make."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from labeling.types import CompletionAnswer, Item, LabelClass, LabelSchema, Usage
from lfs.llm import load_voters
from lfs.llm.voters import PromptVoter

MODEL = "model-1"
FIELDS = ("text", "author", "stars")
SCHEMA = LabelSchema(
    (
        LabelClass("HAM", "About the video.", ("love this song",)),
        LabelClass(
            "SPAM", "Advertises something else.", includes=("own channels",), near_misses=("see 2:15",)
        ),
    ),
    "When in doubt, HAM.",
)
CODEBOOK = "---\nkind: codebook\n---\nComments below videos.\n"
CUE = "---\nkind: cue\nclass: SPAM\n---\nDoes it ask for money?\n"
NEAREST = "---\nkind: nearest\nexamples: 3\n---\nComments below videos.\n"


def voter_of(folder: Path, text: str = CODEBOOK, **given: Any) -> PromptVoter:
    """Write a prompt file and give its voter; ``given`` are parameters of `load_voters`."""
    name = given.pop("file", "spam.md")
    (folder / name).write_bytes(text.encode())
    model, schema = given.pop("model", MODEL), given.pop("schema", SCHEMA)
    [voter] = load_voters(model, [name], folder, schema, **{"fields": FIELDS, **given})
    return voter


def item_of(text: object, **fields: object) -> Item:
    """Give an item with a text and other fields."""
    return Item("0" * 32, {"text": text, **fields})


def labelled(*pairs: tuple[str, str]) -> Sequence[tuple[Item, str]]:
    """Give items with labels."""
    return [(item_of(text), label) for text, label in pairs]


def answer_of(text: str, stop_reason: str = "end_turn") -> CompletionAnswer:
    """Give what a model answered."""
    return CompletionAnswer(text, stop_reason, Usage(10, 10), MODEL)

"""A voter with the shortest of prompts, for tests of what stands between prompts and servers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from labeling.types import (
    CompletionAnswer,
    CompletionRequest,
    Item,
    Outcome,
    Reading,
    Turn,
    digest_of,
)

CLASSES = ("HAM", "SPAM")
CONFIDENCE = {"low": 0.6, "medium": 0.8, "high": 0.95}
SCHEMA = {
    "type": "object",
    "properties": {
        "evidence": {"type": "string"},
        "label": {"type": "string", "enum": [*CLASSES, "ABSTAIN"]},
        "confidence": {"type": "string", "enum": list(CONFIDENCE)},
    },
    "required": ["evidence", "label", "confidence"],
    "additionalProperties": False,
}


def texts(n: int, start: int = 0) -> Iterator[Item]:
    """Give items with texts of their own, one after another."""
    return (item(f"comment number {i}: check this out") for i in range(start, start + n))


def item(text: str, **fields: str) -> Item:
    """Make an item."""
    return Item(digest_of(text, fields), {"text": text, **fields})


@dataclass(frozen=True)
class PlainVoter:
    """Asks for a class in JSON, and once more where the answer is none."""

    name: str = "plain@claude-haiku-4-5"
    model: str = "claude-haiku-4-5"
    system: str = "Say whether a comment is SPAM or HAM, in JSON."
    reader: int = 1
    max_tokens: int = 100
    cache_ttl: Literal["5m", "1h"] | None = None

    @property
    def version(self) -> str:
        return digest_of(self.name, self.model, self.system, self.max_tokens)

    def request(self, item: Item) -> CompletionRequest:
        return self._request(Turn("user", item.text))

    def read(self, item: Item, answer: CompletionAnswer) -> Reading:
        if answer.stop_reason == "refusal":
            return Reading(Outcome.REFUSAL)
        try:
            said = json.loads(answer.text)
            label, confidence = said["label"], CONFIDENCE[said["confidence"]]
        except (ValueError, LookupError, TypeError):
            return Reading(Outcome.UNREADABLE)
        if label == "ABSTAIN":
            return Reading(Outcome.ABSTAIN)
        if label not in CLASSES:
            return Reading(Outcome.INVALID_LABEL, named=str(label))
        return Reading(Outcome.VOTE, label, confidence, said.get("evidence"))

    def repair(self, item: Item, answer: CompletionAnswer, reading: Reading) -> CompletionRequest | None:
        if reading.outcome not in (Outcome.UNREADABLE, Outcome.INVALID_LABEL):
            return None
        return self._request(
            Turn("user", item.text), Turn("assistant", answer.text or "-"), Turn("user", "JSON, please.")
        )

    def _request(self, *turns: Turn) -> CompletionRequest:
        return CompletionRequest(
            self.model, self.system, turns, self.max_tokens, SCHEMA, cache_ttl=self.cache_ttl
        )

"""The model behind the local Messages server: what it answers and how many tokens that is."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from itertools import count
from pathlib import Path
from typing import Any

from tests.messages_faults import Reply
from tests.messages_rules import system_text, tokens, turn_text

Answer = Callable[[Mapping[str, Any]], str | Reply]

CACHE_MINIMUM = 1024


def last_turn(params: Mapping[str, Any]) -> str:
    """Give what the user said last."""
    return turn_text(params["messages"][-1])


def classes(params: Mapping[str, Any]) -> list[str]:
    """Give the labels that the schema of a request allows."""
    form = params.get("output_config", {}).get("format") or {"schema": {}}
    label = form["schema"].get("properties", {}).get("label", {})
    return list(label.get("enum", []))


def answering(label: str, evidence: str = "", confidence: str = "high") -> str:
    """Write an answer in the form that the prompts ask for."""
    return json.dumps({"evidence": evidence, "label": label, "confidence": confidence})


def by_digest(labels: tuple[str, ...] = ()) -> Answer:
    """Answer at random, but always the same to the same: a label of the schema, or of ``labels``."""

    def answer(params: Mapping[str, Any]) -> str:
        text = last_turn(params)
        choices = classes(params) or list(labels) or ["ABSTAIN"]
        drawn = int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big")
        evidence = " ".join(max(text.splitlines(), key=len).split(" ")[:5])
        return answering(choices[drawn % len(choices)], evidence, ("low", "medium", "high")[drawn % 3])

    return answer


def recorded(path: Path) -> Answer:
    """Play answers from a JSON Lines file of ``{"match": text in the user's turn, "text": answer}``.

    A line may name the ``model`` that gave it. What was not recorded is answered with ABSTAIN.
    """
    answers: dict[tuple[str | None, str], str] = {}
    for line in path.read_text("utf-8").splitlines():
        row = json.loads(line)
        answers[row.get("model"), row["match"]] = row["text"]

    def answer(params: Mapping[str, Any]) -> str:
        turn = last_turn(params)
        for model in (params["model"], None):
            for part in (turn, *turn.splitlines()):
                if (model, part) in answers:
                    return answers[model, part]
        found = (
            text
            for (model, part), text in answers.items()
            if model in (None, params["model"]) and part in turn
        )
        return next(found, answering("ABSTAIN"))

    return answer


class Model:
    """Answers, and counts tokens with a prompt cache as the hosted service has one."""

    def __init__(self, answer: Answer, cache_minimum: int = CACHE_MINIMUM) -> None:
        self.answer = answer
        self.cache_minimum = cache_minimum
        self._cached: set[tuple[str, str]] = set()
        self._ids = (f"msg_{number:08d}" for number in count(1))

    def reply(self, params: Mapping[str, Any]) -> Reply:
        """Say something to a request."""
        said = self.answer(params)
        return Reply(said) if isinstance(said, str) else said

    def message(self, params: Mapping[str, Any], reply: Reply) -> dict[str, Any]:
        """Write a reply as the API does."""
        return {
            "id": next(self._ids),
            "type": "message",
            "role": "assistant",
            "model": params["model"],
            "content": list(_content(reply)),
            "stop_reason": reply.stop_reason,
            "stop_sequence": None,
            "stop_details": reply.stop_details,
            "usage": self._usage(params, reply),
        }

    def input_tokens(self, params: Mapping[str, Any]) -> int:
        """Count what a request says."""
        return tokens(system_text(params)) + sum(tokens(turn_text(turn)) for turn in params["messages"])

    def _usage(self, params: Mapping[str, Any], reply: Reply) -> dict[str, Any]:
        prefix, ttl = _marked(params)
        shared = tokens(prefix) if tokens(prefix) >= self.cache_minimum and ttl else 0
        hit = (params["model"], prefix) in self._cached
        if shared:
            self._cached.add((params["model"], prefix))
        written, read = (0, shared) if hit else (shared, 0)
        return {
            "input_tokens": self.input_tokens(params) - shared,
            "output_tokens": 1 + tokens(reply.text) + tokens(reply.thinking or ""),
            "cache_creation_input_tokens": written,
            "cache_read_input_tokens": read,
            "cache_creation": {
                "ephemeral_5m_input_tokens": written if ttl != "1h" else 0,
                "ephemeral_1h_input_tokens": written if ttl == "1h" else 0,
            },
            "service_tier": "standard",
        }


def _content(reply: Reply) -> Iterator[dict[str, Any]]:
    if reply.thinking is not None:
        yield {"type": "thinking", "thinking": reply.thinking, "signature": "c2lnbmVk"}
    if reply.text:
        yield {"type": "text", "text": reply.text, "citations": None}


def _marked(params: Mapping[str, Any]) -> tuple[str, str | None]:
    """Give the part that is to be cached and for how long; only blocks of the system prompt are looked at."""
    system = params.get("system") or ""
    if isinstance(system, str):
        return "", None
    marks = [i for i, block in enumerate(system) if block.get("cache_control")]
    if not marks:
        return "", None
    last = marks[-1]
    text = "\n".join(block["text"] for block in system[: last + 1])
    return text, system[last]["cache_control"].get("ttl", "5m")

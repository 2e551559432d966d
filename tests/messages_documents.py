"""What the local Messages server writes: errors, models, and the rows of its bill."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.messages_faults import Fault
from tests.messages_model import last_turn
from tests.messages_rules import EFFORTS


class Bill:
    """What was billed: rows in memory, and a file that is appended to."""

    def __init__(self, log: Path | None) -> None:
        self.rows: list[dict[str, Any]] = []
        self._log = log.open("a", encoding="utf-8") if log else None

    def add(self, params: Mapping[str, Any], usage: Mapping[str, Any], place: Mapping[str, str]) -> None:
        """Write down one answered request; ``place`` says of which batch."""
        row = {
            "digest": digest(params),
            "model": params["model"],
            "item": last_turn(params)[-200:],
            **{key: usage[key] for key in ("input_tokens", "output_tokens")},
            **{key: usage[f"cache_{key}_input_tokens"] for key in ("creation", "read")},
            "at": time.time(),
            **place,
        }
        self.rows.append(row)
        if self._log:
            self._log.write(json.dumps(row) + "\n")
            self._log.flush()

    def close(self) -> None:
        """Close the file."""
        if self._log:
            self._log.close()


def digest(params: Mapping[str, Any]) -> str:
    """Give a digest of what a request asks, the same for direct calls and batches."""
    asked = {key: params.get(key) for key in ("model", "system", "messages")}
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()[:24]


def read_log(path: Path) -> list[dict[str, Any]]:
    """Read what a server has billed."""
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def error_document(wrong: Fault, request_id: str | None) -> dict[str, Any]:
    """Write an error as the API does."""
    details = {"details": {"error_code": wrong.code}} if wrong.code else {}
    error = {"type": wrong.kind, "message": wrong.message, **details}
    return {"type": "error", "error": error, "request_id": request_id}


def model_info(name: str) -> dict[str, Any]:
    """Describe a model as the API does."""
    yes = {"supported": True}
    effort = {"supported": True, **dict.fromkeys(EFFORTS, yes)}
    return {
        "id": name,
        "type": "model",
        "display_name": name,
        "created_at": "2026-01-01T00:00:00Z",
        "lifecycle": "active",
        "max_input_tokens": 200_000,
        "max_tokens": 64_000,
        "capabilities": {"batch": yes, "structured_outputs": yes, "effort": effort},
    }

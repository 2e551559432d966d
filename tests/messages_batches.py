"""Message batches as the local server keeps them."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

Result = Mapping[str, Any]


@dataclass
class ServerBatch:
    """A batch whose work was done when it was made, and that says so a little later."""

    batch_id: str
    created: datetime
    ends: datetime
    results: list[dict[str, Any]]
    cancelled: datetime | None = None

    @property
    def ended(self) -> bool:
        return datetime.now(UTC) >= self.ends

    def cancel(self) -> None:
        """Give up what has not been done; here that is everything or nothing."""
        if not self.ended:
            self.cancelled = self.ends = datetime.now(UTC)
            for line in self.results:
                line["result"] = {"type": "canceled"}

    def document(self, base_url: str) -> dict[str, Any]:
        """Describe the batch as the API does."""
        counts = dict.fromkeys(("processing", "succeeded", "errored", "canceled", "expired"), 0)
        for line in self.results:
            counts[line["result"]["type"] if self.ended else "processing"] += 1
        results = f"{base_url}/v1/messages/batches/{self.batch_id}/results"
        return {
            "id": self.batch_id,
            "type": "message_batch",
            "processing_status": "ended" if self.ended else "in_progress",
            "request_counts": counts,
            "created_at": _written(self.created),
            "expires_at": _written(self.created + timedelta(hours=24)),
            "ended_at": _written(self.ends) if self.ended else None,
            "archived_at": None,
            "cancel_initiated_at": _written(self.cancelled) if self.cancelled else None,
            "results_url": results if self.ended else None,
        }

    def jsonl(self) -> bytes:
        """Write the results, one to a line."""
        return b"".join(json.dumps(line).encode() + b"\n" for line in self.results)


class Batches:
    """All batches of a server, oldest first."""

    def __init__(self, seconds: float, seed: int = 0) -> None:
        self.seconds = seconds
        self.made: dict[str, ServerBatch] = {}
        self._random = random.Random(seed)

    def create(self, requests: list[dict[str, Any]], work: Callable[[str, str, Any], Result]) -> ServerBatch:
        """Do the work of a batch; its results stand in any order."""
        batch_id = f"msgbatch_{len(self.made) + 1:06d}"
        results = [
            {"custom_id": one["custom_id"], "result": work(batch_id, one["custom_id"], one["params"])}
            for one in requests
        ]
        self._random.shuffle(results)
        now = datetime.now(UTC)
        self.made[batch_id] = ServerBatch(batch_id, now, now + timedelta(seconds=self.seconds), results)
        return self.made[batch_id]

    def page(self, query: Mapping[str, str], base_url: str) -> dict[str, Any]:
        """List batches, newest first, as the API pages through them."""
        newest = list(reversed(self.made.values()))
        ids = [batch.batch_id for batch in newest]
        start = ids.index(query["after_id"]) + 1 if "after_id" in query else 0
        end = start + int(query.get("limit", "20"))
        data = [batch.document(base_url) for batch in newest[start:end]]
        return {
            "data": data,
            "has_more": end < len(newest),
            "first_id": data[0]["id"] if data else None,
            "last_id": data[-1]["id"] if data else None,
        }


def _written(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")

"""What a voter answered about one item, with the calls that this took."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from labeling.prelabels.costs import known_sum
from labeling.store import Store, StoredVote, llm_history, llm_votes
from labeling.store.llm_history import CallRecord
from labeling.types import LLMVoter


@dataclass(frozen=True)
class ItemAnswer:
    """One voter about one item: its calls and what they amount to, None before an answer."""

    name: str
    calls: tuple[CallRecord, ...]
    vote: StoredVote | None

    @property
    def cost(self) -> float | None:
        """US dollars of all calls; None where nothing is known."""
        return known_sum(call.cost for call in self.calls)

    def to_dict(self) -> dict[str, Any]:
        """Give a JSON-ready mapping; ``named`` is a class that is named though the vote does not count."""
        reading = self.vote.reading if self.vote else None
        return {
            "voter": self.name,
            "outcome": reading.outcome.value if reading else None,
            "vote": reading.label if reading else None,
            "named": reading.named if reading else None,
            "evidence": reading.evidence if reading else None,
            "confidence": reading.confidence if reading else None,
            "cost": self.cost,
        }


def answers_about(store: Store, digest: str, voters: Iterable[LLMVoter]) -> list[ItemAnswer]:
    """Give what each voter answered about an item, by its content digest."""
    with store.read() as tx:
        return [
            ItemAnswer(
                voter.name,
                tuple(llm_history.calls_about(tx, voter.version, digest)),
                llm_votes.find(tx, voter.version, [digest]).get(digest),
            )
            for voter in voters
        ]

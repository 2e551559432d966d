"""What the language models were asked about a row, what they answered, and what that cost."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from labeling.pool.stored import stored_items
from labeling.prelabels.answers import ItemAnswer, answers_about
from labeling.prelabels.costs import known_sum
from labeling.prelabels.voters import planned_voters, public_items
from labeling.project import Project
from labeling.types import CompletionRequest


@dataclass(frozen=True)
class ShownVoter:
    """One voter about one item: its question and its answer."""

    model: str
    version: str
    request: CompletionRequest
    answer: ItemAnswer

    def to_dict(self) -> dict[str, Any]:
        """Give a JSON-ready mapping."""
        return {
            **self.answer.to_dict(),
            "model": self.model,
            "version": self.version,
            "system": self.request.system,
            "asked": [asdict(turn) for turn in self.request.turns],
            "max_tokens": self.request.max_tokens,
            "effort": self.request.effort,
            "calls": [asdict(call) for call in self.answer.calls],
        }


@dataclass(frozen=True)
class ShownItem:
    """What all voters were asked about an item, with the fields that may be shown."""

    id: str
    digest: str
    fields: dict[str, str]
    voters: tuple[ShownVoter, ...]
    left_out: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Give a JSON-ready mapping."""
        return {
            "id": self.id,
            "digest": self.digest,
            "fields": self.fields,
            "voters": [voter.to_dict() for voter in self.voters],
            "cost": known_sum(voter.answer.cost for voter in self.voters),
            "left_out": list(self.left_out),
        }


def show_row(project: Project, row_id: str) -> ShownItem:
    """Show what was asked about a row, and what would be asked where nothing was yet.

    Raises
    ------
    InputError
        No row has that id, the config names no model, or a prompt is wrong.
    """
    items = stored_items(project)
    i = items.item_of_row(row_id)
    found, digest = planned_voters(project, items), str(items.digests[i])
    [item] = public_items(items, [i])
    answers = answers_about(project.store, digest, found.voters)
    return ShownItem(
        id=row_id,
        digest=digest,
        fields=items.shown(i),
        voters=tuple(
            ShownVoter(voter.model, voter.version, voter.request(item), answer)
            for voter, answer in zip(found.voters, answers, strict=True)
        ),
        left_out=found.left_out,
    )

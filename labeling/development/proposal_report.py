"""What a person is told of proposed functions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from labeling.development.trials import Trial
from labeling.lf.authors import Dropped, Proposal


@dataclass(frozen=True)
class TriedProposal:
    """A proposal with its trial.

    Attributes
    ----------
    proposal : Proposal
    trial : Trial
    objections : tuple of str
        What the rule has against it.
    accepted : str or None
        ``rule``, or ``person NAME``.
    """

    proposal: Proposal
    trial: Trial
    objections: tuple[str, ...]
    accepted: str | None

    @property
    def name(self) -> str:
        """Name of the function."""
        return self.proposal.name

    def to_dict(self) -> dict[str, Any]:
        """Give a JSON-ready mapping."""
        proposal = self.proposal
        return {
            "name": self.name,
            "label": proposal.function.classes[0],
            "rule": dict(proposal.rule),
            "reason": proposal.reason,
            **self.trial.to_dict(),
            "objections": list(self.objections),
            "accepted": self.accepted,
        }


@dataclass(frozen=True)
class ProposalReport:
    """What was proposed, how it did and what was taken.

    Attributes
    ----------
    proposed_from : mapping of str to int
        Items of each kind that the author saw.
    gold : int
        Items with gold that may judge: what the author saw is left out.
    file : str
        Where accepted functions stand.
    written : bool
        Whether they were written there: not on a dry run.
    configured : bool
        Whether the config names the file, so that they vote.
    cost : float or None
        US dollars of this question; 0 where it had been answered before, None without a price.
    """

    model: str
    proposals: tuple[TriedProposal, ...]
    dropped: tuple[Dropped, ...]
    proposed_from: Mapping[str, int]
    gold: int
    file: str
    written: bool
    configured: bool
    cost: float | None

    @property
    def accepted(self) -> tuple[str, ...]:
        """Names of the proposals that were taken."""
        return tuple(p.name for p in self.proposals if p.accepted)

    def to_dict(self) -> dict[str, Any]:
        """Give a JSON-ready mapping."""
        return {
            "model": self.model,
            "proposals": [p.to_dict() for p in self.proposals],
            "dropped": [asdict(d) for d in self.dropped],
            "accepted": list(self.accepted),
            "proposed_from": dict(self.proposed_from),
            "gold": self.gold,
            "file": self.file,
            "written": self.written,
            "configured": self.configured,
            "cost": self.cost,
        }

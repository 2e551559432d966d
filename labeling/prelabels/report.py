"""What a run over the language models came to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from labeling.errors import QuorumError
from labeling.prelabels.costs import known_sum, total
from labeling.spending import Tally


@dataclass(frozen=True)
class VoterReport:
    """What one voter was asked in a run, and what that came to; ``price`` says whether its model has one."""

    name: str
    model: str
    version: str
    tally: Tally
    priced: bool
    remarks: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Give a JSON-ready mapping."""
        tally = self.tally
        return {
            "name": self.name,
            "model": self.model,
            "version": self.version,
            "requests": tally.requests,
            "answered": tally.answered,
            "cached": tally.cached,
            "unanswered": tally.unanswered,
            "lost": tally.lost,
            "abstained": dict(sorted(tally.abstained.items())),
            "abstained_by_class": {n: dict(c) for n, c in sorted(tally.abstained_by_class.items())},
            "tokens": asdict(tally.tokens),
            "cost": self.cost,
            "spent": tally.spent,
            "seconds": round(tally.seconds, 3),
            "remarks": list(self.remarks),
        }

    @property
    def cost(self) -> float | None:
        """US dollars of this run's answers; None without a price."""
        return (self.tally.cost or 0.0) if self.priced else None


@dataclass(frozen=True)
class PrelabelReport:
    """What all voters were asked in a run; ``failures`` are what ended it early, model by model."""

    rows: int
    items: int
    voters: tuple[VoterReport, ...]
    left_out: tuple[str, ...] = ()
    failures: tuple[QuorumError, ...] = ()

    @property
    def spent(self) -> dict[str, float | None]:
        """US dollars by model, of all runs; None without a price."""
        return {report.model: report.tally.spent for report in self.voters}

    def to_dict(self) -> dict[str, Any]:
        """Give a JSON-ready mapping."""
        tallies = [report.tally for report in self.voters]
        kinds = ("input", "output", "cache_write", "cache_read")
        return {
            "rows": self.rows,
            "items": self.items,
            "requests": sum(t.requests for t in tallies),
            "answered": sum(t.answered for t in tallies),
            "cached": sum(t.cached for t in tallies),
            "unanswered": sum(t.unanswered for t in tallies),
            "lost": sum(t.lost for t in tallies),
            "tokens": {kind: sum(getattr(t.tokens, kind) for t in tallies) for kind in kinds},
            "cost": total([report.cost for report in self.voters]),
            "spent": known_sum(self.spent.values()),
            "abstained": dict(sorted(_sum(t.abstained for t in tallies).items())),
            "spent_by_model": self.spent,
            "voters": [report.to_dict() for report in self.voters],
            "left_out": list(self.left_out),
            "stopped": [str(error) for error in self.failures],
        }


def _sum(counts: Iterable[Counter[str]]) -> Counter[str]:
    added: Counter[str] = Counter()
    for count in counts:
        added.update(count)
    return added

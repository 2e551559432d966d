"""The analysis that `quorum votes` shows: what each voter does, and what the label model thinks of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from labeling.analysis import VoterSummary, summarise_voters
from labeling.pool import load_pool
from labeling.project import Project
from labeling.scoring import label_model_scores


@dataclass(frozen=True)
class VoteReport:
    """The voters' table with its totals; ``row_conflicts`` counts items whose rows disagree, by column."""

    rows: int
    items: int
    covered: int
    voters: tuple[VoterSummary, ...]
    remark: str | None
    row_conflicts: dict[str, int]

    def to_dict(self) -> dict[str, Any]:
        """Give a JSON-ready mapping."""
        return {
            "rows": self.rows,
            "items": self.items,
            "covered": self.covered,
            "voters": [v.to_dict() for v in self.voters],
            "remark": self.remark,
            "row_conflicts": self.row_conflicts,
        }


def analyse_votes(project: Project) -> VoteReport:
    """Apply the voters to what they have not seen, and say what each does."""
    pool = load_pool(project)
    kind = project.config.label_model
    _, weights, remark = label_model_scores(kind.kind, pool.applied.votes, kind.seed)
    return VoteReport(
        rows=pool.items.n_rows,
        items=len(pool),
        covered=int(pool.applied.votes.covered.sum()),
        voters=tuple(summarise_voters(pool.applied, pool.score_gold, weights, project.schema)),
        remark=remark,
        row_conflicts=pool.conflicts,
    )

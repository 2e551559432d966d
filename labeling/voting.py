"""The analysis that `quorum votes` shows: what each voter does, and what the label model thinks of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from labeling.analysis import VoterSummary, summarise_voters
from labeling.calibration import Reliability
from labeling.calibration.diagram import plot_reliability
from labeling.errors import InputError
from labeling.pool import Pool, load_pool
from labeling.pool.people import pool_gold, read_people
from labeling.project import Project
from labeling.scoring import VoteScores, score_votes
from labeling.scoring.vote_scores import JUDGED_FROM
from labeling.types import ABSTAIN


@dataclass(frozen=True)
class VoteReport:
    """The voters' table with its totals; ``row_conflicts`` counts items whose rows disagree, by column.

    ``labelled`` counts items by what the votes make of them; what nobody votes on has no label from votes.
    """

    rows: int
    items: int
    covered: int
    voters: tuple[VoterSummary, ...]
    labelled: dict[str, int]
    remarks: tuple[str, ...]
    reliability: dict[str, Reliability]
    calibrator: str
    row_conflicts: dict[str, int]

    def plot_reliability(self, out: Path, title: str) -> None:
        """Draw the reliability diagram as a PNG.

        Raises
        ------
        InputError
            Too few labels to hold the label model against.
        """
        if not self.reliability:
            raise InputError(
                f"--reliability {out}: people labelled fewer than {JUDGED_FROM} items with a vote. "
                "Label more, or name a column of known labels: gold: {column: C, use: seed}."
            )
        plot_reliability(self.reliability, out, title)

    def to_dict(self) -> dict[str, Any]:
        """Give a JSON-ready mapping."""
        return {
            "rows": self.rows,
            "items": self.items,
            "covered": self.covered,
            "voters": [v.to_dict() for v in self.voters],
            "labelled": self.labelled,
            "remark": "; ".join(self.remarks) or None,
            "remarks": list(self.remarks),
            "reliability": {name: found.to_dict() for name, found in self.reliability.items()},
            "calibrator": self.calibrator,
            "row_conflicts": self.row_conflicts,
        }


def analyse_votes(project: Project) -> VoteReport:
    """Apply the voters to what they have not seen, and say what each does."""
    pool = load_pool(project)
    voted = weigh_votes(project, pool)
    names = project.schema.names
    counts = np.bincount(voted.labels[voted.labels != ABSTAIN], minlength=len(names))
    return VoteReport(
        rows=pool.items.n_rows,
        items=len(pool),
        covered=int(pool.applied.votes.covered.sum()),
        voters=tuple(summarise_voters(pool.applied, pool.score_gold, voted.weights, project.schema)),
        labelled=dict(zip(names, counts.tolist(), strict=True)),
        remarks=voted.remarks,
        reliability=voted.reliability,
        calibrator=voted.calibrator.split()[0],
        row_conflicts=pool.conflicts,
    )


def weigh_votes(project: Project, pool: Pool) -> VoteScores:
    """Have the label model of the config weigh the votes, with what people answered for review."""
    with project.store.read() as tx:
        gold = pool_gold(project, pool, read_people(tx, project.schema))
    chosen = project.config.label_model
    digests = pool.items.digests.tolist()
    return score_votes(chosen.kind, chosen.seed, pool.applied.votes, gold, digests, project.schema.names)

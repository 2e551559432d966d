"""The analysis that `quorum votes` shows: what each voter does, and what the label model thinks of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from pydantic import TypeAdapter, ValidationError

from labeling.analysis import Totals, VoterSummary, summarise_voters, totals
from labeling.calibration.reliability import JUDGED_FROM, Reliability
from labeling.errors import InputError, QuorumError
from labeling.lf.examples import Voter
from labeling.libraries import library_versions
from labeling.pool import Pool, load_pool, project_functions
from labeling.pool.people import read_people
from labeling.pool.prelabels import prelabel_inputs, project_voters
from labeling.pool.stored import StoredItems, locate_items
from labeling.pool.training import pool_gold
from labeling.project import Project
from labeling.redundancy import RedundantPair, redundant_pairs
from labeling.store import manifest
from labeling.types import ABSTAIN, digest_of

if TYPE_CHECKING:
    from labeling.scoring import VoteScores


@dataclass(frozen=True)
class VoteReport:
    """The voters' table with its totals; ``row_conflicts`` counts items whose rows disagree, by column.

    ``labelled`` counts items by what the votes make of them; what nobody votes on has no label from votes.
    ``redundant`` names the voters that say nearly the same, ``left_out`` has a line for each language model
    that has no say yet.
    """

    rows: int
    items: int
    covered: int
    voters: tuple[VoterSummary, ...]
    labelled: dict[str, int]
    remarks: tuple[str, ...]
    reliability: dict[str, Reliability]
    calibrator: str
    totals: Totals
    redundant: tuple[RedundantPair, ...]
    row_conflicts: dict[str, int]
    left_out: tuple[str, ...] = ()

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
        from labeling.calibration.diagram import plot_reliability

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
            "totals": self.totals.to_dict(),
            "redundant": [pair.to_dict() for pair in self.redundant],
            "row_conflicts": self.row_conflicts,
            "left_out": list(self.left_out),
        }


REPORT = TypeAdapter(VoteReport)
KEY = "votes"


def analyse_votes(project: Project) -> VoteReport:
    """Apply the voters to what they have not seen, and say what each does.

    Where nothing changed since it was said last, the same is said again: no column is read for it.
    """
    located, functions = locate_items(project), project_functions(project)
    inputs = report_inputs(project, located, functions)
    report = _stored(project, inputs)
    if report is None:
        report = describe_votes(project, load_pool(project, functions=functions, tells_refused=False))
        _keep(project, inputs, report)
    return report


def describe_votes(project: Project, pool: Pool) -> VoteReport:
    """Say what each voter of a pool does."""
    votes, names = pool.applied.votes, project.schema.names
    voted = weigh_votes(project, pool)
    counts = np.bincount(voted.labels[voted.labels != ABSTAIN], minlength=len(names))
    return VoteReport(
        rows=pool.items.n_rows,
        items=len(pool),
        covered=int(votes.covered.sum()),
        voters=tuple(
            summarise_voters(pool.applied, pool.score_gold, voted.weights, project.schema, voted.voters)
        ),
        labelled=dict(zip(names, counts.tolist(), strict=True)),
        remarks=voted.remarks,
        reliability=voted.reliability,
        calibrator=voted.calibrator.split()[0],
        totals=totals(votes, names),
        redundant=tuple(redundant_pairs(votes)),
        row_conflicts=pool.conflicts,
        left_out=pool.left_out,
    )


def weigh_votes(project: Project, pool: Pool) -> VoteScores:
    """Have the label model of the config weigh the votes, with what people answered for review."""
    from labeling.scoring import score_votes

    with project.store.read() as tx:
        gold = pool_gold(project, pool, read_people(tx, project.schema))
    chosen = project.config.label_model
    digests = pool.items.digests.tolist()
    return score_votes(
        chosen.kind,
        chosen.seed,
        pool.applied.votes,
        gold,
        digests,
        project.schema.names,
        pool.applied.confidence,
    )


def report_inputs(project: Project, located: StoredItems, functions: Sequence[Voter]) -> str:
    """Digest all that a report depends on."""
    config = project.config
    with project.store.read() as tx:
        answered = read_people(tx, project.schema).review_digest()
    return digest_of(
        located.digest,
        answered,
        [(f.name, f.fingerprint, f.examples) for f in functions],
        *_asked(project, located),
        [config.model_dump(include={"items", "gold", "labels", "voters", "dev", "label_model"})],
        [*library_versions(), ("quorum", version("quorum"))],
    )


def _asked(project: Project, located: StoredItems) -> list[object]:
    """Give what the language models said so far; nothing in projects without them."""
    found = project_voters(project, located.public_fields)
    return [found.lacking, prelabel_inputs(project, found)] if found.asked or found.lacking else []


def _stored(project: Project, inputs: str) -> VoteReport | None:
    """Give the last report if it was made of the same inputs: then nobody votes anew."""
    with project.store.read() as tx:
        entry = manifest.find(tx, "report", KEY)
    if entry is None or entry.meta["inputs"] != inputs:
        return None
    try:
        report = REPORT.validate_json(project.artifacts.read(entry)["report"][0].as_py())
    except (QuorumError, ValidationError):
        return None
    voters = tuple(replace(v, ran=0, cached=v.cached + v.ran) for v in report.voters)
    return replace(report, voters=voters)


def _keep(project: Project, inputs: str, report: VoteReport) -> None:
    table = pa.table({"report": [REPORT.dump_json(report).decode()]})
    entry = project.artifacts.write("report", table, key=KEY, meta={"inputs": inputs})
    with project.store.write() as tx:
        manifest.record(tx, entry)

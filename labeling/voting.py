"""The analysis that `quorum votes` shows: what each voter does, and what the label model thinks of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from typing import Any

import numpy as np
import pyarrow as pa
from pydantic import TypeAdapter, ValidationError

from labeling.analysis import Totals, VoterSummary, summarise_voters, totals
from labeling.errors import QuorumError
from labeling.lf.examples import Voter
from labeling.pool import Pool, load_pool, project_functions
from labeling.pool.stored import StoredItems, locate_items
from labeling.project import Project
from labeling.redundancy import RedundantPair, redundant_pairs
from labeling.scoring import LIBRARIES, fit_label_model
from labeling.store import manifest
from labeling.types import digest_of


@dataclass(frozen=True)
class VoteReport:
    """The voters' table with its totals; ``row_conflicts`` counts items whose rows disagree, by column.

    ``redundant`` names the voters that say nearly the same.
    """

    rows: int
    items: int
    covered: int
    voters: tuple[VoterSummary, ...]
    totals: Totals
    redundant: tuple[RedundantPair, ...]
    remark: str | None
    row_conflicts: dict[str, int]

    def to_dict(self) -> dict[str, Any]:
        """Give a JSON-ready mapping."""
        return {
            "rows": self.rows,
            "items": self.items,
            "covered": self.covered,
            "voters": [v.to_dict() for v in self.voters],
            "totals": self.totals.to_dict(),
            "redundant": [pair.to_dict() for pair in self.redundant],
            "remark": self.remark,
            "row_conflicts": self.row_conflicts,
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
        report = describe_votes(project, load_pool(project, functions=functions))
        _keep(project, inputs, report)
    return report


def describe_votes(project: Project, pool: Pool) -> VoteReport:
    """Say what each voter of a pool does."""
    votes, kind = pool.applied.votes, project.config.label_model
    model, remark = fit_label_model(kind.kind, votes, kind.seed)
    weights = np.full(len(votes.voters), np.nan) if model is None else model.weights_
    return VoteReport(
        rows=pool.items.n_rows,
        items=len(pool),
        covered=int(votes.covered.sum()),
        voters=tuple(summarise_voters(pool.applied, pool.score_gold, weights, project.schema)),
        totals=totals(votes, project.schema.names),
        redundant=tuple(redundant_pairs(votes)),
        remark=remark,
        row_conflicts=pool.conflicts,
    )


def report_inputs(project: Project, located: StoredItems, functions: Sequence[Voter]) -> str:
    """Digest all that a report depends on."""
    config = project.config
    return digest_of(
        located.digest,
        [(f.name, f.fingerprint, f.examples) for f in functions],
        [config.model_dump(include={"items", "gold", "labels", "voters", "dev", "label_model"})],
        [(name, version(name)) for name in (*LIBRARIES, "quorum")],
    )


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

"""The voters: what each does now, when it was edited, and what its last edit did."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any

from labeling.development.diff import DiffReport, compare_edits
from labeling.report.present import Present
from labeling.store import voters
from labeling.store.voters import Application
from labeling.voting import VoteReport, analyse_votes


@dataclass(frozen=True)
class Edit:
    """Functions that one application added, edited or removed."""

    at: str
    added: tuple[str, ...]
    edited: tuple[str, ...]
    removed: tuple[str, ...]


@dataclass(frozen=True)
class Voters:
    """The voters' table, what the last edit of each function did, and all edits so far.

    ``last_edits`` holds a comparison for each function that was applied in another version before.
    """

    table: VoteReport
    last_edits: tuple[DiffReport, ...]
    edits: tuple[Edit, ...]

    def to_dict(self) -> dict[str, Any]:
        """Give a JSON-ready mapping."""
        return {
            "table": self.table.to_dict(),
            "last_edits": [edit.to_dict() for edit in self.last_edits],
            "edits": [asdict(edit) for edit in self.edits],
        }


def measure_voters(present: Present) -> Voters:
    """Analyse the votes, and compare functions with their versions before."""
    project = present.project
    with project.store.read() as tx:
        applied = voters.applications(tx)
    versions = {run.name: run.fingerprint for run in present.pool.applied.runs}
    return Voters(analyse_votes(project), compare_edits(project, versions), edits_between(applied))


def edits_between(applied: Sequence[Application]) -> tuple[Edit, ...]:
    """Say what each application changed against the one before, the first first."""
    found = []
    for before, after in pairwise(applied):
        old, new = before.versions, after.versions
        both = old.keys() & new.keys()
        found.append(
            Edit(
                at=after.applied_at,
                added=tuple(sorted(new.keys() - old.keys())),
                edited=tuple(sorted(name for name in both if old[name] != new[name])),
                removed=tuple(sorted(old.keys() - new.keys())),
            )
        )
    return tuple(found)

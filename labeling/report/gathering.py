"""All sections of the report, gathered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from labeling.project import Project
from labeling.report.absent import Absent
from labeling.report.agreement import TeamAgreement, measure_agreement
from labeling.report.certified import Certified, measure_certified
from labeling.report.flips import Flips, measure_flips
from labeling.report.funnel import Funnel, measure_funnel
from labeling.report.held_out import HeldOut, measure_held_out
from labeling.report.learning import Learning, measure_learning
from labeling.report.present import read_present
from labeling.report.slices import Slices, measure_slices
from labeling.report.spending import Spending, measure_spending
from labeling.report.voters import Voters, measure_voters
from labeling.store.clock import now


@dataclass(frozen=True)
class Report:
    """What is known of a project at a moment; a section is `Absent` where there is nothing to tell yet."""

    project: str
    at: str
    round: int | None
    funnel: Funnel
    certificate: Certified | Absent
    voters: Voters
    learning: Learning | Absent
    spending: Spending | Absent
    agreement: TeamAgreement | Absent
    test: HeldOut | Absent
    flips: Flips | Absent
    slices: Slices | Absent

    def to_dict(self) -> dict[str, Any]:
        """Give a JSON-ready mapping."""
        sections = {
            name: part.to_dict()
            for name, part in vars(self).items()
            if name not in ("project", "at", "round")
        }
        return {"project": self.project, "at": self.at, "round": self.round, **sections}


def gather_report(project: Project) -> Report:
    """Measure all sections.

    Raises
    ------
    InputError
        Of the data, the functions or the held-out file.
    """
    present = read_present(project)
    return Report(
        project=project.config.project,
        at=now(),
        round=present.latest.number if present.latest else None,
        funnel=measure_funnel(present),
        certificate=measure_certified(present),
        voters=measure_voters(present),
        learning=measure_learning(present),
        spending=measure_spending(present),
        agreement=measure_agreement(present),
        test=measure_held_out(present),
        flips=measure_flips(present),
        slices=measure_slices(present),
    )

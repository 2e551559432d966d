"""How far the people agree, and what their answers took; nobody is named."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from labeling.report.absent import Absent
from labeling.report.present import Present
from labeling.team.report import TeamReport, describe_people


@dataclass(frozen=True)
class TeamAgreement:
    """Agreement and effort of all people together; what each of them does is in `quorum people`."""

    team: TeamReport

    @property
    def people(self) -> int:
        """How many answered."""
        return len(self.team.people)

    def to_dict(self) -> dict[str, Any]:
        """Give a JSON-ready mapping."""
        told = self.team.to_dict()
        told["agreement"].pop("pairs")
        return {"people": self.people, **{name: told[name] for name in ("agreement", "anchoring", "effort")}}


def measure_agreement(present: Present) -> TeamAgreement | Absent:
    """Measure agreement over all answers, the auditors' included."""
    if not any(not annotation.skipped for _, annotation in present.people.given):
        return Absent("nobody answered yet: `quorum up` or `quorum sync` brings answers.")
    return TeamAgreement(describe_people(present.project))

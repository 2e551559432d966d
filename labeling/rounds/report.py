"""What a round came to, as people and programs read it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

from labeling.pool.audit import audit_status
from labeling.pool.people import read_people
from labeling.project import Project
from labeling.rounds.doubles import doubled_audit
from labeling.rounds.life import life_remarks
from labeling.rounds.sharing import still_growing
from labeling.rounds.start import Start
from labeling.store import Round, frames


@dataclass(frozen=True)
class RoundReport:
    """What a round came to; ``certificate`` is the one in force, ``audit`` what the next one lacks.

    ``unasked`` counts the items without an answer, by language model.
    """

    round: int
    rows: int
    items: int
    covered: int
    calls: dict[str, int]
    routes: dict[str, int]
    gold: int
    certificate: dict[str, Any] | None
    audit: dict[str, Any]
    plan: str
    split: dict[str, Any] | None
    stopping: dict[str, Any] | None
    forecast: dict[str, Any] | None
    remark: str | None
    remarks: list[str]
    faults: int
    unasked: dict[str, int]
    repeated: bool

    def to_dict(self) -> dict[str, Any]:
        """Give a JSON-ready mapping."""
        return asdict(self)

    @property
    def missing(self) -> str:
        """Say what is still missing for a certificate."""
        return str(self.audit["missing"])


def report_of(project: Project, start: Start, turn: Round, *, repeated: bool) -> RoundReport:
    """Tell of a round, with what has to be said of its certificate today."""
    pool = start.pool
    with project.store.read() as tx:
        people = read_people(tx, project.schema)
        frame = frames.current(tx) or start.frame
    audit = doubled_audit(project, pool, people, frame)
    status, routing = audit_status(audit, pool.items.digests, people), project.config.routing
    remarks = turn.summary.get("remarks", [])  # rounds of former versions have none
    remarks = [*remarks, *life_remarks(project, pool)]
    return RoundReport(
        round=turn.number,
        rows=pool.items.n_rows,
        items=len(pool),
        covered=int(pool.applied.votes.covered.sum()),
        calls={"ran": pool.applied.ran, "cached": pool.applied.cached},
        routes=turn.summary["routes"],
        gold=sum(g.label is not None for g in people.gold.values()),
        certificate=start.released.told,
        audit=replace(status, growing=still_growing(routing, turn, status.planned)).to_dict(),
        plan=turn.summary["plan"],
        split=turn.summary.get("split"),
        stopping=turn.summary.get("stopping"),
        forecast=turn.summary.get("forecast"),
        remark="; ".join(remarks) or None,
        remarks=remarks,
        faults=sum(r.faults for r in pool.applied.runs),
        unasked={r.name: r.unasked for r in pool.applied.runs if r.unasked},
        repeated=repeated,
    )

"""The life of a certificate: a test of the challenger, its promotion on a pass, its end."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pyarrow as pa
import sqlalchemy as sa

from labeling.certificates import OPEN_SHARE, AuditedUnits, Outcome, Terms, certify
from labeling.certificates.units import Audit
from labeling.certificates.wording import describe_critical
from labeling.errors import GateRefused, QuorumError
from labeling.pool import Pool, load_pool, never_audited
from labeling.pool.audit import AuditStatus, audit_status, standing_audit
from labeling.pool.people import People, read_people
from labeling.pool.releases import KIND
from labeling.project import Project
from labeling.rounds.turn import audit_frame, open_audit_frame, run_round
from labeling.store import (
    AuditFrame,
    Lease,
    ManifestEntry,
    Round,
    StoredTest,
    certificates,
    manifest,
    rounds,
    tasks,
)
from labeling.types import Ints, Lane

TOLD = ("promise", "alpha", "delta", "threshold", "audited", "errors", "accepted", "scorer", "covers")
"""Values of a certificate that are there, as None, where there is no certificate."""


@dataclass(frozen=True)
class CertifyReport:
    """What `certify` came to: a certificate and its release, or the reason why there is none."""

    passed: bool
    statement: str
    certificate: dict[str, Any] | None = field(repr=False)
    number: int | None
    release: int | None
    delta_spent: float
    audit: dict[str, Any]

    def to_dict(self) -> dict[str, Any]:
        """Give a JSON-ready mapping: the certificate's own values beside the report's."""
        return {
            **(self.certificate or dict.fromkeys(TOLD)),
            "passed": self.passed,
            "statement": self.statement,
            "number": self.number,
            "release": self.release,
            "delta_spent": self.delta_spent,
            "audit": self.audit,
        }


def certify_challenger(project: Project, lease: Lease) -> CertifyReport:
    """Test what the scorer says now on the audit; a pass promotes it.

    A test takes place only when the planned audit is answered (all but 2 %); only a test spends delta. The
    round that is tested chooses nobody, for what selection picks leaves the audit and others join.
    """
    pool = load_pool(project)
    frame = audit_frame(project, lease, pool)
    with project.store.read() as tx:
        people = read_people(tx, project.schema)
    audit = standing_audit(pool.items, people, frame, never_audited(project, pool), project.schema)
    status = audit_status(audit, pool.items, people)
    if status.open > OPEN_SHARE * status.planned:
        return _not_ready(status)
    run_round(project, lease, choose=False)
    with project.store.read() as tx:
        challenger = rounds.latest(tx)
        test = certificates.tests_in_frame(tx, frame.number) + 1
        scored = manifest.find(tx, "scores", challenger.scorer) if challenger else None
    if challenger is None or scored is None:
        raise GateRefused("certify: there is no round to test. Run `quorum run` first.")
    former = _same_test(project, frame, challenger, _answers(project, pool, audit))
    if former is not None:
        return _told_again(former, status)
    units, labels = _units(project, pool, audit, scored)
    outcome = certify(units, _terms(project, audit, people, frame, challenger, test))
    if outcome.delta_spent == 0:
        return CertifyReport(False, outcome.reason, None, None, None, 0.0, status.to_dict())
    return _record(project, lease, pool, audit, frame, challenger, outcome, labels, status)


def _same_test(
    project: Project, frame: AuditFrame, challenger: Round, given: dict[str, str | None]
) -> StoredTest | None:
    """Give the last test if it was of these labels on these answers: a second one would spend delta."""
    with project.store.read() as tx:
        last = certificates.latest(tx)
    if last is None or last.void_reason is not None or last.frame != frame.number:
        return None
    same = last.score_table == challenger.score_table and last.result["answers"] == given
    return last if same else None


def _told_again(test: StoredTest, status: AuditStatus) -> CertifyReport:
    told = {k: v for k, v in test.result.items() if k != "answers"} if test.passed else None
    statement = f"{test.result['statement']} (as tested before: nothing changed since, nothing spent)"
    return CertifyReport(test.passed, statement, told, test.number, None, 0.0, status.to_dict())


def fresh_audit(project: Project, lease: Lease) -> AuditFrame:
    """Retire the audit answers into gold and draw a new audit.

    Open tasks of the old audit that the new one does not need are taken back by the next sync.
    """
    pool = load_pool(project)
    with project.store.write() as tx:
        lease.check(tx)
        people = read_people(tx, project.schema)
        audits = [t for t in people.tasks if t.lane == Lane.AUDIT and t.digest in people.gold]
        tasks.set_lane(tx, [t.task_id for t in audits], Lane.REVIEW)
        return open_audit_frame(tx, project, pool)


def reopen_changed(project: Project, tx: sa.Connection) -> str | None:
    """Void the certificate in force where an audit answer that it rests on was edited or deleted.

    The one before it would be in force then, so that one has to stand the same question.
    """
    gold = read_people(tx, project.schema).gold
    reasons = []
    while champion := certificates.champion(tx):
        rests_on = champion.result["answers"].items()
        # What was open counted as wrong already; an answer to it now takes nothing from the promise.
        settled = ((d, label) for d, label in rests_on if label is not None)
        changed = sum(label != (gold[d].label if d in gold else None) for d, label in settled)
        if not changed:
            break
        reasons.append(
            f"certificate {champion.number} no longer holds: {changed} of the audit answers that it rests "
            "on were edited or deleted. Run `quorum certify` to test again."
        )
        certificates.void(tx, champion.number, reasons[-1])
    return reasons[0] if reasons else None


def _not_ready(status: AuditStatus) -> CertifyReport:
    statement = f"no test yet, and none of delta spent: {status.missing}"
    return CertifyReport(False, statement, None, None, None, 0.0, status.to_dict())


def _units(
    project: Project, pool: Pool, audit: Audit, scored: ManifestEntry
) -> tuple[AuditedUnits, list[str]]:
    """Read the frozen score table and give the audit units with the machine's labels."""
    table = project.artifacts.read(scored)
    if table["digest"].to_pylist() != pool.items.digests.tolist():
        raise QuorumError("certify: the data changed while they were tested. Run `quorum certify` again.")
    labels = table["label"].to_pylist()
    codes = np.array([project.schema.index[name] for name in labels], dtype=np.int8)
    confidence = table["score"].to_numpy()
    eligible = table["eligible"].to_numpy(zero_copy_only=False)
    return audit.units(codes, confidence, eligible, project.schema.critical), labels


def _terms(
    project: Project, audit: Audit, people: People, frame: AuditFrame, challenger: Round, test: int
) -> Terms:
    routing = project.config.routing
    auditors = {name for g in people.gold.values() if g.lane == Lane.AUDIT for name in g.annotators}
    return Terms(
        promise=routing.promise,
        alpha=routing.alpha,
        delta=routing.delta,
        population=audit.population,
        test=test,
        frame=frame.number,
        scorer=challenger.scorer,
        covers=challenger.score_table,
        auditors=tuple(sorted(auditors)),
    )


def _record(
    project: Project,
    lease: Lease,
    pool: Pool,
    audit: Audit,
    frame: AuditFrame,
    challenger: Round,
    outcome: Outcome,
    labels: list[str],
    status: AuditStatus,
) -> CertifyReport:
    passed = outcome.certificate is not None
    told = told_of(outcome)
    result = {**told, "statement": outcome.reason, "answers": _answers(project, pool, audit)}
    accepted = np.flatnonzero(outcome.accepted[audit.clusters.unit])
    entry = project.artifacts.write(KIND, _accepted_table(pool, accepted, labels), key="")
    with project.store.write() as tx:
        lease.check(tx)
        number = certificates.record_test(
            tx,
            frame=frame.number,
            round_number=challenger.number,
            scorer=challenger.scorer,
            score_table=challenger.score_table,
            passed=passed,
            result=result,
        )
        if passed:
            manifest.record(tx, replace(entry, key=str(number)))
    if passed:
        run_round(project, lease, choose=False)
    spent = outcome.delta_spent
    return CertifyReport(passed, outcome.reason, told or None, number, None, spent, status.to_dict())


def told_of(outcome: Outcome) -> dict[str, Any]:
    """Give a certificate as it is shown; empty where there is none."""
    certificate = outcome.certificate
    if certificate is None:
        return {}
    return {**certificate.to_dict(), "critical": describe_critical(certificate)}


def _answers(project: Project, pool: Pool, audit: Audit) -> dict[str, str | None]:
    """Give the audit answers that a test rests on, by content digest; None where nobody settled."""
    names = (*project.schema.names, None)
    members = np.flatnonzero(audit.item_members)
    return {str(pool.items.digests[i]): names[audit.answers[i]] for i in members}


def _accepted_table(pool: Pool, accepted: Ints, labels: list[str]) -> pa.Table:
    digests = [str(pool.items.digests[i]) for i in accepted]
    return pa.table({"digest": digests, "label": pa.array([labels[i] for i in accepted], type=pa.string())})

"""The life of a certificate: a test of the challenger, its promotion on a pass, its end."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pyarrow as pa

from labeling.certificates import OPEN_SHARE, AuditedUnits, Outcome, Terms, certify
from labeling.certificates.truth import describe_truth
from labeling.certificates.units import Audit
from labeling.certificates.wording import describe, describe_critical
from labeling.errors import GateRefused, QuorumError
from labeling.items import Objects
from labeling.pool import Pool, load_pool
from labeling.pool.audit import AuditStatus, audit_status
from labeling.pool.people import People, read_people
from labeling.pool.releases import KIND, read_released
from labeling.project import Project
from labeling.rounds.audit_frames import audit_frame
from labeling.rounds.doubles import doubled_audit
from labeling.rounds.draws import draw_audit, read_frozen
from labeling.rounds.grouped import certify_pool
from labeling.rounds.life import life_remarks
from labeling.rounds.looks import (
    asked_of,
    audit_is_void,
    no_look_left,
    planned_looks,
    promise_asked,
    same_test,
    stays_in_force,
)
from labeling.rounds.sharing import still_growing
from labeling.rounds.turn import run_round
from labeling.store import (
    AuditFrame,
    Lease,
    ManifestEntry,
    Round,
    StoredTest,
    certificates,
    frames,
    manifest,
    rounds,
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
    remarks: tuple[str, ...] = ()

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
            "remarks": list(self.remarks),
        }


def certify_challenger(project: Project, lease: Lease) -> CertifyReport:
    """Test what the scorer says now on the audit; a pass promotes it.

    A test takes place only when the planned audit is answered (all but 2 %); only a test spends delta. The
    round that is tested chooses nobody, for what selection picks leaves the audit and others join.
    """
    report = _test_challenger(project, lease)
    with project.store.read() as tx:
        frame = frames.current(tx)
        void = audit_is_void(tx, frame.number) if frame else None
    if void is not None and not report.passed:
        report = replace(report, statement=void)
    return replace(report, remarks=tuple(life_remarks(project, load_pool(project))))


def _test_challenger(project: Project, lease: Lease) -> CertifyReport:
    pool = load_pool(project)
    frame = audit_frame(project, lease, pool)
    with project.store.read() as tx:
        people = read_people(tx, project.schema)
    if frame.drawn is not None:
        return _certify_draw(project, lease, pool, frame, people)
    audit = doubled_audit(project, pool, people, frame)
    status = audit_status(audit, pool.items.digests, people)
    if status.open > OPEN_SHARE * status.planned:
        return _not_ready(status)
    with project.store.read() as tx:
        growing = still_growing(project.config.routing, rounds.latest(tx), status.planned)
    if growing:
        return _not_ready(replace(status, growing=growing))
    run_round(project, lease, choose=False)
    with project.store.read() as tx:
        challenger = rounds.latest(tx)
        test = certificates.tests_in_frame(tx, frame.number) + 1
        scored = manifest.find(tx, "scores", challenger.scorer) if challenger else None
    if challenger is None or scored is None:
        raise GateRefused("certify: there is no round to test. Run `quorum run` first.")
    digests = pool.items.digests
    if told := _without_test(project, frame, challenger, _answers(project, digests, audit), status):
        return told
    units, labels = _units(project, pool, audit, scored)
    terms = _terms(project, audit, people, frame, challenger, test)
    doubts = challenger.summary.get("doubts", {})
    outcome = certify_pool(project, pool, audit, units, labels, doubts, terms)
    if outcome.delta_spent == 0:
        return CertifyReport(False, outcome.reason, None, None, None, 0.0, status.to_dict())
    with project.store.read() as tx:
        released = read_released(project, tx)
    stays = stays_in_force(promise_asked(project), released, audit, units, digests, outcome)
    if stays is not None:
        outcome = replace(outcome, certificate=None, reason=stays)
    report = _record(project, lease, digests, audit, frame, challenger, outcome, labels, status)
    return report if stays is None else _in_force(project, report)


def _certify_draw(
    project: Project, lease: Lease, pool: Pool, frame: AuditFrame, people: People
) -> CertifyReport:
    """Test the labels that were frozen when an audit was drawn for them, whatever was learnt since."""
    frozen, turn = read_frozen(project, frame)
    audit = frozen.audit(project, pool, people, frame)
    status = audit_status(audit, frozen.digests, people)
    if status.open > OPEN_SHARE * status.planned:
        return _not_ready(status, frozen.gone(audit, people, pool.items.digests))
    if told := _without_test(project, frame, turn, _answers(project, frozen.digests, audit), status):
        return told
    units = frozen.units(audit, project.schema)
    outcome = certify(units, frozen.terms(_terms(project, audit, people, frame, turn, 1)))
    if outcome.delta_spent == 0:
        return CertifyReport(False, outcome.reason, None, None, None, 0.0, status.to_dict())
    if outcome.certificate is not None:
        certificate = replace(outcome.certificate, draw=frozen.draw(audit))
        outcome = replace(outcome, certificate=certificate, reason=describe(certificate))
    return _record(project, lease, frozen.digests, audit, frame, turn, outcome, frozen.labels, status)


def _without_test(
    project: Project, frame: AuditFrame, turn: Round, given: dict[str, str | None], status: AuditStatus
) -> CertifyReport | None:
    """Tell the last test again where nothing changed since, or why there is none; None where there is one."""
    former = same_test(project, frame.number, turn, given)
    if former is not None:
        return _told_again(project, former, status)
    with project.store.read() as tx:
        refused = no_look_left(project, tx, frame.number)
    return CertifyReport(False, refused, None, None, None, 0.0, status.to_dict()) if refused else None


def _told_again(project: Project, test: StoredTest, status: AuditStatus) -> CertifyReport:
    statement = f"{test.result['statement']} (as tested before: nothing changed since, nothing spent)"
    return _in_force(project, CertifyReport(False, statement, None, test.number, None, 0.0, status.to_dict()))


def _in_force(project: Project, report: CertifyReport) -> CertifyReport:
    """Give a report with the certificate in force, where there is one."""
    with project.store.read() as tx:
        released = read_released(project, tx)
    if released.certificate is None:
        return report
    return replace(report, passed=True, certificate=released.told, number=released.certificate)


def fresh_audit(project: Project, lease: Lease) -> CertifyReport:
    """Retire the audit answers into gold and draw a new audit for one test of the labels of now.

    Open tasks of the old audit that the new one does not need are taken back by the next sync.
    """
    drawn = draw_audit(project, lease)
    report = certify_challenger(project, lease)
    return replace(report, statement=f"{drawn}; {report.statement}")


def _not_ready(status: AuditStatus, remark: str = "") -> CertifyReport:
    statement = f"no test yet, and none of delta spent: {status.missing}{remark}"
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
    with project.store.read() as tx:
        looks = planned_looks(project, tx, frame.number)
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
        looks=looks,
        expires=routing.expires,
    )


def _record(
    project: Project,
    lease: Lease,
    digests: Objects,
    audit: Audit,
    frame: AuditFrame,
    challenger: Round,
    outcome: Outcome,
    labels: list[str],
    status: AuditStatus,
) -> CertifyReport:
    passed = outcome.certificate is not None
    told = told_of(outcome)
    result = {**told, "statement": outcome.reason, "answers": _answers(project, digests, audit)}
    result |= asked_of(project, frame.number)
    accepted = np.flatnonzero(outcome.accepted[audit.clusters.unit])
    entry = project.artifacts.write(KIND, _accepted_table(digests[accepted], accepted, labels), key="")
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
    parts = certificate.groups or (certificate,)
    truth = " ".join(describe_truth(part) for part in parts)
    return {**certificate.to_dict(), "critical": describe_critical(certificate), "truth": truth}


def _answers(project: Project, digests: Objects, audit: Audit) -> dict[str, str | None]:
    """Give the audit answers that a test rests on, by content digest; None where nobody settled."""
    names = (*project.schema.names, None)
    members = np.flatnonzero(audit.item_members)
    return {str(digests[i]): names[audit.answers[i]] for i in members}


def _accepted_table(digests: Objects, accepted: Ints, labels: list[str]) -> pa.Table:
    given_out = [labels[i] for i in accepted]
    return pa.table(
        {"digest": pa.array(digests.tolist(), pa.string()), "label": pa.array(given_out, pa.string())}
    )

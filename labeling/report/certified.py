"""The certificate in force and all tests so far."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from typing import Any

import sqlalchemy as sa

from labeling.certificates.certificate import Certificate
from labeling.certificates.wording import describe_critical, promise_of
from labeling.pool.audit import AuditStatus, audit_status
from labeling.report.absent import Absent
from labeling.report.present import Present
from labeling.rounds.doubles import doubled_audit
from labeling.rounds.life import ended, life_remarks
from labeling.rounds.sharing import still_growing
from labeling.store import StoredTest, certificates, frames


@dataclass(frozen=True)
class Attempt:
    """One test: when, of which round and audit, what came of it, and why it holds no more, if so."""

    number: int
    at: str
    round: int
    frame: int
    passed: bool
    accepted: int | None
    audited: int | None
    errors: int | None
    statement: str
    ended: str | None


@dataclass(frozen=True)
class Certified:
    """The certificate in force, if any, with the history of tests.

    Attributes
    ----------
    number : int or None
    certificate : Certificate or None
        The one in force.
    tests : tuple of Attempt
        The first first.
    missing : str or None
        What the present audit lacks; None where none was opened.
    remarks : tuple of str
    """

    number: int | None
    certificate: Certificate | None = field(repr=False)
    tests: tuple[Attempt, ...]
    missing: str | None
    remarks: tuple[str, ...]

    def fate(self, test: Attempt) -> str:
        """Say what became of a test."""
        if not test.passed or test.ended is not None:
            return test.ended or test.statement
        return "in force" if test.number == self.number else "holds; another one is in force"

    @property
    def promise(self) -> str | None:
        """The promise in words."""
        return None if self.certificate is None else f"{promise_of(self.certificate)}."

    @property
    def critical(self) -> str | None:
        """What is promised of critical classes, in words."""
        return None if self.certificate is None else describe_critical(self.certificate)

    def to_dict(self) -> dict[str, Any]:
        """Give a JSON-ready mapping."""
        return {
            "number": self.number,
            "promise": self.promise,
            "critical": self.critical,
            "certificate": self.certificate.to_dict() if self.certificate else None,
            "tests": [asdict(test) for test in self.tests],
            "missing": self.missing,
            "remarks": list(self.remarks),
        }


def measure_certified(present: Present) -> Certified | Absent:
    """Read the certificate in force and the history of tests."""
    project = present.project
    with project.store.read() as tx:
        champion, over = certificates.champion(tx), ended(tx)
        told = [_line(tx, *test) for test in certificates.history(tx)]
    audit = present_audit(present)
    missing = audit.missing if audit else None
    if not told:
        return Absent(
            f"no certificate was tested yet: {missing or 'no audit is open; `quorum run` opens one'}."
        )
    return Certified(
        number=champion.number if champion else None,
        certificate=Certificate.from_dict(champion.result) if champion else None,
        tests=tuple(told),
        missing=missing,
        remarks=tuple(dict.fromkeys([*([over] if over else []), *life_remarks(project, present.pool)])),
    )


def present_audit(present: Present) -> AuditStatus | None:
    """Count what the audit in force has and lacks; None where none was opened."""
    project, pool, people = present.project, present.pool, present.people
    with project.store.read() as tx:
        frame = frames.current(tx)
    if frame is None:
        return None
    status = audit_status(doubled_audit(project, pool, people, frame), pool.items.digests, people)
    growing = still_growing(project.config.routing, present.latest, status.planned)
    return replace(status, growing=growing)


def _line(tx: sa.Connection, test: StoredTest, at: str) -> Attempt:
    said = test.result
    return Attempt(
        number=test.number,
        at=at,
        round=test.round_number,
        frame=test.frame,
        passed=test.passed,
        accepted=said.get("accepted"),
        audited=said.get("audited"),
        errors=said.get("errors"),
        statement=str(said.get("statement", "")),
        ended=certificates.why_ended(tx, test) if test.passed else None,
    )

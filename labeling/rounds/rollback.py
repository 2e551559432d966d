"""Making another release the current one by hand: back to an earlier one, or on to one that was held."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

import sqlalchemy as sa

from labeling.errors import InputError
from labeling.project import Project
from labeling.releases.publication import read_contents, who
from labeling.rounds.life import void_broken
from labeling.rounds.live import LEASE, LEASE_WAIT_SECONDS
from labeling.rounds.turn import run_round
from labeling.store import Lease, Promotion, Release, certificates, lease, promotions, releases
from labeling.store.promotions import How


@dataclass(frozen=True)
class Promoted:
    """What became current, what was current before, and what is to be said of its certificate."""

    release: int
    before: int | None
    how: str
    by: str
    certificate: int | None
    remark: str | None

    def to_dict(self) -> dict[str, Any]:
        """Give a JSON-ready mapping."""
        return asdict(self)


def roll_back(project: Project, number: int, reason: str | None = None) -> Promoted:
    """Make an earlier release the current one, until somebody promotes another.

    Certificates that came after it are set aside, so that routes and later releases stand on its own.

    Raises
    ------
    InputError
        There is no such release, or it is the current one, or a later one than it.
    """
    return _change(project, number, How.ROLLED_BACK, reason)


def promote(project: Project, number: int, reason: str | None = None) -> Promoted:
    """Make a release the current one that was held back, or that a rollback left; its certificate is back.

    Raises
    ------
    InputError
        There is no such release, or it is the current one.
    """
    return _change(project, number, How.PROMOTED, reason)


def _change(project: Project, number: int, how: How, reason: str | None) -> Promoted:
    read_contents(project, number)
    with lease.acquire(project.store, LEASE, wait=LEASE_WAIT_SECONDS) as held:
        with project.store.write() as tx:
            held.check(tx)
            release = releases.find(tx, number)
            assert release is not None
            before = promotions.latest(tx)
            _check(release, before, how)
            reinstated(tx, release)
            aside = set_aside(tx, release) if how == How.ROLLED_BACK else []
            entry = promotions.record(tx, number, how, who(), reason=reason, set_aside=aside)
            reopened = void_broken(project, tx)
        _follow(project, held)
        return _told(project, release, entry, before, reopened)


def _check(release: Release, before: Promotion | None, how: How) -> None:
    if before is None:
        return
    if before.release == release.number and before.how == how:
        raise InputError(f"release {release.number} is the current one already. Nothing was changed.")
    if how == How.ROLLED_BACK and release.number > before.release:
        step = f"Write `quorum promote {release.number}`."
        raise InputError(f"release {release.number} is later than the current one, {before.release}. {step}")


def reason_of(release: int) -> str:
    """Give the reason for which a rollback to a release sets certificates aside."""
    return f"set aside by the rollback to release {release}"


def set_aside(tx: sa.Connection, release: Release) -> list[int]:
    """Put the certificates out of force that came after a release's own; give their numbers."""
    own = release.test_number or 0
    later = [test.number for test in certificates.passed(tx) if test.number > own]
    for number in later:
        certificates.void(tx, number, reason_of(release.number))
    return later


def reinstated(tx: sa.Connection, release: Release) -> None:
    """Put the certificates back in force that rollbacks set aside, up to a release's own."""
    for entry in promotions.log(tx):
        for number in _up_to(release.test_number, entry.set_aside):
            certificates.reinstate(tx, number, reason_of(entry.release))


def _up_to(last: int | None, numbers: Iterable[int]) -> list[int]:
    return [number for number in numbers if number <= (last or 0)]


def _follow(project: Project, held: Lease) -> None:
    """Have the routes follow the certificate in force."""
    run_round(project, held, choose=False)


def _told(
    project: Project, release: Release, entry: Promotion, before: Promotion | None, reopened: str | None
) -> Promoted:
    with project.store.read() as tx:
        champion = certificates.champion(tx)
        own = certificates.find(tx, release.test_number) if release.test_number else None
    remark = reopened
    if own is not None and own.void_reason is not None:
        remark = f"its certificate {own.number} does not hold: {own.void_reason}"
    in_force = champion.number if champion else None
    return Promoted(release.number, before.release if before else None, entry.how, entry.by, in_force, remark)

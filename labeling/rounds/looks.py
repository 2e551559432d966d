"""How often an audit is looked at, and which of several promises that hold is kept in force."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from labeling.certificates import AuditedUnits, Outcome
from labeling.certificates.looks import look_share
from labeling.certificates.units import Audit
from labeling.items import Objects
from labeling.pool.releases import Released
from labeling.project import Project
from labeling.rounds.life import rung_in_frame
from labeling.store import Round, StoredTest, certificates, frames
from labeling.types import among

ENDED = "Run `quorum certify --fresh` to start a new audit."


def planned_looks(project: Project, tx: sa.Connection, number: int) -> int:
    """Give the tests that an audit frame is planned for: as the config had it at the first of them.

    A draw that was planned for one set of labels serves one test, which spends all of delta.
    """
    frame, former = frames.find(tx, number), certificates.of_frame(tx, number)
    if frame is not None and frame.drawn is not None:
        return 1
    configured = project.config.routing.looks
    return int(former[0].result.get("looks", configured)) if former else configured


def share_of_next(project: Project) -> float:
    """Give the part of delta that the next test of the audit in force will spend; the last one's after it."""
    delta = project.config.routing.delta
    with project.store.read() as tx:
        frame = frames.current(tx)
        if frame is None:
            return look_share(delta, 1, project.config.routing.looks)
        looks, used = planned_looks(project, tx, frame.number), certificates.tests_in_frame(tx, frame.number)
    return look_share(delta, min(used + 1, looks), looks)


def asked_of(project: Project, frame: int) -> dict[str, Any]:
    """Give what a test keeps of its conditions, passed or not."""
    with project.store.read() as tx:
        looks = planned_looks(project, tx, frame)
    return {"looks": looks, "asked": promise_asked(project)}


def promise_asked(project: Project) -> dict[str, Any]:
    """Give what a promise is asked for, JSON-ready."""
    return project.config.routing.model_dump(include={"promise", "alpha", "delta", "groups"})


def same_test(
    project: Project, frame: int, challenger: Round, given: Mapping[str, str | None]
) -> StoredTest | None:
    """Give the last test if it was of these labels on these answers: a second one would spend delta."""
    with project.store.read() as tx:
        last = certificates.latest(tx)
        if last is None or last.frame != frame or last.void_reason is not None:
            return None
        if certificates.has_expired(tx, last):
            return None
    same = last.score_table == challenger.score_table and last.result["answers"] == given
    return last if same and last.result.get("asked") == promise_asked(project) else None


def no_look_left(project: Project, tx: sa.Connection, frame: int) -> str | None:
    """Say why an audit may not be tested on again; None where it may."""
    if (rung := audit_is_void(tx, frame)) is not None:
        return rung
    delta, before = project.config.routing.delta, [t.result for t in certificates.of_frame(tx, frame)]
    spent = max((result["asked"]["delta"] for result in before if "asked" in result), default=0.0)
    if spent > delta:
        return (
            f"no test: former ones of this audit shared a delta of {spent:g}, and routing.delta is {delta:g} "
            f"now. Write {spent:g} again, or start a new audit: `quorum certify --fresh`."
        )
    looks, used = planned_looks(project, tx, frame), len(before)
    if used >= looks:
        planned = "the one test" if looks == 1 else f"all {looks} tests"
        return f"no test: {planned} that this audit was planned for took place. {ENDED}"
    return None


def audit_is_void(tx: sa.Connection, frame: int) -> str | None:
    """Say that an audit counts no more, because the standing alarm rang; None where it did not."""
    rung = rung_in_frame(tx, frame)
    if rung is None:
        return None
    return f"no test: the standing alarm rang on certificate {rung}, so its audit counts no more. {ENDED}"


def stays_in_force(
    asked: Mapping[str, Any],
    released: Released,
    audit: Audit,
    units: AuditedUnits,
    digests: Objects,
    outcome: Outcome,
) -> str | None:
    """Say why the certificate in force stays although a challenger passed; None where that takes its place.

    Both promises hold at once, whichever is kept: the audit's confidence is for all its tests together.
    So, where both promise the same on the same audit, the one stays that accepts more of today's texts.

    Parameters
    ----------
    asked : mapping
        What the config asks for: ``promise_asked``.
    released : Released
        What the certificate in force accepts.
    digests : array of str, shape (n,)
        Contents of today's items.
    """
    passed, told = outcome.certificate, released.told
    if passed is None or told is None or (told["frame"], told.get("asked")) != (passed.frame, asked):
        return None
    inside = among(digests, released.labels.keys())
    held = int((inside & units.eligible[audit.clusters.unit]).sum())
    found = int(outcome.accepted[audit.clusters.unit].sum())
    if found >= held:
        return None
    return (
        f"the challenger passed, but it accepts {found:,} of today's labels and certificate "
        f"{released.certificate} accepts {held:,}: that one stays in force"
    )

"""How certificates end, and what has changed since one was given."""

from __future__ import annotations

from collections.abc import Container

import numpy as np
import pyarrow as pa
import sqlalchemy as sa

from labeling.certificates.certificate import Certificate
from labeling.certificates.ending import wrong_allowed
from labeling.certificates.wording import percent
from labeling.drift import measure_drift
from labeling.pool import Pool
from labeling.pool.people import People, read_people
from labeling.project import Project
from labeling.rounds.watch import ALARM, alarm, watch_status
from labeling.store import StoredTest, certificates, manifest, rounds


def void_broken(project: Project, tx: sa.Connection) -> str | None:
    """Void the certificate in force where it does not hold any more, and say why.

    It rests on audit answers that were edited or deleted, or the watch over its labels rings. The one before
    it would be in force then, so that one has to stand the same question; an alarm speaks against the
    audit, and so against all that rests on it.
    """
    people = read_people(tx, project.schema)
    reasons = []
    while champion := certificates.champion(tx):
        reason = _changed(champion, people) or alarm(project, tx, champion, people.gold)
        reason = reason or _tainted(tx, champion)
        if reason is None:
            break
        reasons.append(reason)
        certificates.void(tx, champion.number, reason)
    return reasons[0] if reasons else None


def _changed(champion: StoredTest, people: People) -> str | None:
    # What was open counted as wrong already; an answer to it now takes nothing from the promise.
    settled = ((d, label) for d, label in champion.result["answers"].items() if label is not None)
    gold = people.gold
    changed = sum(label != (gold[d].label if d in gold else None) for d, label in settled)
    if not changed:
        return None
    return (
        f"certificate {champion.number} no longer holds: {changed} of the audit answers that it rests "
        "on were edited or deleted. Run `quorum certify` to test again."
    )


def _tainted(tx: sa.Connection, champion: StoredTest) -> str | None:
    rung = rung_in_frame(tx, champion.frame)
    if rung is None:
        return None
    return (
        f"{ALARM}certificate {champion.number} rests on the same audit as certificate {rung}. "
        "Run `quorum certify --fresh`."
    )


def rung_in_frame(tx: sa.Connection, frame: int) -> int | None:
    """Give the first certificate of an audit frame that the standing alarm voided; None without."""
    tested = certificates.of_frame(tx, frame)
    return next((test.number for test in tested if (test.void_reason or "").startswith(ALARM)), None)


def ended(tx: sa.Connection) -> str | None:
    """Say why no certificate is in force though one was; None where one is, or none ever was."""
    last = certificates.last_passed(tx)
    if last is None or certificates.champion(tx) is not None:
        return None
    return certificates.why_ended(tx, last)


def life_remarks(project: Project, pool: Pool) -> list[str]:
    """Say what a reader of the certificate has to know today: its end, its watch, changed rows.

    Certified and new texts are compared by the scores of the last round.
    """
    with project.store.read() as tx:
        champion, scored, over = certificates.champion(tx), rounds.latest(tx), ended(tx)
        entry = manifest.find(tx, "scores", scored.scorer) if scored else None
        covers = manifest.find(tx, "scores", champion.scorer) if champion else None
        looked = _looked_at(project, tx, champion) if champion else None
    if champion is None or covers is None:
        return [over] if over else []
    covered = project.artifacts.read(covers)
    known = set(covered["digest"].to_pylist())
    remarks = [looked, _gone(champion, pool, covered)]
    if entry is not None:
        remarks.append(_drift(project, pool, project.artifacts.read(entry), known, champion.number))
    return [remark for remark in remarks if remark]


def _looked_at(project: Project, tx: sa.Connection, champion: StoredTest) -> str | None:
    status = watch_status(project, tx, read_people(tx, project.schema), champion.number)
    if not status["settled"]:
        return None
    return (
        f"the watch over certificate {champion.number}: people looked at {status['settled']:,} of the "
        f"accepted texts since, and label {status['wrong']:,} of them otherwise; no alarm"
    )


def _drift(project: Project, pool: Pool, scores: pa.Table, known: Container[str], number: int) -> str | None:
    """Say in which respects texts that a certificate does not cover are unlike those that it covers."""
    digests = scores["digest"].to_pylist()
    if digests != pool.items.digests.tolist():
        return None  # the next round scores what is there now
    new = np.array([d not in known for d in digests], dtype=bool)
    _, labels = np.unique(scores["label"].to_pylist(), return_inverse=True)
    confidence, limits = scores["score"].to_numpy(), project.config.relabel.drift
    found = measure_drift(confidence, pool.applied.votes.covered, labels, new, limits)
    if not found.past:
        return None
    return (
        f"the {found.new:,} texts that certificate {number} does not cover are unlike the {found.old:,} that "
        f"it covers: {'; '.join(map(str, found.past))}"
    )


def _gone(champion: StoredTest, pool: Pool, covered: pa.Table) -> str | None:
    """Say what is left of a promise when texts that it counts have left the data."""
    said = Certificate.from_dict(champion.result)
    missing = set(covered["digest"].to_pylist()) - set(pool.items.digests.tolist())
    if not missing:
        return None
    pairs = zip(covered["digest"].to_pylist(), covered["cluster"].to_pylist(), strict=True)
    texts = {cluster for digest, cluster in pairs if digest in missing}
    gone = len(texts - set(pool.items.clusters.tolist()))
    changed = (
        f"{len(missing):,} of the texts that certificate {champion.number} covers are gone or were changed"
    )
    if said.promise != "dataset" or said.groups or gone >= said.population:
        return f"{changed}: its bound is about all of them, not about those that are left"
    left, allowed = said.population - gone, wrong_allowed(said)
    return (
        f"{changed}: its bound counts them. Were their labels all right, {allowed:,} wrong ones among the "
        f"other {left:,} texts would be {percent(allowed / left)}"
    )

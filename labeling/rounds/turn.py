"""One turn of the loop: score the pool, route every item, choose whom to ask; idempotent by its inputs."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import pyarrow as pa
import sqlalchemy as sa

from labeling.certificates.budget import Split
from labeling.pool import load_pool
from labeling.pool.doubles import second_answers_digest
from labeling.pool.people import read_people
from labeling.pool.releases import read_released
from labeling.project import Project
from labeling.rounds.advice import advise
from labeling.rounds.audit_frames import audit_frame, frame_to_fill, outlook_of_draw
from labeling.rounds.batches import NOBODY, Batch, choose_batch, returned_tasks, with_watch
from labeling.rounds.challenger import Challenger, challenge
from labeling.rounds.doubles import add_doubles
from labeling.rounds.outlook import audit_outlook
from labeling.rounds.repeats import record_opinions
from labeling.rounds.report import RoundReport, report_of
from labeling.rounds.routes import route_pool
from labeling.rounds.sharing import share_answers
from labeling.rounds.shown import with_reasons
from labeling.rounds.start import Start
from labeling.rounds.watch import watch_round
from labeling.store import AuditFrame, Lease, ManifestEntry, Round, frames, intents, manifest, rounds, tasks
from labeling.types import Decision, Lane, digest_of

REPRIORITISE = "reprioritise"
NUMBERED = "/"
"""Between the digest of a round's inputs and its number: data that turn back make a round of their own."""
ALIKE = pa.dictionary(pa.int32(), pa.string())
"""Texts of which many rows have few."""


@dataclass(frozen=True)
class Asked:
    """Whom a round asks about what, with the audit as it leaves it."""

    batch: Batch
    frame: AuditFrame
    split: Split
    watched: ManifestEntry | None


@dataclass(frozen=True)
class Routed:
    """How many items take which route, and the table of all."""

    counts: dict[str, int]
    table: ManifestEntry


def run_round(project: Project, lease: Lease, *, choose: bool = True) -> RoundReport:
    """Do one round; with the inputs of the last round, that one is given back and nothing is written.

    Parameters
    ----------
    lease : Lease
        Held by the caller; nothing is recorded once it is lost.
    choose : bool
        Whether the round chooses whom to ask next; without, the audit stays as it is.

    Raises
    ------
    InputError
        Of the data or the functions.
    """
    start = _start(project, lease, choose)
    with project.store.read() as tx:
        latest = rounds.latest(tx)
    inputs = round_inputs(project, start)
    unchanged = latest is not None and latest.inputs.partition(NUMBERED)[0] == inputs
    if latest is not None and unchanged and (latest.summary["chosen"] or not choose):
        return report_of(project, start, latest, repeated=True)
    number = latest.number + 1 if latest else 1
    turn = _turn(project, lease, start, number, choose)
    return report_of(project, start, turn, repeated=False)


def _start(project: Project, lease: Lease, choose: bool) -> Start:
    pool = load_pool(project)
    frame = frame_to_fill(project, lease, pool) if choose else audit_frame(project, lease, pool)
    with project.store.read() as tx:
        return Start(pool, read_people(tx, project.schema), frame, read_released(project, tx))


def round_inputs(project: Project, start: Start) -> str:
    """Digest all that a round depends on."""
    pool, people, frame = start.pool, start.people, start.frame
    config = project.config
    parts = (config.label_model, config.learner, config.routing, config.active, config.gold)
    return digest_of(
        pool.items.digest,
        pool.items.text_field,
        pool.applied.digest,
        project.schema.version,
        project.learner_digest(),
        [part.model_dump() if part else None for part in parts],
        {name: chosen.model_dump() for name, chosen in config.slices.items()},
        people.review_digest(),
        people.audited_digest(),
        second_answers_digest(people),
        [frame.number, frame.salt],
        start.released.certificate,
        np.packbits(pool.dev).tobytes().hex(),
        returned_tasks(people, pool.items),
    )


def _turn(project: Project, lease: Lease, start: Start, number: int, choose: bool) -> Round:
    challenger = challenge(project, start.pool, start.people)
    asked = _ask(project, start, challenger, number, choose)
    routed = _route(project, start, challenger, asked.batch, number)
    digests = start.pool.items.digests.tolist()
    learnt = challenger.scores, challenger.gold, challenger.uniform
    advice = advise(project, digests, *learnt, start.people, number)
    summary = {
        "routes": routed.counts,
        "remarks": [*challenger.scores.votes.remarks, *challenger.learner.remarks_],
        "chosen": choose,
        "doubts": challenger.doubts,
        "plan": outlook_of_draw(project, asked.frame)
        or audit_outlook(project, start, asked.batch, challenger),
        "split": {**asked.split.to_dict(), **asked.batch.counts},
        "target": project.config.routing.target,
        **advice.summary,
    }
    with project.store.write() as tx:
        lease.check(tx)
        if choose:
            record_batch(tx, asked.batch, number)
            frames.raise_rate(tx, asked.frame.rate)
        for entry in (asked.watched, challenger.table, routed.table, advice.stop_set):
            if entry is not None:
                manifest.record(tx, entry)
        record_opinions(project, tx, challenger.answered, digests)
        # As the round leaves them: an answered audit item that it picks would else be news to the next.
        left = replace(start, people=read_people(tx, project.schema), frame=asked.frame)
        return rounds.record(
            tx,
            inputs=f"{round_inputs(project, left)}{NUMBERED}{number}",
            scorer=challenger.scorer,
            score_table=challenger.table.digest,
            summary=summary,
        )


def _ask(project: Project, start: Start, challenger: Challenger, number: int, choose: bool) -> Asked:
    pool, people, frame, scores = start.pool, start.people, start.frame, challenger.scores
    split = share_answers(
        project, pool, people, frame, scores, challenger.critical.mask, len(challenger.gold.rows)
    )
    batch = NOBODY
    if choose:
        made = challenger.learner, scores
        batch, frame = choose_batch(project, pool, people, frame, *made, number, split, challenger.answered)
        batch = add_doubles(project, pool, people, frame, batch, number)
    certificate = start.released.certificate if choose else None
    watched = watch_round(project, pool.items, people, batch, certificate)
    batch = with_watch(batch, pool.items, scores, project.schema, number, watched.asked)
    explained = partial(
        with_reasons,
        items=pool.items,
        votes=pool.applied.votes,
        critical=challenger.critical,
        schema=project.schema,
        told={task.task_id: task for task in people.tasks},
    )
    batch = replace(batch, tasks=explained(batch.tasks), rescored=explained(batch.rescored))
    return Asked(batch, frame, split, watched.entry)


def _route(project: Project, start: Start, challenger: Challenger, batch: Batch, number: int) -> Routed:
    picked, said = start.people.picked | batch.picked, (challenger.scores, challenger.text)
    routes = route_pool(project, start.pool, start.people, picked, *said, challenger.critical, start.released)
    decisions = Counter(r.decision for r in routes)
    table = {
        "digest": start.pool.items.digests.tolist(),
        "decision": pa.array([r.decision.value for r in routes], ALIKE),
        "reason": pa.array([r.reason for r in routes], ALIKE),
    }
    entry = project.artifacts.write("routes", pa.table(table), key=str(number))
    return Routed({str(d): decisions[d] for d in Decision}, entry)


def record_batch(tx: sa.Connection, batch: Batch, number: int) -> None:
    """Write a batch down, with the intent to give the queue its new order."""
    tasks.set_lane(tx, batch.moved, Lane.REVIEW)
    tasks.rescore(tx, batch.rescored)
    tasks.intend(tx, batch.tasks)
    intents.intend(tx, REPRIORITISE, {"version": f"round-{number}"})

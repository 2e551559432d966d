"""One turn of the loop: score the pool, route every item, choose whom to ask; idempotent by its inputs."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
import sqlalchemy as sa

from labeling.certificates.planning import plan_audit
from labeling.certificates.units import Clusters
from labeling.pool import Pool, load_pool, never_audited
from labeling.pool.audit import audit_status
from labeling.pool.doubles import second_answers_digest
from labeling.pool.learning import start_learner
from labeling.pool.people import People, read_people
from labeling.pool.releases import Released, read_released
from labeling.pool.training import pool_gold
from labeling.project import Project
from labeling.rounds.advice import advise, uniform_answers, uniform_rows
from labeling.rounds.audit_frames import audit_frame, frame_to_fill, outlook_of_draw
from labeling.rounds.batches import NOBODY, Batch, choose_batch, returned_tasks, with_watch
from labeling.rounds.doubles import add_doubles, doubled_audit
from labeling.rounds.grouped import group_doubts, group_outlook
from labeling.rounds.life import life_remarks
from labeling.rounds.looks import share_of_next
from labeling.rounds.repeats import Answered, hold_out_answers, record_opinions
from labeling.rounds.routes import members, route_pool, text_labels
from labeling.rounds.sharing import share_answers, still_growing
from labeling.rounds.watch import watch_round
from labeling.routing import CriticalReasons, critical_reasons
from labeling.scoring import Scores, learn, most_probable, score_table, scorer_id
from labeling.store import (
    AuditFrame,
    Lease,
    ManifestEntry,
    Round,
    frames,
    intents,
    manifest,
    rounds,
    tasks,
)
from labeling.types import Codes, Decision, Lane, Learner, PoolGold, UniformAnswers, digest_of

REPRIORITISE = "reprioritise"
NUMBERED = "/"
"""Between the digest of a round's inputs and its number: data that turn back make a round of their own."""


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


@dataclass(frozen=True)
class Challenger:
    """The scorer that a round trained, with all that it says of the pool."""

    scorer: str
    scores: Scores
    text: Codes
    critical: CriticalReasons
    table: ManifestEntry
    learner: Learner
    gold: PoolGold
    uniform: UniformAnswers
    answered: Answered | None
    doubts: dict[str, float]


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
    pool = load_pool(project)
    frame = frame_to_fill(project, lease, pool) if choose else audit_frame(project, lease, pool)
    with project.store.read() as tx:
        people = read_people(tx, project.schema)
        released = read_released(project, tx)
        latest = rounds.latest(tx)
    inputs = round_inputs(project, pool, people, frame, released)
    unchanged = latest is not None and latest.inputs.partition(NUMBERED)[0] == inputs
    if latest is not None and unchanged and (latest.summary["chosen"] or not choose):
        return _report(project, pool, frame, released, latest, repeated=True)
    number = latest.number + 1 if latest else 1
    turn = _turn(project, lease, pool, people, frame, released, number, choose)
    return _report(project, pool, frame, released, turn, repeated=False)


def round_inputs(project: Project, pool: Pool, people: People, frame: AuditFrame, released: Released) -> str:
    """Digest all that a round depends on."""
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
        released.certificate,
        np.packbits(pool.dev).tobytes().hex(),
        returned_tasks(people, pool.items),
    )


def challenge(project: Project, pool: Pool, people: People) -> Challenger:
    """Train a scorer on votes and review answers, and keep what it says as a score table."""
    config, items, votes = project.config, pool.items, pool.applied.votes
    gold = pool_gold(project, pool, people)
    digests = items.digests.tolist()
    started = start_learner(project, pool, gold)
    learner, voted = started.learner, started.voted
    uniform = uniform_answers(learner, gold, uniform_rows(people, gold, digests), digests)
    answered = hold_out_answers(project, people, learner, gold, digests)
    doubts = group_doubts(project, pool, learner, gold, digests)
    proba = learn(learner, gold.labels, gold.confidence)
    text = text_labels(learner)
    scores = Scores(proba, most_probable(proba, digests, project.schema.names), voted)
    critical = critical_reasons(
        votes, scores.proba, project.schema.critical, pool.slices, config.routing.critical_floor
    )
    parts = [
        pool.applied.digest,
        config.label_model.model_dump(),
        voted.calibrator,
        started.space,
        digest_of(digests),
        digest_of(gold.labels.tolist(), gold.drawn.tolist(), gold.weights.tolist()),
        digest_of(critical.mask.tolist()),
        config.label_model.seed,
    ]
    scorer = scorer_id(project.schema, parts)
    eligible = votes.covered & ~critical.mask
    table = score_table(digests, items.clusters.tolist(), scores, eligible, project.schema)
    entry = project.artifacts.write("scores", table, key=scorer)
    return Challenger(scorer, scores, text, critical, entry, learner, gold, uniform, answered, doubts)


def _turn(
    project: Project,
    lease: Lease,
    pool: Pool,
    people: People,
    frame: AuditFrame,
    released: Released,
    number: int,
    choose: bool,
) -> Round:
    challenger = challenge(project, pool, people)
    batch = NOBODY
    believed = challenger.scores, challenger.critical.mask, len(challenger.gold.rows)
    split = share_answers(project, pool, people, frame, *believed)
    if choose:
        made = challenger.learner, challenger.scores
        batch, frame = choose_batch(project, pool, people, frame, *made, number, split, challenger.answered)
        batch = add_doubles(project, pool, people, frame, batch, number)
    watched = watch_round(project, pool.items, people, batch, released.certificate if choose else None)
    batch = with_watch(batch, pool.items, challenger.scores, project.schema, number, watched.asked)
    routes = route_pool(
        project,
        pool,
        people,
        people.picked | batch.picked,
        challenger.scores,
        challenger.text,
        challenger.critical,
        released,
    )
    decisions = Counter(r.decision for r in routes)
    table = pa.table(
        {
            "digest": pool.items.digests.tolist(),
            "decision": [str(r.decision) for r in routes],
            "reason": [r.reason for r in routes],
        }
    )
    entry = project.artifacts.write("routes", table, key=str(number))
    learnt = challenger.scores, challenger.gold, challenger.uniform
    advice = advise(project, pool.items.digests.tolist(), *learnt, people, number)
    summary = {
        "routes": {str(d): decisions[d] for d in Decision},
        "remarks": [*challenger.scores.votes.remarks, *challenger.learner.remarks_],
        "chosen": choose,
        "doubts": challenger.doubts,
        "plan": outlook_of_draw(project, frame) or audit_outlook(project, pool, people, batch, challenger),
        "split": {**split.to_dict(), **batch.counts},
        "target": project.config.routing.target,
        **advice.summary,
    }
    with project.store.write() as tx:
        lease.check(tx)
        if choose:
            record_batch(tx, batch, number)
            frames.raise_rate(tx, frame.rate)
        if watched.entry is not None:
            manifest.record(tx, watched.entry)
        manifest.record(tx, challenger.table)
        manifest.record(tx, entry)
        manifest.record(tx, advice.stop_set)
        record_opinions(project, tx, challenger.answered, pool.items.digests.tolist())
        # As the round leaves them: an answered audit item that it picks would else be news to the next.
        inputs = round_inputs(project, pool, read_people(tx, project.schema), frame, released)
        return rounds.record(
            tx,
            inputs=f"{inputs}{NUMBERED}{number}",
            scorer=challenger.scorer,
            score_table=challenger.table.digest,
            summary=summary,
        )


def audit_outlook(project: Project, pool: Pool, people: People, batch: Batch, challenger: Challenger) -> str:
    """Say what the planned audit will probably bring, before people answer it."""
    routing = project.config.routing
    outside = members(pool.items.digests, people.picked | batch.picked) | never_audited(project, pool)
    clusters = Clusters(*pool.items.cluster_groups)
    population = int((~clusters.any(outside)).sum())
    able = clusters.all(pool.applied.votes.covered & ~challenger.critical.mask & ~outside)
    if not able.any():
        return "nothing could be accepted yet: every text is critical, without a vote or in front of people"
    errors = 1 - clusters.least(challenger.scores.confidence)
    if told := group_outlook(
        project, pool, challenger.scores.labels, challenger.doubts, errors, able, outside
    ):
        return told
    top, delta = int(able.sum()), share_of_next(project)
    audited = round(min(1.0, routing.audit / population) * top)
    plan = plan_audit(routing.promise, errors[able], population, audited, routing.alpha, delta)
    return plan.describe(population / top)


def record_batch(tx: sa.Connection, batch: Batch, number: int) -> None:
    """Write a batch down, with the intent to give the queue its new order."""
    tasks.set_lane(tx, batch.moved, Lane.REVIEW)
    tasks.rescore(tx, batch.rescored)
    tasks.intend(tx, batch.tasks)
    intents.intend(tx, REPRIORITISE, {"version": f"round-{number}"})


def _report(
    project: Project, pool: Pool, frame: AuditFrame, released: Released, turn: Round, *, repeated: bool
) -> RoundReport:
    with project.store.read() as tx:
        people = read_people(tx, project.schema)
        frame = frames.current(tx) or frame
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
        certificate=released.told,
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

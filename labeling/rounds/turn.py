"""One turn of the loop: score the pool, route every item, choose whom to ask; idempotent by its inputs."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Container
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import sqlalchemy as sa

from labeling.certificates.guarantee import delta_share
from labeling.certificates.planning import plan_audit
from labeling.certificates.units import Clusters
from labeling.pool import Pool, load_pool, never_audited, seed_gold
from labeling.pool.audit import audit_status, rate_left, standing_audit
from labeling.pool.learning import start_learner
from labeling.pool.people import People, read_people
from labeling.pool.releases import Released, read_released
from labeling.pool.training import pool_gold
from labeling.project import Project
from labeling.rounds.advice import advise, uniform_answers, uniform_rows
from labeling.rounds.batches import NOBODY, Batch, choose_batch, returned_tasks
from labeling.rounds.repeats import Answered, hold_out_answers, record_opinions
from labeling.routing import CriticalReasons, Route, Standing, critical_reasons, route
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
from labeling.types import ABSTAIN, Bools, Decision, Lane, Learner, PoolGold, UniformAnswers, digest_of

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
    critical: CriticalReasons
    table: ManifestEntry
    learner: Learner
    gold: PoolGold
    uniform: UniformAnswers
    answered: Answered | None


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
    frame = audit_frame(project, lease, pool)
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


def audit_frame(project: Project, lease: Lease, pool: Pool) -> AuditFrame:
    """Give the audit frame in force; the first is opened at a rate that makes the configured size."""
    with project.store.read() as tx:
        frame = frames.current(tx)
    if frame is not None:
        return frame
    with project.store.write() as tx:
        lease.check(tx)
        return frames.current(tx) or open_audit_frame(tx, project, pool)


def open_audit_frame(tx: sa.Connection, project: Project, pool: Pool) -> AuditFrame:
    """Draw a new audit of the configured size, from what nobody was asked, labelled or wrote functions on."""
    salt = secrets.token_hex(16)
    picked = read_people(tx, project.schema).is_picked(pool.items.digests)
    outside = picked | never_audited(project, pool)
    rate = rate_left(pool.items, outside, salt, project.config.routing.audit)
    return frames.open_frame(tx, salt, rate)


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
    proba = learn(learner, gold.labels, gold.confidence)
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
    return Challenger(scorer, scores, critical, entry, learner, gold, uniform, answered)


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
    if choose:
        made = challenger.learner, challenger.scores
        batch, frame = choose_batch(project, pool, people, frame, *made, number, challenger.answered)
    routes = route_pool(project, pool, people, batch, challenger, released)
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
        "plan": audit_outlook(project, pool, people, batch, challenger),
        **advice.summary,
    }
    with project.store.write() as tx:
        lease.check(tx)
        if choose:
            record_batch(tx, batch, number)
            frames.raise_rate(tx, frame.rate)
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
    outside = _mask(pool.items.digests, people.picked | batch.picked) | never_audited(project, pool)
    clusters = Clusters(*pool.items.cluster_groups)
    population = int((~clusters.any(outside)).sum())
    able = clusters.all(pool.applied.votes.covered & ~challenger.critical.mask & ~outside)
    if not able.any():
        return "nothing could be accepted yet: every text is critical, without a vote or in front of people"
    audited = round(min(1.0, routing.audit / population) * int(able.sum()))
    errors = 1 - clusters.least(challenger.scores.confidence)[able]
    delta = delta_share(routing.delta, 1)
    return plan_audit(routing.promise, errors, population, audited, routing.alpha, delta).describe()


def route_pool(
    project: Project, pool: Pool, people: People, batch: Batch, challenger: Challenger, released: Released
) -> list[Route]:
    """Route every item; one that a person or the config labelled is given out with that label."""
    digests = pool.items.digests
    index = project.schema.index
    labels = challenger.scores.labels.copy()
    for i, digest in enumerate(digests):
        labels[i] = index.get(released.labels.get(digest, ""), labels[i])
    standing = Standing(
        votes=pool.applied.votes,
        labels=labels,
        confidence=challenger.scores.proba[np.arange(len(labels)), labels],
        critical=challenger.critical,
        queued=_mask(digests, people.picked | batch.picked),
        dev=pool.dev,
        champion=released.certificate,
        covered=_mask(digests, released.covered),
        accepted=_mask(digests, released.labels.keys()),
    )
    routes = route(standing, project.schema.names)
    known = seed_gold(project, pool)
    for i, digest in enumerate(digests):
        answered = people.gold.get(digest)
        if answered is not None and answered.label is not None:
            routes[i] = Route(Decision.ACCEPT, f"{' and '.join(answered.annotators)} said {answered.label}")
        elif known[i] != ABSTAIN:
            routes[i] = Route(Decision.ACCEPT, f"known to be {project.schema.names[known[i]]}")
    return routes


def _mask(digests: npt.NDArray[np.object_], members: Container[str]) -> Bools:
    return np.fromiter((d in members for d in digests), dtype=bool, count=len(digests))


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
    audit = standing_audit(pool.items, people, frame, never_audited(project, pool), project.schema)
    remarks = turn.summary.get("remarks", [])  # rounds of former versions have none
    return RoundReport(
        round=turn.number,
        rows=pool.items.n_rows,
        items=len(pool),
        covered=int(pool.applied.votes.covered.sum()),
        calls={"ran": pool.applied.ran, "cached": pool.applied.cached},
        routes=turn.summary["routes"],
        gold=sum(g.label is not None for g in people.gold.values()),
        certificate=released.told,
        audit=audit_status(audit, pool.items, people).to_dict(),
        plan=turn.summary["plan"],
        stopping=turn.summary.get("stopping"),
        forecast=turn.summary.get("forecast"),
        remark="; ".join(remarks) or None,
        remarks=remarks,
        faults=sum(r.faults for r in pool.applied.runs),
        unasked={r.name: r.unasked for r in pool.applied.runs if r.unasked},
        repeated=repeated,
    )

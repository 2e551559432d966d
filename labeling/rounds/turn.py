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

from labeling.certificates.audit import rate_for
from labeling.certificates.units import Clusters
from labeling.pool import Pool, load_pool, pool_features, seed_gold
from labeling.pool.audit import audit_order, audit_status, standing_audit
from labeling.pool.people import People, read_people
from labeling.pool.releases import Released, read_released
from labeling.project import Project
from labeling.rounds.batches import Batch, choose_batch, new_sizes
from labeling.routing import CriticalReasons, Route, Standing, critical_reasons, route
from labeling.scoring import Scores, label_model_scores, learn, score_table, scorer_id
from labeling.store import (
    AuditFrame,
    ManifestEntry,
    Round,
    frames,
    intents,
    manifest,
    rounds,
    tasks,
)
from labeling.types import ABSTAIN, Bools, Decision, Lane, Learner, digest_of

REPRIORITISE = "reprioritise"


@dataclass(frozen=True)
class RoundReport:
    """What a round came to; ``certificate`` is the one in force, ``audit`` what the next one lacks."""

    round: int
    rows: int
    items: int
    covered: int
    calls: dict[str, int]
    routes: dict[str, int]
    gold: int
    certificate: dict[str, Any] | None
    audit: dict[str, Any]
    remark: str | None
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


def run_round(project: Project) -> RoundReport:
    """Do one round; with inputs that a former round had, that round is given back and nothing is written.

    Raises
    ------
    InputError
        Of the data or the functions.
    """
    pool = load_pool(project)
    frame = audit_frame(project, pool)
    with project.store.read() as tx:
        people = read_people(tx, project.schema)
        released = read_released(project, tx)
        inputs = round_inputs(project, pool, people, frame, released)
        former = rounds.find(tx, inputs)
    turn = former or _turn(project, pool, people, frame, released, inputs)
    return _report(project, pool, frame, released, turn, repeated=former is not None)


def audit_frame(project: Project, pool: Pool) -> AuditFrame:
    """Give the audit frame in force; the first is opened at a rate that makes the configured size."""
    with project.store.read() as tx:
        frame = frames.current(tx)
    return frame or open_audit_frame(project, pool, secrets.token_hex(16))


def open_audit_frame(project: Project, pool: Pool, salt: str) -> AuditFrame:
    """Draw a new audit of the configured size."""
    rate = rate_for(salt, pool.items.clusters.tolist(), project.config.routing.audit)
    with project.store.write() as tx:
        return frames.open_frame(tx, salt, rate)


def topped_up_rate(project: Project, pool: Pool, people: People, batch: Batch, frame: AuditFrame) -> float:
    """Give the rate at which the audit has its configured size again, after review picked some of it.

    Selection knows nothing of the hashes, so the first ones by hash among the items that it left are a
    uniform sample of those.
    """
    picked = people.picked | batch.picked
    outside = np.fromiter((d in picked for d in pool.items.digests), dtype=bool, count=len(pool))
    outside |= seed_gold(project, pool) != ABSTAIN
    clusters = Clusters.of(pool.items.clusters)
    left = clusters.names[~clusters.any(outside)].tolist()
    return max(frame.rate, rate_for(frame.salt, left, project.config.routing.audit))


def training_gold(project: Project, pool: Pool, people: People) -> npt.NDArray[np.int8]:
    """Labels that the learner may see, shape (n,), -1 without: review answers, then known ones; no audit."""
    answered = people.labels(pool.items.digests, project.schema, Lane.REVIEW)
    return np.where(answered != ABSTAIN, answered, seed_gold(project, pool))


def round_inputs(project: Project, pool: Pool, people: People, frame: AuditFrame, released: Released) -> str:
    """Digest all that a round depends on."""
    config = project.config
    parts = (config.label_model, config.learner, config.routing, config.active, config.gold)
    return digest_of(
        pool.items.digest,
        pool.applied.digest,
        project.schema.version,
        [part.model_dump() if part else None for part in parts],
        {name: chosen.model_dump() for name, chosen in config.slices.items()},
        people.review_digest(),
        [frame.number, frame.salt],
        released.certificate,
    )


def challenge(project: Project, pool: Pool, people: People) -> Challenger:
    """Train a scorer on votes and review answers, and keep what it says as a score table."""
    config, items, votes = project.config, pool.items, pool.applied.votes
    seed = config.label_model.seed
    gold = training_gold(project, pool, people)
    posterior, weights, remark = label_model_scores(config.label_model.kind, votes, seed)
    learner = project.learner(seed=seed)
    learner.start(pool_features(project, items, learner), votes)
    scores = Scores(learn(learner, gold), posterior, weights, remark)
    critical = critical_reasons(
        votes, scores.proba, project.schema.critical, pool.slices, config.routing.critical_floor
    )
    parts = [
        pool.applied.digest,
        config.label_model.model_dump(),
        learner.feature_space_id,
        digest_of(items.digests.tolist()),
        digest_of(gold.tolist()),
        seed,
    ]
    scorer = scorer_id(project.schema, parts)
    eligible = votes.covered & ~critical.mask
    table = score_table(items.digests.tolist(), items.clusters.tolist(), scores, eligible, project.schema)
    entry = project.artifacts.write("scores", table, key=scorer)
    return Challenger(scorer, scores, critical, entry, learner)


def _turn(
    project: Project, pool: Pool, people: People, frame: AuditFrame, released: Released, inputs: str
) -> Round:
    challenger = challenge(project, pool, people)
    with project.store.read() as tx:
        latest = rounds.latest(tx)
    number = latest.number + 1 if latest else 1
    batch = _batch(project, pool, people, frame, challenger, number)
    routes = route_pool(project, pool, people, batch, challenger, released)
    decisions = Counter(r.decision for r in routes)
    table = pa.table(
        {
            "digest": pool.items.digests.tolist(),
            "decision": [str(r.decision) for r in routes],
            "reason": [r.reason for r in routes],
        }
    )
    entry = project.artifacts.write("routes", table, key=inputs)
    summary = {"routes": {str(d): decisions[d] for d in Decision}, "remark": challenger.scores.remark}
    rate = topped_up_rate(project, pool, people, batch, frame)
    with project.store.write() as tx:
        record_batch(tx, batch, number)
        frames.raise_rate(tx, rate)
        manifest.record(tx, challenger.table)
        manifest.record(tx, entry)
        return rounds.record(
            tx, inputs=inputs, scorer=challenger.scorer, score_table=challenger.table.digest, summary=summary
        )


def _batch(
    project: Project, pool: Pool, people: People, frame: AuditFrame, challenger: Challenger, number: int
) -> Batch:
    seeded = seed_gold(project, pool) != ABSTAIN
    audit = standing_audit(pool.items, people, frame, seeded, project.schema)
    waiting = audit_order(audit, pool.items, people, frame.salt)
    return choose_batch(
        learner=challenger.learner,
        items=pool.items,
        scores=challenger.scores,
        people=people,
        seeded=seeded,
        audit_order=waiting,
        sizes=new_sizes(project.config.active.batch, len(people.open_review), len(waiting)),
        salt=frame.salt,
        round_number=number,
        schema=project.schema,
    )


def route_pool(
    project: Project, pool: Pool, people: People, batch: Batch, challenger: Challenger, released: Released
) -> list[Route]:
    """Route every item; one that a person or the config labelled is given out with that label."""
    digests = pool.items.digests
    standing = Standing(
        votes=pool.applied.votes,
        labels=challenger.scores.labels,
        confidence=challenger.scores.confidence,
        critical=challenger.critical,
        queued=_mask(digests, people.picked | batch.picked),
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
    seeded = seed_gold(project, pool) != ABSTAIN
    audit = standing_audit(pool.items, people, frame, seeded, project.schema)
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
        remark=turn.summary["remark"],
        repeated=repeated,
    )

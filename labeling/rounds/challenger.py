"""The scorer that a round trains: what votes, texts and review answers say of every item."""

from __future__ import annotations

from dataclasses import dataclass

from labeling.pool import Pool
from labeling.pool.learning import start_learner
from labeling.pool.people import People
from labeling.pool.training import pool_gold
from labeling.project import Project
from labeling.rounds.advice import uniform_answers, uniform_rows
from labeling.rounds.grouped import group_doubts
from labeling.rounds.repeats import Answered, hold_out_answers
from labeling.rounds.routes import text_labels
from labeling.routing import CriticalReasons, critical_reasons
from labeling.scoring import Scores, learn, most_probable, score_table, scorer_id
from labeling.store import ManifestEntry
from labeling.types import Codes, Learner, PoolGold, UniformAnswers, digest_of


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

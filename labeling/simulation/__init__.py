"""Replaying the loop with a gold column as the people, against active learning alone and random choice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from itertools import product
from typing import Any

import numpy as np
import numpy.typing as npt

from labeling.certificates import Outcome, Terms, certify
from labeling.certificates.audit import keyed_hashes, rate_for, standing_sample
from labeling.certificates.guarantee import error_budget
from labeling.certificates.units import Audit, Clusters
from labeling.pool import Pool, load_pool, pool_features
from labeling.project import Project
from labeling.routing import critical_mask
from labeling.scoring import learn
from labeling.simulation.curves import Point, mean_curve
from labeling.simulation.people import SimulatedPeople
from labeling.types import ABSTAIN, Bools, Floats, Ints, Lane, Learner, ReviewTask, VoteMatrix


@dataclass(frozen=True)
class Simulation:
    """Curves by way of choosing, each a list of steps averaged over seeds.

    ``violations`` is the share of seeds whose last certificate accepts more wrong labels than it promises,
    None without an audit.
    """

    curves: dict[str, list[dict[str, Any]]] = field(repr=False)
    violations: float | None
    seeds: int
    rows: int
    items: int
    gold_conflicts: int

    def to_dict(self) -> dict[str, Any]:
        """Give a JSON-ready mapping."""
        return asdict(self)


@dataclass(frozen=True)
class Arm:
    """One way to spend answers: with or without votes, chosen by a strategy, with or without an audit."""

    name: str
    votes: bool
    strategy: str
    audited: bool


ARMS = (
    Arm("quorum", votes=True, strategy="auto", audited=True),
    Arm("active_only", votes=False, strategy="auto", audited=False),
    Arm("random", votes=True, strategy="random", audited=False),
)


def simulate(
    project: Project,
    *,
    gold: str,
    labels: int,
    batch: int | None = None,
    seeds: int = 1,
    audit: int | None = None,
) -> Simulation:
    """Replay the loop: every answer comes from the column ``gold``.

    One answer labels all rows of its item and counts as one label. ``active_only`` is the same learner
    without votes, ``random`` the same learner with votes and items drawn uniformly; neither spends answers
    on an audit. The certificate of each step is the one that a first test there would give.

    Parameters
    ----------
    gold : str
        Column of class names; no voter sees it.
    labels : int
        Answers in all, of both lanes.
    batch : int, optional
        Answers per round; default ``active.batch``.
    seeds : int
        Repetitions with other random choices.
    audit : int, optional
        How many of the answers go to the audit; default ``routing.audit``, at most half of the answers.

    Raises
    ------
    InputError
        Of the data; ``gold`` is no column of it or holds other names than the classes.
    """
    pool = load_pool(project, held_out=(gold,))
    per_round = batch or project.config.active.batch
    audits = min(labels // 2, project.config.routing.audit) if audit is None else min(audit, labels)
    features = pool_features(project, pool.items, project.learner(seed=0))
    runs: dict[str, list[list[Point]]] = {arm.name: [] for arm in ARMS}
    broken = []
    for done, (seed, arm) in enumerate(product(range(seeds), ARMS), 1):
        replay = Replay(project, pool, features, arm, seed, audits if arm.audited else 0)
        points, violated = replay.run(labels, per_round)
        runs[arm.name].append(points)
        broken += [violated] if arm.audited and audits else []
        project.progress("simulation", done, seeds * len(ARMS))
    return Simulation(
        curves={name: mean_curve(points) for name, points in runs.items()},
        violations=float(np.mean(broken)) if broken else None,
        seeds=seeds,
        rows=pool.items.n_rows,
        items=len(pool),
        gold_conflicts=pool.known.conflicts if pool.known else 0,
    )


@dataclass
class Replay:
    """One run of one arm: answers come from simulated people through the review port."""

    project: Project
    pool: Pool
    features: npt.NDArray[np.float32] = field(repr=False)
    arm: Arm
    seed: int
    audits: int

    def __post_init__(self) -> None:
        n, k = len(self.pool), len(self.project.schema)
        self._clusters = Clusters.of(self.pool.items.clusters)
        self._salt = f"simulation {self.seed}"
        self._known = self.pool.score_gold != ABSTAIN
        self._apart = ~self._known | self.pool.dev
        names, answerable = self._clusters.names, ~self._clusters.any(self._apart)
        rate = rate_for(self._salt, names[answerable].tolist(), self.audits)
        self._drawn = standing_sample(self._salt, names.tolist(), rate)
        self._reviewed = np.full(n, ABSTAIN, dtype=np.int8)
        self._picked = np.zeros(n, dtype=bool)
        self._answers = np.full(n, ABSTAIN, dtype=np.int8)
        full = self.pool.applied.votes
        empty = VoteMatrix(np.empty((n, 0), dtype=np.int8), (), k)
        self._votes = full if self.arm.votes else empty

    def run(self, labels: int, per_round: int) -> tuple[list[Point], bool]:
        """Give the steps of the run, and whether its last certificate promises too much."""
        people = SimulatedPeople(self._gold_names())
        learner = self._started_learner()
        proba = learn(learner, self._reviewed)
        points, spent, violated, cursor = [], 0, False, ""
        while spent < labels:
            tasks = self._choose(learner, min(per_round, labels - spent), -(-labels // per_round))
            if not tasks:
                break
            people.push(tasks)
            pull = people.pull(cursor)
            cursor = pull.cursor
            self._take({a.task_id: a.label for a in pull.annotations}, tasks)
            spent += len(tasks)
            proba = learn(learner, self._reviewed)
            point, violated = self._measure(proba, spent)
            points.append(point)
        return points, violated

    def _gold_names(self) -> dict[str, str]:
        names = self.project.schema.names
        codes = self.pool.score_gold
        digests = self.pool.items.digests
        return {str(digests[i]): names[codes[i]] for i in np.flatnonzero(codes != ABSTAIN)}

    def _started_learner(self) -> Learner:
        learner = self.project.learner(seed=self.seed, strategy=self.arm.strategy)
        learner.start(self.features, self._votes)
        return learner

    def _choose(self, learner: Learner, size: int, n_rounds: int) -> list[ReviewTask]:
        """Give exactly ``size`` tasks, fewer only where the pool is used up."""
        audit_share = min(-(-self.audits // n_rounds), len(self._audit_waiting()), size)
        review = self._pick(learner, size - audit_share)
        audit = self._audit_waiting()[: size - len(review)].tolist()
        # What selection picks may leave the audit, whose place selection has to fill.
        while lacking := size - len(review) - len(audit):
            picked = self._pick(learner, lacking)
            if not picked:
                break
            review = review + picked
            audit = self._audit_waiting()[: size - len(review)].tolist()
        return [self._task(i, Lane.REVIEW) for i in review] + [self._task(i, Lane.AUDIT) for i in audit]

    def _pick(self, learner: Learner, size: int) -> list[int]:
        """Pick items for review; what the auditors answered already counts at once and costs no answer."""
        review: list[int] = []
        while len(review) < size:
            chosen = learner.query(size - len(review), np.flatnonzero(~self._picked & self._known)).indices
            if not len(chosen):
                break
            self._picked[chosen] = True
            answered = chosen[self._answers[chosen] != ABSTAIN]
            self._reviewed[answered] = self._answers[answered]
            review += chosen[self._reviewed[chosen] == ABSTAIN].tolist()
        return review

    def _audit(self) -> Audit:
        return Audit(self._clusters, self._drawn, self._picked | self._apart, self._answers)

    def _audit_waiting(self) -> Ints:
        waiting = np.flatnonzero(self._audit().item_members & (self._answers == ABSTAIN))
        hashes = keyed_hashes(self._salt, self.pool.items.clusters[waiting].tolist())
        return np.asarray(waiting[np.argsort(hashes, kind="stable")])

    def _task(self, i: int, lane: Lane) -> ReviewTask:
        digest = str(self.pool.items.digests[i])
        row_id = self.pool.items.row_of_item(i)
        return ReviewTask(digest, digest, row_id, {}, lane, round=0, priority=0.0)

    def _take(self, answers: dict[str, str | None], tasks: Sequence[ReviewTask]) -> None:
        index = self.project.schema.index
        row_of = {digest: i for i, digest in enumerate(self.pool.items.digests)}
        for task in tasks:
            label = answers[task.task_id]
            if label is not None:
                target = self._reviewed if task.lane == Lane.REVIEW else self._answers
                target[row_of[task.digest]] = index[label]

    def _measure(self, proba: Floats, spent: int) -> tuple[Point, bool]:
        """Score the present labels over rows: a person's where there is one, else the machine's."""
        machine = np.asarray(proba.argmax(axis=1), dtype=np.int8)
        human = np.where(self._reviewed != ABSTAIN, self._reviewed, self._answers)
        final = np.where(human != ABSTAIN, human, machine)
        row_item, known = self.pool.items.row_item, self._known_rows != ABSTAIN
        right = final[row_item] == self._known_rows
        audit = self._audit()
        eligible = self._eligible(proba)
        outcome = self._certify(audit, machine, proba.max(axis=1), eligible) if self.audits else None
        accepted = outcome.accepted[self._clusters.unit] if outcome else np.zeros(len(machine), dtype=bool)
        point = Point(
            labels=spent,
            accuracy=float(right[known].mean()),
            accepted=float(accepted[row_item].mean()),
            accepted_error=float((accepted[row_item] & known & ~right).mean()),
            oracle_accepted=self._hindsight(audit, machine, proba.max(axis=1), eligible),
        )
        return point, self._violates(audit, accepted, machine)

    @property
    def _known_rows(self) -> npt.NDArray[np.int8]:
        """Gold of each row, shape (n_rows,), -1 without; an item's rows may differ in it."""
        assert self.pool.known is not None
        return self.pool.known.rows

    def _eligible(self, proba: Floats) -> Bools:
        floor = self.project.config.routing.critical_floor
        critical = critical_mask(self._votes, proba, self.project.schema.critical, self.pool.slices, floor)
        return np.asarray(self._votes.covered & ~critical & (self.pool.score_gold != ABSTAIN))

    def _certify(
        self, audit: Audit, machine: npt.NDArray[np.int8], confidence: Floats, eligible: Bools
    ) -> Outcome:
        """Test on the audit answers given so far: a prefix of the hash order is a uniform sample, too."""
        answered = replace(audit, drawn=audit.members & audit.answered)
        routing = self.project.config.routing
        units = answered.units(machine, confidence, eligible, self.project.schema.critical)
        promise, population = routing.promise, audit.population
        terms = Terms(promise, routing.alpha, routing.delta, population, 1, 1, "", "", ("simulated",))
        return certify(units, terms)

    def _violates(self, audit: Audit, accepted: Bools, machine: npt.NDArray[np.int8]) -> bool:
        wrong = self._clusters.any(accepted & (machine != self.pool.score_gold))
        return int(wrong.sum()) > error_budget(self.project.config.routing.alpha, audit.population)

    def _hindsight(
        self, audit: Audit, machine: npt.NDArray[np.int8], confidence: Floats, eligible: Bools
    ) -> float:
        """Share of rows that somebody who knows the wrong labels could accept, safest first."""
        free = np.flatnonzero(eligible & ~audit.outside & (self._answers == ABSTAIN))
        order = free[np.argsort(-confidence[free], kind="stable")]
        wrong = np.cumsum(machine[order] != self.pool.score_gold[order])
        budget = error_budget(self.project.config.routing.alpha, audit.population)
        inside = np.zeros(len(machine), dtype=bool)
        inside[order[: np.searchsorted(wrong, budget, side="right")]] = True
        return float(inside[self.pool.items.row_item].mean())

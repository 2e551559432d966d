"""One run of one arm: items are chosen, simulated people answer, the learner learns, until all is spent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from threadpoolctl import threadpool_limits

from labeling.scoring import learn
from labeling.simulation.arms import Arm
from labeling.simulation.curves import Point
from labeling.simulation.lanes import Lanes
from labeling.simulation.measures import Step
from labeling.simulation.people import SimulatedPeople
from labeling.simulation.setting import Setting
from labeling.types import ABSTAIN, Floats, digest_of

HOUR = 3600.0


@dataclass(frozen=True)
class Run:
    """What there is to do once: an arm with the seed of its random choices."""

    arm: Arm
    seed: int

    def key(self, setting: Setting) -> str:
        """Digest all that the outcome depends on."""
        return digest_of("run", setting.digest, vars(self.arm), self.seed)


@dataclass(frozen=True)
class Outcome:
    """The steps of a run, and whether its last certificate promises too much."""

    points: tuple[Point, ...] = field(repr=False)
    violated: bool


def replay(setting: Setting, run: Run) -> Outcome:
    """Do a run, on one thread: sums in another order would change what is chosen with the machine."""
    with threadpool_limits(1):
        return Replay(setting, run).outcome()


class Replay:
    """A run under way; ``people`` answer through the review port, and ``proba`` is what the learner says."""

    def __init__(self, setting: Setting, run: Run) -> None:
        self._setting, self._arm, plan = setting, run.arm, setting.plan
        self._lanes = Lanes(setting, run.seed, plan.audits if run.arm.audited else 0)
        self._audit_share = -(-self._lanes.audits // -(-plan.labels // plan.per_round))
        truth = zip(setting.digests.tolist(), setting.gold.tolist(), strict=True)
        names = setting.schema.names
        gold = {digest: names[code] for digest, code in truth if code != ABSTAIN}
        self._people = SimulatedPeople(gold, names, setting.habits, run.seed)
        self._learner = setting.started_learner(run.arm, run.seed)
        self._proba = learn(self._learner, self._lanes.reviewed)
        self._cursor, self._seconds = "", 0.0

    def outcome(self) -> Outcome:
        """Spend all answers, or as many as the pool has items, and measure after each round."""
        points, violated = [], False
        for spent, step in self.steps():
            point, violated = step.measure(spent, self._seconds / HOUR)
            points.append(point)
        return Outcome(tuple(points), violated)

    def steps(self) -> Iterator[tuple[int, Step]]:
        """Spend the answers round by round; after each, give how many were spent and where the run stands."""
        plan, spent = self._setting.plan, 0
        while spent < plan.labels:
            answered = self._ask(min(plan.per_round, plan.labels - spent))
            if not answered:
                break
            spent += answered
            self._proba = learn(self._learner, self._lanes.reviewed)
            yield spent, Step(self._setting, self._lanes, self._setting.votes_of(self._arm), self._proba)

    def _ask(self, size: int) -> int:
        """Ask until ``size`` items are labelled; what everybody skips is made up for by other items."""
        answered, audits = 0, self._audit_share
        while answered < size:
            review, audit = self._lanes.choose(self._learner, size - answered, audits)
            if not review and not audit:
                break
            answered += self._asked(review, audit)
            audits = 0
        return answered

    def _asked(self, review: list[int], audit: list[int]) -> int:
        self._people.push(self._lanes.tasks(review, audit, self._suggested))
        pull = self._people.pull(self._cursor)
        self._cursor = pull.cursor
        self._seconds += sum(a.seconds or 0.0 for a in pull.annotations)
        return self._lanes.take(pull.annotations, review, audit)

    @property
    def _suggested(self) -> Floats | None:
        return None if self._arm.baseline else np.asarray(self._proba)

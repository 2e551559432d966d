"""What a step of a run came to: accuracy, calibration, what a certificate would accept, and hindsight."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from labeling.calibration.reliability import calibration_error
from labeling.certificates import Outcome, Terms, certify
from labeling.certificates.guarantee import error_budget
from labeling.certificates.units import Audit
from labeling.routing import critical_mask
from labeling.simulation.curves import Point
from labeling.simulation.lanes import Lanes
from labeling.simulation.setting import Setting
from labeling.types import ABSTAIN, Bools, Codes, Floats, VoteMatrix

LEAST_PROBABILITY = 1e-6
"""What the truth has at least where log-loss is measured: one sure mistake is not all that counts."""


@dataclass(frozen=True)
class Step:
    """Where a run stands: what was answered, and what the machine says.

    Parameters
    ----------
    setting : Setting
    lanes : Lanes
    votes : VoteMatrix
        Those that the arm sees.
    proba : array, shape (n, k)
    """

    setting: Setting
    lanes: Lanes
    votes: VoteMatrix
    proba: Floats = field(repr=False)

    @property
    def machine(self) -> Codes:
        """The most probable class of each item, shape (n,)."""
        return np.asarray(self.proba.argmax(axis=1), dtype=np.int8)

    @property
    def confidence(self) -> Floats:
        """Its probability, shape (n,)."""
        return np.asarray(self.proba.max(axis=1))

    def measure(self, labels: int, hours: float) -> tuple[Point, bool]:
        """Score the present labels over rows, and tell whether the certificate of now promises too much."""
        setting, audit = self.setting, self.lanes.audit
        known, right, eligible = setting.row_gold != ABSTAIN, self._right_rows(), self._eligible()
        outcome = self._certify(eligible) if self.lanes.audits else None
        nothing = np.zeros(len(setting), dtype=bool)
        accepted = outcome.accepted[setting.clusters.unit] if outcome else nothing
        taken = accepted[setting.row_item]
        ece, log_loss = self._calibration()
        point = Point(
            labels=labels,
            accuracy=float(right[known].mean()),
            accepted=float(taken.mean()),
            accepted_error=float((taken & known & ~right).mean()),
            oracle_accepted=self._hindsight(audit, eligible),
            ece=ece,
            log_loss=log_loss,
            hours=hours,
        )
        return point, self._violates(audit, accepted)

    def _right_rows(self) -> Bools:
        """Mask, shape (n_rows,): rows whose label is the truth, a person's where there is one."""
        human = self.lanes.human
        final = np.where(human != ABSTAIN, human, self.machine)
        return np.asarray(final[self.setting.row_item] == self.setting.row_gold)

    def _calibration(self) -> tuple[float | None, float | None]:
        unlabelled = (self.lanes.human == ABSTAIN)[self.setting.row_item]
        rows = np.flatnonzero(unlabelled & (self.setting.row_gold != ABSTAIN))
        if not len(rows):
            return None, None
        truth, items = self.setting.row_gold[rows], self.setting.row_item[rows]
        error = calibration_error(self.confidence[items], self.machine[items] == truth, np.ones(len(rows)))
        likely = np.maximum(self.proba[items, truth], LEAST_PROBABILITY)
        return error, float(-np.log(likely).mean())

    def _eligible(self) -> Bools:
        setting, floor = self.setting, self.setting.routing.critical_floor
        critical = critical_mask(self.votes, self.proba, setting.schema.critical, setting.slices, floor)
        return np.asarray(self.votes.covered & ~critical & setting.known)

    def _certify(self, eligible: Bools) -> Outcome:
        audit, routing = self.lanes.audit_so_far, self.setting.routing
        units = audit.units(self.machine, self.confidence, eligible, self.setting.schema.critical)
        promise, population = routing.promise, audit.population
        terms = Terms(promise, routing.alpha, routing.delta, population, 1, 1, "", "", ("simulated",))
        return certify(units, terms)

    def _violates(self, audit: Audit, accepted: Bools) -> bool:
        wrong = audit.clusters.any(accepted & (self.machine != self.setting.gold))
        return int(wrong.sum()) > error_budget(self.setting.routing.alpha, audit.population)

    def _hindsight(self, audit: Audit, eligible: Bools) -> float:
        """Share of rows that somebody who knows the wrong labels could accept, safest first."""
        free = np.flatnonzero(eligible & ~audit.outside & (self.lanes.audited == ABSTAIN))
        order = free[np.argsort(-self.confidence[free], kind="stable")]
        wrong = np.cumsum(self.machine[order] != self.setting.gold[order])
        budget = error_budget(self.setting.routing.alpha, audit.population)
        inside = np.zeros(len(self.setting), dtype=bool)
        inside[order[: np.searchsorted(wrong, budget, side="right")]] = True
        return float(inside[self.setting.row_item].mean())

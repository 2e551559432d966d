"""What a step of a run came to: accuracy, calibration, what a certificate would accept, and hindsight."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

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

ROUNDING = 1e-9
"""So that .29 of 100 is 29."""


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
        known, right, eligible = setting.row_gold != ABSTAIN, self._right_rows(), self.eligible()
        outcome = self.certify(eligible, setting.routing.promise) if self.lanes.audits else None
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
        return point, self._violates(accepted)

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

    def eligible(self) -> Bools:
        """Mask, shape (n,): items whose label may be accepted by machine."""
        setting, floor = self.setting, self.setting.routing.critical_floor
        critical = critical_mask(self.votes, self.proba, setting.schema.critical, setting.slices, floor)
        return np.asarray(self.votes.covered & ~critical & setting.known)

    def certify(self, eligible: Bools, promise: str) -> Outcome:
        """Test a promise on the audit so far, as the first test of its frame."""
        audit, routing = self.lanes.audit_so_far, self.setting.routing
        units = audit.units(self.machine, self.confidence, eligible, self.setting.schema.critical)
        terms = Terms(promise, routing.alpha, routing.delta, audit.population, 1, 1, "", "", ("simulated",))
        return certify(units, replace(terms, looks=routing.looks))

    def wrong_units(self, accepted: Bools, truth: Codes) -> int:
        """Count the audit units of accepted items, shape (n,), that have another label than the truth."""
        return int(self.setting.clusters.any(accepted & (self.machine != truth)).sum())

    def room(self, promise: str, accepted: Bools) -> int:
        """Give how many of the accepted units may be wrong under a promise."""
        audit = self.lanes.audit
        among = audit.population if promise == "dataset" else int(audit.clusters.any(accepted).sum())
        return error_budget(self.setting.routing.alpha, among)

    def _violates(self, accepted: Bools) -> bool:
        wrong = self.wrong_units(accepted, self.setting.gold)
        return wrong > self.room(self.setting.routing.promise, accepted)

    def _hindsight(self, audit: Audit, eligible: Bools) -> float:
        """Share of rows that somebody who knows the wrong labels could accept, safest first."""
        free = np.flatnonzero(eligible & ~audit.outside & (self.lanes.audited == ABSTAIN))
        order = free[np.argsort(-self.confidence[free], kind="stable")]
        wrong = np.cumsum(self.machine[order] != self.setting.gold[order])
        routing, sizes = self.setting.routing, np.arange(1, len(order) + 1)
        among = np.full(len(order), audit.population) if routing.promise == "dataset" else sizes
        kept = np.flatnonzero(wrong <= routing.alpha * among + ROUNDING)
        inside = np.zeros(len(self.setting), dtype=bool)
        inside[order[: kept[-1] + 1 if len(kept) else 0]] = True
        return float(inside[self.setting.row_item].mean())

"""What an audit will probably bring, said before people start; steers effort, never validity."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from labeling.certificates.guarantee import acceptable_wrong, chance_of_few, error_budget
from labeling.certificates.selective import allowed_wrong
from labeling.types import Floats

POWER = 0.8
GOAL = 0.9


@dataclass(frozen=True)
class AuditPlan:
    """What an audit of a given size is predicted to bring.

    Attributes
    ----------
    audited : int
        Units that could be accepted and that people answer.
    allowed : int or None
        How many of them may be wrong: among all for the promise ``dataset``, among the ``goal`` safest for
        ``selective``; None where nothing could be accepted.
    goal : int
        Units, audited ones included, that nine tenths of hindsight would accept.
    accepted : int
        Unaudited units predicted to be accepted.
    power : float
        Probability, in [0, 1], of accepting ``goal``.
    needed : int
        Audited units at which ``power`` reaches .8; all that could be accepted where no fewer do.
    """

    audited: int
    allowed: int | None
    goal: int
    accepted: int
    power: float
    needed: int

    @property
    def missing(self) -> int:
        """Audited units still to be planned for a power of .8."""
        return 0 if self.power >= POWER else max(self.needed - self.audited, 0)

    def describe(self, wider: float = 1.0) -> str:
        """Say in words what the size brings and what is missing.

        Parameters
        ----------
        wider : float
            How many texts are audited for one that could be accepted, from 1.
        """
        said = self._said()
        if wider == 1.0 or self.goal == 0 or not self.missing:
            return said
        return f"{said}: a `routing.audit` of about {math.ceil(self.needed * wider):,}"

    def _said(self) -> str:
        if self.goal == 0:
            return "no audit would help yet: even the safest labels are predicted to be wrong too often"
        if self.allowed is None:
            return f"{self.audited:,} audit answers prove nothing yet; about {self.needed:,} would be enough"
        if self.accepted == 0:
            return (
                f"with {self.audited:,} audit answers probably nothing could be accepted; "
                f"about {self.needed:,} would be enough"
            )
        brings = (
            f"with {self.audited:,} audit answers, up to {self.allowed:,} of them wrong, about "
            f"{self.accepted:,} labels would be accepted by machine (power {self.power:.0%})"
        )
        return f"{brings}; {self.missing:,} more answers bring it to {POWER:.0%}" if self.missing else brings


def plan_audit(
    promise: str, errors: Floats, population: int, audited: int, alpha: float, delta: float
) -> AuditPlan:
    """Predict what an audit brings.

    Parameters
    ----------
    promise : str
        ``dataset`` or ``selective``.
    errors : array, shape (top,)
        Predicted probability, in [0, 1], that the label is wrong, for each unit that could be accepted.
    population : int
        Units of the data set, at least ``top``.
    audited : int
        Audit units among the ``top``; an audit of the whole population has ``top / population`` of its
        units there.
    alpha, delta : float
        The promise and the share of delta that the test will spend, in (0, 1).
    """
    errors = np.sort(errors)
    if promise == "dataset":
        return _plan_dataset(errors, error_budget(alpha, population), audited, delta)
    return _plan_selective(errors, audited, alpha, delta)


def _plan_dataset(errors: Floats, budget: int, audited: int, delta: float) -> AuditPlan:
    top, cumulative = len(errors), np.cumsum(errors)
    goal = int(GOAL * np.searchsorted(cumulative, budget, side="right"))
    power = _dataset_power(cumulative, goal, budget, delta)
    allowed = acceptable_wrong(top, audited, budget, delta)
    accepted = _before_failures(cumulative, audited, allowed)
    return AuditPlan(audited, allowed, goal, accepted, power(audited), _enough(power, top))


def _plan_selective(errors: Floats, audited: int, alpha: float, delta: float) -> AuditPlan:
    top, cumulative = len(errors), np.cumsum(errors)
    ranks = np.arange(1, top + 1)
    within = np.flatnonzero(cumulative <= alpha * ranks)
    goal = int(GOAL * (within[-1] + 1)) if len(within) else 0
    if goal == 0:
        return AuditPlan(audited, None, 0, 0, 0.0, top)

    power = _selective_power(cumulative, goal, alpha, delta)
    prefixes = _prefixes(top)
    likely = [m for m in prefixes if _selective_power(cumulative, m, alpha, delta)(audited) >= 0.5]
    accepted = round(max(likely, default=0) * (1 - audited / top))
    allowed = allowed_wrong(goal, round(audited * goal / top), alpha, delta)
    return AuditPlan(audited, allowed, goal, accepted, power(audited), _enough(power, top))


def enough_for_share(
    promise: str, errors: Floats, population: int, share: float, alpha: float, delta: float
) -> int | None:
    """Give the audit of the whole population that is predicted to accept a share of what could be accepted.

    Parameters
    ----------
    errors : array, shape (top,)
        As in ``plan_audit``; for a careful plan somewhat more than predicted.
    share : float
        In (0, 1], of the ``top``.

    Returns
    -------
    int or None
        Units of the population, at a power of .8; None where no audit would do: too many are predicted to
        be wrong among so many of the safest.
    """
    top, cumulative = len(errors), np.cumsum(np.sort(errors))
    goal = math.ceil(share * top)
    among = population if promise == "dataset" else goal
    if goal == 0 or cumulative[goal - 1] > error_budget(alpha, among):
        return None
    if promise == "dataset":
        power = _dataset_power(cumulative, goal, error_budget(alpha, population), delta)
    else:
        power = _selective_power(cumulative, goal, alpha, delta)
    return math.ceil(_enough(power, top) * population / top)


def _dataset_power(cumulative: Floats, goal: int, budget: int, delta: float) -> Callable[[int], float]:
    """Give the chance that n audited units accept the ``goal`` safest, as a function of n."""
    top, wrong = len(cumulative), _predicted_wrong(cumulative, goal)

    def power(n: int) -> float:
        allowed = acceptable_wrong(top, n, budget, delta)
        return 0.0 if allowed is None else chance_of_few(top, wrong, n, allowed)

    return power


def _selective_power(cumulative: Floats, goal: int, alpha: float, delta: float) -> Callable[[int], float]:
    """Give the chance that the test of the ``goal`` safest passes with n audited of all, by n."""
    top, wrong = len(cumulative), _predicted_wrong(cumulative, goal)

    def power(n: int) -> float:
        inside = round(n * goal / top)
        allowed = allowed_wrong(goal, inside, alpha, delta)
        return 0.0 if allowed is None else chance_of_few(goal, wrong, inside, allowed)

    return power


def _prefixes(top: int) -> list[int]:
    return sorted({max(1, round(top * i / 100)) for i in range(1, 101)})


def _predicted_wrong(cumulative: Floats, prefix: int) -> int:
    return round(float(cumulative[prefix - 1])) if prefix else 0


def _enough(power: Callable[[int], float], top: int) -> int:
    return bisect_left(range(top), True, key=lambda n: power(n) >= POWER)


def _before_failures(cumulative: Floats, audited: int, allowed: int | None) -> int:
    if allowed is None:
        return 0
    share = audited / max(len(cumulative), 1)
    prefix = int(np.searchsorted(cumulative * share, allowed + 1))
    return round(prefix * (1 - share))

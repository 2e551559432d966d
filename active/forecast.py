"""What more answers would bring: a power law from the present accuracy on, never without an interval.

The level comes from uniform answers, the slope from how fast the models of the rounds so far lost their
doubt. Both are drawn from their distributions; an interval is what lies between the draws.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from scipy.stats import t

from active.learning_curve import NEEDED, TAIL, curve_point, unlabelled_accuracy_quantiles
from labeling.types import CurvePoint, Floats, Forecast, Gain, Ints, ModelSteps, MoreAnswers, UniformAnswers

DRAWS = 1000
ROUNDS_NEEDED = 3
"""Models that have learnt from labels, fewer of which give no slope with an interval."""

WORTHWHILE = 0.005
"""Gain in accuracy that the next two batches may have to bring at least to pay."""

REACH = 10
"""How many times the present answers a forecast looks ahead: what lies beyond is out of sight."""

BATCHES_AHEAD = (1, 2, 4, 8)


@dataclass(frozen=True)
class PowerLaws:
    """Draws of how the share of wrong labels among unlabelled items falls with answers.

    Parameters
    ----------
    now : int, at least 1
        Answers so far.
    items : int
        Items of the pool.
    error : array of float, shape (draws,), in (0, 1]
        Share of wrong labels now.
    slope : array of float, shape (draws,), at least 0
    """

    now: int
    items: int
    error: Floats = field(repr=False)
    slope: Floats = field(repr=False)

    def accuracy(self, labels: Ints) -> Floats:
        """Give the accuracy over the pool, labelled items right, after answers: shape (draws, a)."""
        machine = 1 - np.minimum(labels / self.items, 1)
        return 1 - machine * self.error[:, None] * (labels / self.now) ** -self.slope[:, None]

    def points(self, labels: Ints) -> tuple[CurvePoint, ...]:
        """Give the median accuracy with its interval."""
        low, middle, high = np.quantile(self.accuracy(labels), [TAIL, 0.5, 1 - TAIL], axis=0)
        columns = (labels.tolist(), middle.tolist(), low.tolist(), high.tolist())
        return tuple(CurvePoint(*values) for values in zip(*columns, strict=True))

    def gain(self, answers: int) -> Gain:
        """Give what the next answers bring."""
        before, after = self.accuracy(np.array([self.now, self.now + answers])).T
        low, high = np.quantile(after - before, [TAIL, 1 - TAIL])
        return Gain(answers, float(low), float(high), pays=bool(high >= WORTHWHILE))

    def until(self, target: float) -> MoreAnswers:
        """Tell how many more answers a target takes."""
        last = min(self.items, REACH * self.now)
        labels = np.unique(np.geomspace(self.now, last, 400).round().astype(np.int64))
        reached = self.accuracy(labels) >= target
        first = np.where(reached.any(axis=1), labels[reached.argmax(axis=1)] - self.now, np.inf)
        low, likely, high = np.quantile(first, [TAIL, 0.5, 1 - TAIL], method="higher")
        return MoreAnswers(rounded(likely), rounded(low), rounded(high))


def rounded(answers: float) -> int | None:
    """Give a number of answers to two digits, upwards; None for infinity.

    Examples
    --------
    >>> rounded(7.0), rounded(123.0), rounded(np.inf)
    (7, 130, None)
    """
    if not np.isfinite(answers):
        return None
    unit = 10 ** max(len(str(int(answers))) - 2, 0)
    return int(-(-answers // unit) * unit)


def power_law_slope(labels: Ints, error: Floats) -> tuple[float, float]:
    """Fit ``error ~ labels ** -slope`` by least squares of logarithms.

    Parameters
    ----------
    labels : array of int, shape (r,), at least 1, r >= 3, not all alike
    error : array of float, shape (r,), above 0

    Returns
    -------
    slope : float
    spread : float
        Its standard error, with r - 2 degrees of freedom.

    References
    ----------
    Figueroa, Zeng-Treitler, Kandula & Ngo (2012), Predicting sample size required for classification
    performance.
    """
    x, y = np.log(labels), np.log(error)
    x, y = x - x.mean(), y - y.mean()
    slope = -float(x @ y / (x @ x))
    left = y + slope * x
    return slope, float(np.sqrt(left @ left / (len(x) - 2) / (x @ x)))


def slope_draws(steps: ModelSteps, rng: np.random.Generator) -> Floats:
    """Draw slopes, shape (draws,), at least 0, from the doubt of models that have learnt from labels."""
    learnt = steps.labels > 0
    doubt = np.maximum(1 - steps.confidence[learnt], 0.5 / steps.items)
    slope, spread = power_law_slope(steps.labels[learnt], doubt)
    drawn = t.rvs(learnt.sum() - 2, size=DRAWS, random_state=rng)
    return np.asarray(np.maximum(slope + spread * drawn, 0.0))


def error_draws(confidence: float, answers: UniformAnswers, items: int) -> Floats:
    """Draw the present share of wrong labels among unlabelled items, shape (draws,), in (0, 1]."""
    shares = (np.arange(DRAWS) + 0.5) / DRAWS
    return np.asarray(np.maximum(1 - unlabelled_accuracy_quantiles(confidence, answers, shares), 0.5 / items))


def power_laws(steps: ModelSteps, answers: UniformAnswers) -> PowerLaws | None:
    """Draw power laws through the present; None where there are too few rounds for a slope."""
    now, confidence = int(steps.labels[-1]), float(steps.confidence[-1])
    if len(np.unique(steps.labels[steps.labels > 0])) < ROUNDS_NEEDED or now >= steps.items:
        return None
    error = error_draws(confidence, answers, steps.items)
    return PowerLaws(now, steps.items, error, slope_draws(steps, np.random.default_rng(now)))


def forecast(steps: ModelSteps, answers: UniformAnswers, target: float, batch: int) -> Forecast:
    """Say how accurate labels are and what more answers would bring.

    Parameters
    ----------
    steps : ModelSteps
        Of all rounds so far, the present model last.
    answers : UniformAnswers
        With what models like the present one said of them that had not learnt from them.
    target : float
        Accuracy that is aimed at.
    batch : int
        Answers of a round.
    """
    if len(answers) < NEEDED:
        return Forecast(len(answers), NEEDED, target)
    now, confidence = int(steps.labels[-1]), float(steps.confidence[-1])
    point = curve_point(now, confidence, steps.items, answers)
    laws = power_laws(steps, answers)
    if laws is None:
        return Forecast(len(answers), NEEDED, target, point)
    ahead = now + batch * np.array(BATCHES_AHEAD)
    return Forecast(
        uniform=len(answers),
        needed=NEEDED,
        target=target,
        now=point,
        ahead=laws.points(ahead[ahead < steps.items]),
        more=laws.until(target),
        gain=laws.gain(2 * batch),
    )

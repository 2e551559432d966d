"""Drift: how far new texts differ from those of a release or certificate, by what one model says of both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import stats

from labeling.config.sections import DriftConfig
from labeling.types import Bools, Floats, Ints

BINS = 10
SIGNIFICANCE = 0.001
DRAWS = 9_999
"""A difference that chance alone brings about more often than this is no drift, however large."""


@dataclass(frozen=True)
class Measure:
    """One difference between new texts and old ones.

    Attributes
    ----------
    name : str
        ``scores``, ``coverage`` or ``classes``.
    value : float
        Population stability index; or a difference of shares, in [0, 1].
    limit : float
        What the config allows.
    p : float
        How often chance alone brings such a difference about.
    """

    name: str
    value: float
    limit: float
    p: float

    @property
    def past(self) -> bool:
        """Whether it is more than what is allowed, and more than chance."""
        return self.value > self.limit and self.p < SIGNIFICANCE

    def __str__(self) -> str:
        return f"{self.name} differ by {self.value:.2f}, {self.limit:g} is allowed (p {self.p:.1g})"


@dataclass(frozen=True)
class Drift:
    """How far ``new`` texts differ from ``old`` ones; no measures where there are none of either."""

    new: int
    old: int
    measures: tuple[Measure, ...] = ()

    @property
    def past(self) -> tuple[Measure, ...]:
        """The measures that are past their thresholds."""
        return tuple(measure for measure in self.measures if measure.past)

    @property
    def said(self) -> str:
        """The same in words."""
        if not self.measures:
            return "nothing to compare"
        if not self.past:
            return f"{self.new:,} new texts are like the {self.old:,} of the current release"
        what = "; ".join(map(str, self.past))
        return f"{self.new:,} new texts are unlike the {self.old:,} of the current release: {what}"

    def to_dict(self) -> dict[str, Any]:
        """Give a JSON-ready mapping."""
        measures = [asdict(measure) | {"past": measure.past} for measure in self.measures]
        return {"new": self.new, "old": self.old, "measures": measures, "said": self.said}


def measure_drift(scores: Floats, covered: Bools, labels: Ints, new: Bools, limits: DriftConfig) -> Drift:
    """Compare new texts with old ones.

    Parameters
    ----------
    scores : array, shape (n,)
        The model's confidence, in [0, 1].
    covered : mask, shape (n,)
        Texts with a vote.
    labels : array of int, shape (n,)
        The model's classes.
    new : mask, shape (n,)
    limits : DriftConfig
    """
    n_new, n_old = int(new.sum()), int((~new).sum())
    if not n_new or not n_old:
        return Drift(n_new, n_old)
    values: Mapping[str, tuple[float, float]] = {
        "scores": (stability_index(scores[~new], scores[new]), _p_of_scores(scores[~new], scores[new])),
        "coverage": (
            abs(covered[new].mean() - covered[~new].mean()),
            _p_of_shares(covered.astype(np.int64), new),
        ),
        "classes": (share_distance(labels[~new], labels[new]), _p_of_shares(labels, new)),
    }
    measures = (
        Measure(name, float(value), float(getattr(limits, name)), float(p))
        for name, (value, p) in values.items()
    )
    return Drift(n_new, n_old, tuple(measures))


def stability_index(expected: Floats, actual: Floats, bins: int = BINS) -> float:
    """Give the population stability index of two samples, shapes (n,) and (m,), by deciles of the first.

    Zero is the same; above .25 counts as a large shift by custom (Siddiqi, 2006). Empty bins count as half
    a member.

    Examples
    --------
    >>> stability_index(np.arange(100.0), np.arange(100.0))
    0.0
    """
    edges = np.unique(np.quantile(expected, np.linspace(0, 1, bins + 1)[1:-1]))
    shares = [
        _shares(np.searchsorted(edges, sample, side="right"), len(edges) + 1) for sample in (expected, actual)
    ]
    old, new = shares
    return float(((new - old) * np.log(new / old)).sum())


def share_distance(old: Ints, new: Ints) -> float:
    """Give half the sum of absolute differences of the classes' shares, in [0, 1]: total variation.

    Examples
    --------
    >>> share_distance(np.array([0, 0, 1, 1]), np.array([0, 1, 1, 1]))
    0.25
    """
    n = int(max(old.max(), new.max())) + 1
    counts = (np.bincount(old, minlength=n) / len(old), np.bincount(new, minlength=n) / len(new))
    return float(np.abs(counts[0] - counts[1]).sum() / 2)


def _shares(places: npt.NDArray[np.intp], n: int) -> Floats:
    counts = np.bincount(places, minlength=n).astype(float)
    return np.asarray(np.maximum(counts, 0.5) / counts.sum())


def _p_of_scores(old: Floats, new: Floats) -> float:
    return float(stats.ks_2samp(old, new, method="asymp").pvalue)


def _p_of_shares(values: Ints, new: Bools) -> float:
    """Give how often as many texts, drawn from all at random, are at least as far from the rest as the new.

    Right for any number of texts, but for the draws: a permutation test (Fisher, 1935) on the distance.
    """
    of_all, of_new = np.bincount(values), np.bincount(values[new], minlength=values.max() + 1)
    n_new, n_old = int(new.sum()), int((~new).sum())
    drawn = np.random.default_rng(0).multivariate_hypergeometric(of_all, n_new, DRAWS, method="marginals")
    drawn = np.vstack([of_new, drawn])
    distances = np.abs(drawn / n_new - (of_all - drawn) / n_old).sum(axis=1)
    return float((distances >= distances[0] - 1e-12).mean())

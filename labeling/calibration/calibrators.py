"""Calibrators: from a posterior to probabilities that human labels bear out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from sklearn.isotonic import IsotonicRegression

from labeling.calibration.regression import (
    INTERCEPT_SPREAD,
    LEAST_PROBABILITY,
    NO_INTERCEPTS,
    SCALE_SPREAD,
    Recalibration,
    fit_recalibration,
    log_probabilities,
)
from labeling.types import Floats, Ints, digest_of

TEMPERATURE_FROM = 10
"""Labels' worth from which a temperature is fitted; with less the posterior stays as it is."""

PLATT_FROM = 30
"""Labels' worth from which every class may have an intercept of its own."""

INTERCEPT_GAIN = 2.0
"""Log likelihood that each free intercept has to gain over a temperature alone: the likelihood-ratio test of
one at 5 % (Wilks, 1938). An intercept can change the most probable class, which chance should not do."""

ISOTONIC_FROM = 100
"""Labels' worth of a class, and as many of others, from which it has a curve of its own."""

KEPT_SLOPE = 1e-3
"""Share of the straight map in an isotonic one: steps alone would tie items that were ranked."""


class Calibrator(Protocol):
    """Maps class probabilities of items with a vote, shape (n, k), to calibrated ones."""

    @property
    def kind(self) -> str:
        """Name of the method."""

    @property
    def id(self) -> str:
        """Digest of the method and all that was fitted."""

    def transform(self, proba: Floats) -> Floats:
        """Give calibrated probabilities, shape (n, k)."""


@dataclass(frozen=True)
class Unchanged:
    """No calibration: too few labels."""

    kind: str = "none"
    id: str = "none"

    def transform(self, proba: Floats) -> Floats:
        """Give them back."""
        return proba


@dataclass(frozen=True)
class Scaling:
    """Temperature scaling, or Platt's with an intercept per class (Platt, 1999; Guo et al., 2017).

    A temperature keeps the most probable class of every item, and with two classes the order of all.
    """

    kind: str
    fitted: Recalibration = field(repr=False)

    @property
    def id(self) -> str:
        """Digest of scale and intercepts."""
        return digest_of(self.kind, self.fitted.scale, self.fitted.intercepts.tolist())

    def transform(self, proba: Floats) -> Floats:
        """Scale log probabilities and shift them by class."""
        return self.fitted.predict(log_probabilities(proba), np.zeros(len(proba), dtype=bool))


@dataclass(frozen=True)
class Isotonic:
    """Scaling, then a rising curve for each class with enough labels (Zadrozny & Elkan, 2002).

    Attributes
    ----------
    scaling : Scaling
        What the other classes keep.
    curves : mapping of class index to (probabilities, calibrated ones)
        Each pair of arrays is a rising broken line.
    """

    scaling: Scaling
    curves: dict[int, tuple[Floats, Floats]] = field(repr=False)
    kind: str = "isotonic"

    @property
    def id(self) -> str:
        """Digest of scaling and curves."""
        lines = {c: (x.tolist(), y.tolist()) for c, (x, y) in self.curves.items()}
        return digest_of(self.kind, self.scaling.id, lines)

    def transform(self, proba: Floats) -> Floats:
        """Map each class by its curve and make rows sum to one again."""
        scaled = self.scaling.transform(proba)
        mapped = scaled.copy()
        for c, (x, y) in self.curves.items():
            mapped[:, c] = (1 - KEPT_SLOPE) * np.interp(scaled[:, c], x, y) + KEPT_SLOPE * scaled[:, c]
        return np.asarray(mapped / mapped.sum(axis=1, keepdims=True))


def fit_calibrator(
    proba: Floats, labels: Ints, weights: Floats, scale_spread: float = SCALE_SPREAD
) -> Calibrator:
    """Fit the calibrator that the amount of labels allows.

    Under 10 labels' worth none, from 10 a temperature, from 30 Platt's where the labels bear its intercepts
    out; a class with 100 of its own and as many of other classes has an isotonic curve. The worth of labels
    is the sum of their weights.

    Parameters
    ----------
    proba : array, shape (g, k)
        Of labelled items with a vote, by a model that has not seen their labels.
    labels : array of int, shape (g,)
    weights : array, shape (g,)
        What each label counts.
    scale_spread : float, above 0
        As ``fit_recalibration`` takes it.
    """
    worth = np.bincount(labels, weights, minlength=proba.shape[1])
    if worth.sum() < TEMPERATURE_FROM:
        return Unchanged()
    scaling = _scaling("temperature", NO_INTERCEPTS, proba, labels, weights, scale_spread)
    if worth.sum() >= PLATT_FROM:
        platt = _scaling("platt", INTERCEPT_SPREAD, proba, labels, weights, scale_spread)
        gain = _log_likelihoods(platt, proba, labels) - _log_likelihoods(scaling, proba, labels)
        scaling = platt if weights @ gain > INTERCEPT_GAIN * (proba.shape[1] - 1) else scaling
    rich = np.flatnonzero((worth >= ISOTONIC_FROM) & (worth.sum() - worth >= ISOTONIC_FROM))
    if not len(rich):
        return scaling
    scaled = scaling.transform(proba)
    return Isotonic(scaling, {int(c): _curve(scaled[:, c], labels == c, weights) for c in rich})


def _scaling(
    kind: str, spread: float, proba: Floats, labels: Ints, weights: Floats, scale_spread: float
) -> Scaling:
    log_p = log_probabilities(proba)
    return Scaling(
        kind,
        fit_recalibration(log_p, labels, weights=weights, intercept_spread=spread, scale_spread=scale_spread),
    )


def _log_likelihoods(scaling: Scaling, proba: Floats, labels: Ints) -> Floats:
    """Give log P(label) of each labelled item, shape (g,)."""
    transformed = scaling.transform(proba)[np.arange(len(labels)), labels]
    return np.asarray(np.log(np.maximum(transformed, LEAST_PROBABILITY)))


def _curve(p: Floats, is_class: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Fit a rising curve that never says never: probabilities stay off 0 and 1 by Laplace's rule."""
    edge = 1 / (len(p) + 2)
    model = IsotonicRegression(y_min=edge, y_max=1 - edge, out_of_bounds="clip")
    model.fit(p, is_class.astype(float), sample_weight=weights)
    return model.X_thresholds_, model.y_thresholds_

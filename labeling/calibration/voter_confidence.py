"""How often a vote is right, by how sure its voter called itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from scipy.special import expit, logit
from scipy.stats import beta
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

from labeling.types import ABSTAIN, Codes, Floats, Ints

PLATT_FROM = 50
ISOTONIC_FROM = 1000
"""Judged votes' worth from which confidence is mapped by a logistic curve, and by any rising one."""

PRIOR_VOTES = 10.0
PRIOR_ACCURACY = 0.9
"""Votes at every confidence alike that are added to those that were judged, and the share of them right."""

LEVEL_VOTES = 5.0
"""Votes by which the accuracy at one confidence leans on that of all votes, where few were judged."""

OWN_FROM = 100
"""Judged votes' worth of a class from which votes for it have a map of their own."""

EDGE = 0.01
"""How near to 0 and 1 a confidence may count: a voter that calls itself certain is not."""

LEVEL = 0.95


class ConfidenceMap(Protocol):
    """From confidence, shape (n,), to the probability that the vote is right; never falls."""

    @property
    def overall(self) -> float:
        """That of a vote whose confidence is not known."""

    @property
    def kind(self) -> str:
        """Name of the method."""

    def predict(self, confidence: Floats) -> Floats:
        """Give P(right), shape (n,), in (0, 1); NaN where the confidence is."""


@dataclass(frozen=True)
class Levels:
    """Accuracy at each confidence that was seen, straight lines between them.

    Attributes
    ----------
    confidence, accuracy : array, shape (l,)
        Rising.
    low, high : array, shape (l,)
        95 % credible intervals of each accuracy by itself, from the Beta distribution.
    """

    overall: float
    confidence: Floats
    accuracy: Floats
    low: Floats
    high: Floats
    kind: str = "beta"

    def predict(self, confidence: Floats) -> Floats:
        """Look it up."""
        return np.asarray(np.interp(confidence, self.confidence, self.accuracy))


@dataclass(frozen=True)
class Logistic:
    """P(right) = expit(slope * logit(confidence) + intercept) (Platt, 1999); the slope is not negative."""

    overall: float
    slope: float
    intercept: float
    kind: str = "platt"

    def predict(self, confidence: Floats) -> Floats:
        """Compute it."""
        return np.asarray(expit(self.slope * _log_odds(confidence) + self.intercept))


@dataclass(frozen=True)
class Rising:
    """A rising broken line through ``accuracy`` at ``confidence``, both of shape (l,)."""

    overall: float
    confidence: Floats
    accuracy: Floats
    kind: str = "isotonic"

    def predict(self, confidence: Floats) -> Floats:
        """Look it up."""
        return np.asarray(np.interp(confidence, self.confidence, self.accuracy))


@dataclass(frozen=True)
class VoteAccuracy:
    """P(right) of one voter's votes: by confidence, and by class where enough of its votes were judged.

    Attributes
    ----------
    shared : ConfidenceMap
        Of all votes.
    own : mapping of class index to ConfidenceMap
    judged : float
        Votes' worth behind it.
    """

    shared: ConfidenceMap
    own: Mapping[int, ConfidenceMap] = field(repr=False)
    judged: float

    def predict(self, hard: Codes, confidence: Floats) -> Floats:
        """Give P(right) of votes, shape (n,); NaN where the voter abstains."""
        right = _known(self.shared, confidence)
        for c, own in self.own.items():
            right = np.where(hard == c, _known(own, confidence), right)
        return np.where(hard == ABSTAIN, np.nan, right)


def fit_vote_accuracy(
    hard: Codes, confidence: Floats, labels: Ints, weights: Floats, expected: float = PRIOR_ACCURACY
) -> VoteAccuracy:
    """Fit P(right | confidence) of a voter to labelled items.

    Parameters
    ----------
    hard : array of int8, shape (g,)
        Its votes; -1 abstains.
    confidence : array, shape (g,), in [0, 1]
        How sure it called itself; NaN where it did not say.
    labels : array of int, shape (g,)
    weights : array, shape (g,)
        What each label stands for, 1 on average.
    expected : float, in (0, 1)
        Accuracy of the votes that are added, as ``fit_confidence`` takes it.
    """
    cast = hard != ABSTAIN
    hard, confidence, right, weights = hard[cast], confidence[cast], (hard == labels)[cast], weights[cast]
    shared = fit_confidence(confidence, right, weights, expected)
    own = {}
    for c in np.unique(hard).tolist():
        said = hard == c
        if worth(weights[said]) >= OWN_FROM:
            own[c] = fit_confidence(confidence[said], right[said], weights[said], shared.overall)
    return VoteAccuracy(shared, own, worth(weights))


def fit_confidence(
    confidence: Floats, right: Floats, weights: Floats, expected: float = PRIOR_ACCURACY
) -> ConfidenceMap:
    """Fit P(right | confidence) by the method that the number of judged votes allows.

    Below 50 votes' worth an accuracy per confidence, from 50 a logistic curve, from 1,000 any rising one.
    Ten votes, at every confidence alike, are added to those that were judged: few votes give the expected
    accuracy whatever the confidence, and no vote is ever sure.

    Parameters
    ----------
    confidence : array, shape (g,), in [0, 1]
        Of votes; those where it is NaN count for the accuracy of all alone.
    right : array of bool, shape (g,)
    weights : array, shape (g,)
        What each judged vote stands for, 1 on average.
    expected : float, in (0, 1)
        Accuracy of the votes that are added.
    """
    counts = weights * _discount(weights)
    overall = float((counts @ right + PRIOR_VOTES * expected) / (counts.sum() + PRIOR_VOTES))
    said = ~np.isnan(confidence)
    if not said.any():
        return Levels(overall, *np.full((4, 1), overall))
    x, hits, n = by_level(confidence[said], right[said], counts[said])
    if n.sum() < PLATT_FROM:
        return _levels(x, hits, n, overall)
    fit = _logistic if n.sum() < ISOTONIC_FROM else _rising
    added = PRIOR_VOTES * n / n.sum()
    return fit(x, hits + added * expected, n + added, overall)


def by_level(confidence: Floats, right: Floats, counts: Floats) -> tuple[Floats, Floats, Floats]:
    """Give the levels of confidence, shape (l,), with the right votes and all votes of each."""
    levels, place = np.unique(confidence, return_inverse=True)
    hits, cast = (np.bincount(place, of, len(levels)) for of in (counts * right, counts))
    return levels, hits.astype(float), cast.astype(float)


def worth(weights: Floats) -> float:
    """Give how many labels of weight 1 these are: no more than they sum up to, nor than Kish's (1965)."""
    return float(weights.sum() * _discount(weights))


def _discount(weights: Floats) -> float:
    return min(1.0, float(weights.sum() / max((weights**2).sum(), 1e-12)))


def _levels(x: Floats, hits: Floats, n: Floats, overall: float) -> Levels:
    right, wrong = hits + LEVEL_VOTES * overall, n - hits + LEVEL_VOTES * (1 - overall)
    low, high = beta.interval(LEVEL, right, wrong)
    accuracy = IsotonicRegression().fit(x, right / (right + wrong), sample_weight=right + wrong).predict(x)
    return Levels(overall, x, accuracy, low, high)


def _logistic(x: Floats, hits: Floats, n: Floats, overall: float) -> Logistic:
    features, outcomes = np.tile(_log_odds(x), 2)[:, None], np.repeat([1, 0], len(x))
    fitted = LogisticRegression(C=np.inf, solver="newton-cholesky")
    fitted.fit(features, outcomes, sample_weight=np.concatenate([hits, n - hits]))
    slope = float(fitted.coef_[0, 0])
    if slope <= 0 or len(x) == 1:
        return Logistic(overall, 0.0, float(logit(hits.sum() / n.sum())))
    return Logistic(overall, slope, float(fitted.intercept_[0]))


def _rising(x: Floats, hits: Floats, n: Floats, overall: float) -> Rising:
    fitted = IsotonicRegression().fit(x, hits / n, sample_weight=n)
    return Rising(overall, fitted.X_thresholds_, fitted.y_thresholds_)


def _known(accuracy: ConfidenceMap, confidence: Floats) -> Floats:
    return np.where(np.isnan(confidence), accuracy.overall, accuracy.predict(confidence))


def _log_odds(confidence: Floats) -> Floats:
    return np.asarray(logit(np.clip(confidence, EDGE, 1 - EDGE)))

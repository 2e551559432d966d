"""Probabilities as sure as held-out labels bear out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit, softmax

from labeling.types import Floats, Ints

TEMPERATURE_PENALTY = 5.0
LOG_TEMPERATURE_BOUND = 3.0

LAPSES = (1.5, 40.0)
"""Labels for and against a lapse that are taken as seen before any: about one in thirty."""


@dataclass(frozen=True)
class Calibration:
    """A temperature, and a share of rows on which a model is as good as ignorant, however sure it is.

    Parameters
    ----------
    temperature : float, positive
    lapse : float, in [0, .5]
    """

    temperature: float = 1.0
    lapse: float = 0.0

    def proba(self, logits: Floats) -> Floats:
        """Give class probabilities, shape (n, k), float64."""
        scaled = softmax(logits.astype(np.float64) / self.temperature, axis=1)
        return np.asarray((1 - self.lapse) * scaled + self.lapse / logits.shape[1])


def fit_calibration(logits: Floats, labels: Ints, weights: Floats) -> Calibration:
    """Find the temperature and the share of lapses that make held-out logits honest.

    The temperature is pulled to 1 by ``5 (log T)²``. A temperature alone cannot say that where votes agree
    they are wrong together now and then.

    Parameters
    ----------
    logits : array of float, shape (l, k)
        Of models that did not see the label.
    labels : array of int, shape (l,)
    weights : array of float, shape (l,)
        What each label counts.

    References
    ----------
    Guo et al. (2017), On calibration of modern neural networks. Wichmann & Hill (2001), The psychometric
    function, for lapses.
    """
    told, (lapsed, attentive) = np.arange(len(labels)), LAPSES

    def loss(at: Floats) -> float:
        found = Calibration(float(np.exp(at[0])), float(expit(at[1])))
        log_p = np.log(found.proba(logits)[told, labels])
        prior = lapsed * np.log(found.lapse) + attentive * np.log1p(-found.lapse)
        return float(TEMPERATURE_PENALTY * at[0] ** 2 - weights @ log_p - prior)

    start = np.array([0.0, np.log(lapsed / attentive)])
    bounds = [(-LOG_TEMPERATURE_BOUND, LOG_TEMPERATURE_BOUND), (-10.0, 0.0)]
    log_t, log_odds = minimize(loss, start, method="L-BFGS-B", bounds=bounds).x
    return Calibration(float(np.exp(log_t)), float(expit(log_odds)))

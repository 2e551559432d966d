"""How much human labels speak for one model over another, though people answer about chosen rows."""

from __future__ import annotations

import numpy as np
from scipy.special import softmax

from active.calibration import Calibration, fit_calibration
from active.experts import HALVED_FROM, sampled
from labeling.calibration.selection import RIDGE, tilted
from labeling.types import Bools, Floats, Ints

MISLED = 0.15
"""Share of labels of which a model is taken to know nothing, so that a few surprises do not decide."""

RELATION_ROWS = 4000
LEAST_SPREAD = 1e-3


def representative_weights(proba: Floats, covered: Bools, rows: Ints) -> Floats:
    """Weigh labelled rows so that together they look like the pool.

    People are asked about rows in doubt, on which votes are at their worst. What is balanced is what the
    votes said before any label: mean probabilities, mean doubt, share without a vote.

    Parameters
    ----------
    proba : array of float, shape (n, k)
        Class probabilities before any label.
    covered : mask, shape (n,)
        Rows with a vote.
    rows : array of int, shape (l,)

    Returns
    -------
    array of float, shape (l,), positive
        They sum to the effective number of labels, (sum w)² / sum w² (Kish, 1965).
    """
    if not len(rows):
        return np.empty(0)
    summary = np.column_stack([proba, gini(proba), ~covered])
    spread = summary.std(axis=0)
    kept = spread > LEAST_SPREAD
    gaps = (summary[rows] - summary.mean(axis=0))[:, kept] / spread[kept]
    weights = tilted(gaps, RIDGE)
    return np.asarray(weights * weights.sum() / (weights**2).sum())


def gini(proba: Floats) -> Floats:
    """Give the doubt ``1 - sum p²`` of each row, shape (n,), in [0, 1 - 1/k]."""
    return np.asarray(1 - np.sum(proba**2, axis=1))


def held_out_score(logits: Floats, labels: Ints, temperature: float = 1.0) -> Floats:
    """Give the log-probability of each label, shape (l,), 15 % of which may be any class.

    Parameters
    ----------
    logits : array of float, shape (l, k)
        Of models that did not see the label.
    """
    proba = Calibration(temperature, MISLED).proba(logits)
    return np.asarray(np.log(proba[np.arange(len(labels)), labels]))


def model_weights(log_odds: Floats, held_out: Floats, weights: Floats) -> Floats:
    """Give the posterior probability of each of v models; without any label the likeliest stands alone.

    The others have learnt nothing then, and would only blur it.

    Parameters
    ----------
    log_odds : array of float, shape (v,)
        Before any label, up to a constant.
    held_out : array of float, shape (v, l)
        ``held_out_score`` of each label.
    weights : array of float, shape (l,)
        What each label counts.

    References
    ----------
    Geisser & Eddy (1979), A predictive approach to model selection: the pseudo Bayes factor.
    """
    if not len(weights):
        return np.asarray(np.eye(len(log_odds))[np.argmax(log_odds)])
    return np.asarray(softmax(log_odds + held_out @ weights))


def loss_of(log_posterior: Floats, labels: Ints, weights: Floats) -> float:
    """Give the mean log-loss of an expert, shape (l, k), as calibrated on the labels."""
    proba = fit_calibration(log_posterior, labels, weights).proba(log_posterior)
    return float(-np.average(np.log(proba[np.arange(len(labels)), labels]), weights=weights))


def text_relation(weak_text: Floats, log_posterior: Floats, covered: Bools, seed: int) -> float:
    """Tell how surely the text says anything of the votes, without any label.

    Given is the gain in log-loss of what text says of the votes on other rows over their mean posterior, in
    standard errors.

    Parameters
    ----------
    weak_text : array of float, shape (n, k)
        ``weak_text_log_posterior`` of the next.
    log_posterior : array of float, shape (n, k)
        What the votes say.
    covered : mask, shape (n,)
        Rows with a vote; at most 4,000, drawn by ``seed``, are compared.

    Returns
    -------
    float
        Well below 0 where text that was fitted to votes misleads about other votes; 0 where covered rows
        are too few to be halved, or votes say the same of each.
    """
    rows = sampled(np.flatnonzero(covered), RELATION_ROWS, seed)
    if len(rows) < HALVED_FROM:
        return 0.0
    votes = np.exp(log_posterior[rows])
    gains = np.sum(votes * (weak_text[rows] - np.log(votes.mean(axis=0))), axis=1)
    spread = gains.std()
    return float(gains.mean() / spread * np.sqrt(len(gains))) if spread > LEAST_SPREAD else 0.0

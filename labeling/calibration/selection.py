"""What each human label stands for, where people were asked about chosen items: balancing weights."""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize
from scipy.special import log_softmax, logsumexp, softmax

from labeling.calibration.regression import SCALE_SPREAD, log_probabilities
from labeling.types import Bools, Floats, Ints, PoolGold, VoteMatrix

RIDGE = 5.0
"""Labels' worth of resistance to uneven weights; without, few labels cannot meet hundreds of vote rates."""

LEAST_SPREAD = 1e-3

CHOSEN_COUNTS = 0.3
"""What the label of a chosen item counts beside that of a drawn one: harder than its votes and posterior say,
for choosing looks at content too. Between bias and variance; .3 had the best log-loss on four real sets."""

DIFFERENT_COUNT = 0.1
"""What it counts where chosen items are seen to be harder than their posterior says."""

DIFFERENT_FROM = 2.0
"""Log likelihood from which they are seen to be: the likelihood-ratio test of one parameter at 5 %."""


def trust(gold: PoolGold) -> Floats:
    """Give what each label counts where a share of the pool is estimated, shape (g,), in (0, 1]."""
    return np.where(gold.drawn[gold.rows], 1.0, CHOSEN_COUNTS)


def design_count(gold: PoolGold) -> float:
    """Give what a chosen item counts beside a drawn one by the design of the sample, in [0, 1].

    A chosen item stands for itself, a drawn one for its part of all that were not chosen (Horvitz & Thompson,
    1952). Without any drawn item the chosen ones tell nothing of the others.
    """
    drawn = int(gold.drawn[gold.rows].sum())
    others = len(gold.labels) - (len(gold.rows) - drawn)
    return drawn / others if others else 1.0


def label_worth(
    votes: VoteMatrix, posterior: Floats, gold: PoolGold, chosen_counts: float | None = None
) -> Floats:
    """Give what each label counts where probabilities are calibrated, shape (g,).

    Balancing weights, less for chosen items: as ``trust`` has it, and little where they contradict the drawn
    ones (test then pool; Viele et al., 2014). Uneven ones sum up to their effective number (Kish, 1965): a
    few drawn items that stand for the pool are no more than they are.

    Parameters
    ----------
    votes : VoteMatrix
        Of the pool's n items.
    posterior : array, shape (n, k)
        By a model that has not seen the labels.
    gold : PoolGold
        Of items with a vote.
    chosen_counts : float, optional
        What chosen items count, whatever drawn ones say.
    """
    weights = balancing_weights(votes, posterior, gold.rows)
    chosen, log_p = ~gold.drawn[gold.rows], log_probabilities(posterior[gold.rows])
    if not chosen.any():
        return weights
    if chosen_counts is None:
        differ = selection_gain(log_p, gold.told, weights, chosen) > DIFFERENT_FROM
        chosen_counts = DIFFERENT_COUNT if differ else CHOSEN_COUNTS
    uneven = weights * np.where(chosen, chosen_counts, 1.0)
    return np.asarray(uneven * min(1.0, uneven.sum() / (uneven**2).sum()))


def selection_gain(log_p: Floats, labels: Ints, weights: Floats, chosen: Bools) -> float:
    """Give the log likelihood that a temperature of their own gains the chosen items, at least 0.

    Parameters
    ----------
    log_p : array, shape (g, k)
        From ``log_probabilities``.
    labels : array of int, shape (g,)
    weights : array, shape (g,)
    chosen : mask, shape (g,)
    """
    if chosen.all() or not chosen.any():
        return 0.0
    rows = np.arange(len(labels))

    def loss(log_scales: Floats) -> float:
        scales = np.exp(log_scales[0] + log_scales[1:].sum() * chosen)
        fits = log_softmax(scales[:, None] * log_p, axis=1)[rows, labels]
        return float((log_scales @ log_scales) / (2 * SCALE_SPREAD**2) - weights @ fits)

    common, apart = (minimize(loss, np.zeros(n), method="L-BFGS-B").fun for n in (1, 2))
    return float(max(common - apart, 0.0))


def balancing_weights(votes: VoteMatrix, posterior: Floats, rows: Ints) -> Floats:
    """Weigh items so that together they look like the pool: entropy balancing (Hainmueller, 2012).

    What is balanced are each voter's rate of each vote, the share without a vote, the mean posterior and its
    mean confidence. Selection looks at votes and content only, so what remains of its effect is what content
    tells beyond the votes.

    Parameters
    ----------
    votes : VoteMatrix
        Of the pool's n items.
    posterior : array, shape (n, k)
    rows : array of int, shape (g,)
        The items with a label.

    Returns
    -------
    array of float, shape (g,)
        Positive, with mean 1; ones where the labels are a fair sample already.
    """
    if not len(rows):
        return np.empty(0)
    rates, spreads = vote_rates(votes)
    summary = np.column_stack([posterior, posterior.max(axis=1), ~votes.covered])
    means = np.concatenate([rates, summary.mean(axis=0)])
    spread = np.concatenate([spreads, summary.std(axis=0)])
    seen = np.column_stack([_indicators(votes, rows), summary[rows]])
    kept = spread > LEAST_SPREAD
    return tilted((seen[:, kept] - means[kept]) / spread[kept], RIDGE)


def tilted(gaps: Floats, ridge: float) -> Floats:
    """Give weights, shape (g,), of mean 1 that bring weighted columns of ``gaps``, (g, d), towards zero.

    The dual of the problem: exponential tilting, with a quadratic penalty on the multipliers.
    """
    penalty = ridge / len(gaps)

    def dual(multipliers: Floats) -> tuple[float, Floats]:
        heights = gaps @ multipliers
        value = logsumexp(heights) + penalty * (multipliers @ multipliers) / 2
        return float(value), gaps.T @ softmax(heights) + penalty * multipliers

    found = minimize(dual, np.zeros(gaps.shape[1]), jac=True, method="L-BFGS-B").x
    return np.asarray(softmax(gaps @ found) * len(gaps))


def vote_rates(votes: VoteMatrix) -> tuple[Floats, Floats]:
    """Give how often each voter gives each vote, shape (m * k,), with the standard deviation per item."""
    n, k = max(len(votes), 1), votes.n_classes
    counts = [np.bincount(column[column >= 0], minlength=k) for column in votes.hard.T]
    rates = np.concatenate([np.empty(0), *counts]) / n
    return rates, np.sqrt(rates * (1 - rates))


def _indicators(votes: VoteMatrix, rows: Ints) -> Floats:
    classes = np.arange(votes.n_classes)
    return np.asarray(votes.hard[rows][:, :, None] == classes, dtype=float).reshape(len(rows), -1)

"""What votes say without any human label: one expert on votes, one on text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from scipy.special import log_softmax

from active.features import Float32s
from active.regression import fit_regression
from labeling.label_models.posterior import log_likelihood
from labeling.types import ABSTAIN, Bools, Floats, Ints

PRIOR_FIRINGS = 30.0
PRIOR_ACCURACY = 0.8
MAJORITY_SMOOTHING = 0.3
CLASS_SMOOTHING = 10.0
WEAK_TEXT_ROWS = 6000
HALVED_FROM = 50
LEAST_PROBABILITY = 1e-6
ONE_HOT_SCALE = 0.33

Hard = npt.NDArray[np.int8]


@dataclass(frozen=True)
class Experts:
    """Log-probabilities, both of shape (n, k): of the votes on each row, and of what its text tells of them.

    Parameters
    ----------
    name : str
        How the votes are weighed.
    votes, weak_text : array of float64, shape (n, k)
    """

    name: str
    votes: Floats = field(repr=False)
    weak_text: Floats = field(repr=False)

    @classmethod
    def carried(cls, name: str, votes: Floats, features: Floats, covered: Bools, seed: int) -> Experts:
        """Carry what is said of covered rows to all by their features, shape (n, d)."""
        return cls(name, votes, weak_text_log_posterior(features, votes, covered, seed))

    def columns(self) -> Float32s:
        """Give both side by side, centred per row, shape (n, 2 k)."""
        return np.hstack([centred(self.votes), centred(self.weak_text)], dtype=np.float32)


def vote_indicators(hard: Hard, n_classes: int) -> sp.csr_matrix:
    """Encode votes as zeros and ones.

    Returns
    -------
    sparse matrix of float64, shape (n, m k)
        Column ``voter * k + class``; an abstention is all zeros.
    """
    n, m = hard.shape
    rows, voters = np.nonzero(hard != ABSTAIN)
    columns = voters * n_classes + hard[rows, voters]
    return sp.csr_matrix((np.ones(len(rows)), (rows, columns)), shape=(n, m * n_classes))


def one_hot_votes(hard: Hard, n_classes: int) -> sp.csr_matrix:
    """Encode votes as features of size .33.

    Returns
    -------
    sparse matrix of float32, shape (n, c)
        A column per voter and class that it votes for.
    """
    indicators = vote_indicators(hard, n_classes).astype(np.float32)
    used = np.flatnonzero(indicators.getnnz(axis=0))
    return np.float32(ONE_HOT_SCALE) * indicators[:, used]


def soft_majority(hard: Hard, n_classes: int) -> Floats:
    """Give smoothed shares of the votes, shape (n, k); rows without votes are uniform."""
    counts = np.stack([(hard == c).sum(axis=1) for c in range(n_classes)], axis=1) + MAJORITY_SMOOTHING
    return np.asarray(counts / counts.sum(axis=1, keepdims=True))


def vote_likelihoods(indicators: sp.csr_matrix, majority: Floats) -> Floats:
    """Estimate P(voter gives this vote | class) for every voter from one expectation step.

    Parameters
    ----------
    indicators : sparse matrix, shape (n, m k)
        Votes, one-hot.
    majority : array of float, shape (n, k)
        Class probabilities that stand in for the unknown labels.

    Returns
    -------
    array of float64, shape (m, k, k), in (0, 1)
        Voter, vote, class. Dirichlet prior of 30 votes of accuracy .8, spread over votes as the voter
        spreads its own; what the votes lack to one is the probability of an abstention.
    """
    k = majority.shape[1]
    counts = np.asarray(indicators.T @ majority).reshape(-1, k, k)
    cast = np.asarray(indicators.sum(axis=0)).reshape(-1, k) + 1 / k
    shares = cast / cast.sum(axis=1, keepdims=True)
    prior = PRIOR_FIRINGS * shares[:, :, None] * agreement(k)
    return np.asarray((counts + prior) / (majority.sum(axis=0) + PRIOR_FIRINGS))


def agreement(n_classes: int) -> Floats:
    """Give the prior P(vote | class) of a voter that does not abstain, shape (k, k)."""
    wrong = (1 - PRIOR_ACCURACY) / max(n_classes - 1, 1)
    return np.where(np.eye(n_classes, dtype=bool), PRIOR_ACCURACY, wrong)


def vote_log_posterior(
    hard: Hard, n_classes: int, soft: Mapping[int, npt.NDArray[np.float32]] | None = None
) -> Floats:
    """Weigh the votes of each row by naive Bayes after one step from the soft majority.

    More steps of expectation maximisation drift away from the truth where voters are dependent.
    Abstentions carry no evidence.

    Parameters
    ----------
    hard : array of int8, shape (n, m)
    n_classes : int
    soft : mapping of int to array, shape (n, k), optional
        Likelihoods that stand in place of the votes in these columns.

    Returns
    -------
    array of float64, shape (n, k)
        Log-probabilities; rows without votes give the class prior.

    References
    ----------
    Dawid & Skene (1979), Maximum likelihood estimation of observer error-rates using the EM algorithm.
    """
    covered = (hard != ABSTAIN).any(axis=1)
    indicators = vote_indicators(hard, n_classes)
    majority = soft_majority(hard[covered], n_classes)
    likelihoods = vote_likelihoods(indicators[covered], majority)
    prior = majority.sum(axis=0) + CLASS_SMOOTHING
    log_likelihoods = np.log(likelihoods)
    log_likelihoods[list(soft or ())] = 0.0
    evidence = indicators @ log_likelihoods.reshape(-1, n_classes)
    evidence += sum(map(log_likelihood, (soft or {}).values()))
    return np.asarray(log_softmax(np.log(prior) + evidence, axis=1))


def log_posterior_of(proba: Floats) -> Floats:
    """Give log-probabilities, shape (n, k), of a label model's; none is below a millionth."""
    raised = np.maximum(proba, LEAST_PROBABILITY)
    return np.asarray(np.log(raised / raised.sum(axis=1, keepdims=True)))


def weak_text_log_posterior(features: Floats, log_posterior: Floats, covered: Bools, seed: int = 0) -> Floats:
    """Carry the votes to rows that nobody voted on, through the text, and judge those that have votes by it.

    Two regressions learn a half of the covered rows each, and neither speaks of what it has learnt: a
    regression repeats the votes on its own rows, and errors of theirs would count twice. All other rows
    get the mean of both.

    Parameters
    ----------
    features : array of float, shape (n, d)
    log_posterior : array of float, shape (n, k)
        What the votes say; the soft target of covered rows.
    covered : mask, shape (n,)
        Rows with a vote; at most 6,000 of them, drawn by ``seed``, are learnt from. Fewer than 50 are not
        halved.

    Returns
    -------
    array of float64, shape (n, k)
        Log-probabilities.

    References
    ----------
    Wolpert (1992), Stacked generalization, for predictions out of fold.
    """
    rows = np.random.default_rng(seed).permutation(sampled(np.flatnonzero(covered), WEAK_TEXT_ROWS, seed))
    halves = np.array_split(rows, 2) if len(rows) >= HALVED_FROM else [rows]
    fitted = [fit_regression(features[half], np.exp(log_posterior[half])) for half in halves]
    said = [log_softmax(each.logits(features), axis=1) for each in fitted]
    mean = np.mean(said, axis=0)
    for half, other in zip(halves, reversed(said), strict=True):
        mean[half] = other[half]
    return np.asarray(mean)


def sampled(rows: Ints, size: int, seed: int) -> Ints:
    """Draw at most ``size`` of ``rows`` without replacement."""
    if len(rows) <= size:
        return rows
    return np.random.default_rng(seed).choice(rows, size, replace=False)


def centred(log_probabilities: Floats) -> Floats:
    """Subtract each row's mean, so that an expert without an opinion adds nothing."""
    return np.asarray(log_probabilities - log_probabilities.mean(axis=-1, keepdims=True))

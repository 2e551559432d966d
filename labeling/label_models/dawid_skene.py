"""The label model of Dawid and Skene: a confusion matrix per voter."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from labeling.label_models.evidence import Evidence
from labeling.label_models.expectation_maximisation import MaximisedModel, Parameters, likeliest_balance
from labeling.label_models.patterns import VotePatterns
from labeling.types import Bools, Floats

LEAST_PROBABILITY = 1e-12


class DawidSkeneModel(MaximisedModel):
    """A confusion matrix per voter, by expectation-maximisation (Dawid & Skene, 1979).

    It is smoothed by a flat Dirichlet prior, for each voter and class. That a voter abstains says nothing,
    but for the voter who only ever gives one answer: where it speaks at all is then all that it tells, and
    training reads its rate of speaking per class. Prediction adds up the votes that were cast alone.
    """

    def _m_step(
        self, statistics: VotePatterns, evidence: Evidence, balance: Floats | None
    ) -> Callable[[Floats], Parameters]:
        one_sided = speaks_one_class(statistics)
        return lambda q: confusion_parameters(evidence, q, one_sided, self.smoothing, balance)

    def _warnings(self, statistics: VotePatterns) -> tuple[str, ...]:
        one_sided = speaks_one_class(statistics)
        if not one_sided.any():
            return ()
        return (
            f"{one_sided.sum()} of {len(one_sided)} voters only ever give one answer: this model reads them "
            "from where they speak, and can drift away from the majority there; naive_bayes does not",
        )


def speaks_one_class(statistics: VotePatterns) -> Bools:
    """Find voters who only ever give one and the same answer, mask of shape (m,)."""
    cast = np.asarray(statistics.indicators.sum(axis=0)).reshape(-1, statistics.n_classes)
    return np.asarray((cast > 0).sum(axis=1) == 1)


def confusion_parameters(
    evidence: Evidence, q: Floats, one_sided: Bools, smoothing: float, balance: Floats | None
) -> Parameters:
    """Give the parameters that maximise the expected log posterior at class probabilities ``q``, (r, k)."""
    votes, items = evidence.vote_counts(q), evidence.class_counts(q)
    log_table = np.log(confusion_matrices(votes, smoothing))
    log_prior = smoothing / evidence.n_classes * log_table[~one_sided].sum()
    log_silence = np.zeros((len(votes), evidence.n_classes))
    speaking, coverage = speaking_rates(votes[one_sided].sum(axis=1), items, smoothing)
    log_table[one_sided] = np.log(speaking)[:, None]
    log_silence[one_sided] = np.log1p(-speaking)
    log_prior += smoothing * (coverage * np.log(speaking) + (1 - coverage) * np.log1p(-speaking)).sum()
    balance, of_balance = likeliest_balance(evidence, q, balance)
    return Parameters(log_table, log_silence, balance, float(log_prior) + of_balance)


def confusion_matrices(vote_counts: Floats, smoothing: float) -> Floats:
    """Give P(vote | class, voter votes), shape (m, k, k), of expected counts by voter, vote and class."""
    smoothed = vote_counts + smoothing / vote_counts.shape[1]
    return np.asarray(smoothed / smoothed.sum(axis=1, keepdims=True))


def speaking_rates(votes: Floats, items: Floats, smoothing: float) -> tuple[Floats, Floats]:
    """Give P(voter votes | class), shape (o, k), and each voter's coverage, shape (o, 1).

    Parameters
    ----------
    votes : array, shape (o, k)
        Expected votes of a voter on the items of each class.
    items : array, shape (k,)
        Expected items per class.
    smoothing : float
        Items added to each class, on which the voter speaks as often as everywhere.
    """
    coverage = votes.sum(axis=1, keepdims=True) / items.sum()
    rates = (votes + smoothing * coverage) / (items + smoothing)
    return np.clip(rates, LEAST_PROBABILITY, 1 - LEAST_PROBABILITY), coverage

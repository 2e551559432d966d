"""The one-coin variant of Dawid and Skene's model: an accuracy per voter."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from labeling.label_models.evidence import Evidence
from labeling.label_models.expectation_maximisation import MaximisedModel, Parameters, likeliest_balance
from labeling.label_models.patterns import VotePatterns
from labeling.label_models.tables import log_odds_table
from labeling.types import Floats


class OneCoinModel(MaximisedModel):
    """One accuracy per voter, errors even over the other classes (Li & Yu, 2014, homogeneous Dawid-Skene).

    Fewer parameters than a confusion matrix: for voters with few votes or many classes. Of the votes that
    smoothing adds to each voter half are right.
    """

    def _m_step(
        self, statistics: VotePatterns, evidence: Evidence, balance: Floats | None
    ) -> Callable[[Floats], Parameters]:
        return lambda q: one_coin_parameters(evidence, q, self.smoothing, balance)


def one_coin_parameters(
    evidence: Evidence, q: Floats, smoothing: float, balance: Floats | None
) -> Parameters:
    """Give the parameters that maximise the expected log posterior at class probabilities ``q``, (r, k)."""
    votes, k = evidence.vote_counts(q), evidence.n_classes
    right, cast = np.trace(votes, axis1=1, axis2=2), votes.sum(axis=(1, 2))
    accuracy = (right + smoothing / 2) / (cast + smoothing)
    log_prior = smoothing / 2 * (np.log(accuracy) + np.log1p(-accuracy)).sum()
    balance, of_balance = likeliest_balance(evidence, q, balance)
    silence = np.zeros((len(votes), k))
    return Parameters(log_odds_table(accuracy, k), silence, balance, float(log_prior) + of_balance)

"""One naive-Bayes step from the majority: each vote weighs what the majority thinks of it."""

from __future__ import annotations

from typing import Self

import numpy as np

from labeling.label_models.dawid_skene import speaks_one_class
from labeling.label_models.evidence import gather
from labeling.label_models.gold_inside import PRIOR_LABELS
from labeling.label_models.patterns import VotePatterns
from labeling.label_models.tables import TableModel, expected_accuracies, uniform_or
from labeling.types import Bools, Floats, GoldVotes

PRIOR_VOTES = 30.0
PRIOR_ACCURACY = 0.8


class NaiveBayesModel(TableModel):
    """The first step of expectation-maximisation from the soft majority, and no further.

    The naive-Bayes step of Nigam, McCallum, Thrun & Mitchell (2000) with the majority as teacher and a prior
    belief in every voter. Further steps drift away from the majority wherever votes are few per item or
    voters only ever give one answer. Items without a vote count for all classes alike: what few votes say of
    the class balance is little to go by. Human labels pull each voter's rates towards what it did there.

    Parameters
    ----------
    prior_votes : float, above 0
        Votes added to each answer of a voter.
    prior_accuracy : float, in (0, 1)
        Share of them that is right.
    """

    def __init__(self, *, prior_votes: float = PRIOR_VOTES, prior_accuracy: float = PRIOR_ACCURACY) -> None:
        self.prior_votes = prior_votes
        self.prior_accuracy = prior_accuracy

    def fit(
        self, statistics: VotePatterns, *, gold: GoldVotes | None = None, class_balance: Floats | None = None
    ) -> Self:
        """Fit to vote patterns; the class balance is uniform where it is not given.

        Raises
        ------
        ValueError
            There are no rows, or ``class_balance`` is none.
        """
        self.class_balance_ = uniform_or(class_balance, statistics.n_classes)
        evidence, one_sided = gather(statistics, None), speaks_one_class(statistics)
        q = evidence.soft_majority()
        votes = evidence.vote_counts(q)
        items = evidence.class_counts(q)
        rates = vote_rates(votes, items, one_sided, self.prior_votes, self.prior_accuracy)
        if gold is not None:
            rates = anchored_rates(rates, gold, one_sided)
        self.log_table_ = np.log(rates)
        self.weights_ = expected_accuracies(
            rates * np.where(one_sided[:, None], items, votes.sum(axis=1))[:, None]
        )
        self.remarks_: tuple[str, ...] = ()
        return self


def vote_rates(
    vote_counts: Floats, items: Floats, one_sided: Bools, prior_votes: float, prior_accuracy: float
) -> Floats:
    """Give P(vote | class), shape (m, k, k), up to a constant per vote.

    Of a voter with several answers, given that it votes; of one with a single answer, over all items.

    Parameters
    ----------
    vote_counts : array, shape (m, k, k)
        Expected votes by voter, vote and class.
    items : array, shape (k,)
        Expected items per class.
    one_sided : mask, shape (m,)
    prior_votes, prior_accuracy : float
    """
    k = len(items)
    prior = np.full((k, k), (1 - prior_accuracy) / (k - 1))
    np.fill_diagonal(prior, prior_accuracy)
    smoothed = vote_counts + prior_votes * prior
    exposure = np.where(one_sided[:, None], items + prior_votes, smoothed.sum(axis=1))
    return np.asarray(smoothed / exposure[:, None])


def anchored_rates(rates: Floats, gold: GoldVotes, one_sided: Bools) -> Floats:
    """Pull P(vote | class), shape (m, k, k), towards what each voter did on human labels.

    The belief from votes alone is worth ``PRIOR_LABELS`` items of each class, as in ``anchored``; of a voter
    with several answers only items that it voted on count.
    """
    k = rates.shape[1]
    told = np.eye(k)[gold.labels] * gold.weight[:, None]
    seen = np.stack([(gold.votes.hard == a).T @ told for a in range(k)], axis=1)
    exposure = np.where(one_sided[:, None], told.sum(axis=0), seen.sum(axis=1))
    return np.asarray((PRIOR_LABELS * rates + seen) / (PRIOR_LABELS + exposure[:, None]))

"""The weighted majority: each vote weighs the log odds of its voter's accuracy."""

from __future__ import annotations

from typing import Self

import numpy as np

from labeling.label_models.evidence import require_rows
from labeling.label_models.patterns import VotePatterns
from labeling.label_models.tables import TableModel, log_odds_table, uniform_or
from labeling.types import ABSTAIN, Bools, Floats, GoldVotes

PRIOR_ACCURACY = 0.8
PRIOR_VOTES = 10.0
"""Votes that a belief is worth: the prior one against agreement, agreement against human labels."""

LEAST_LIFT = 0.01
"""Over random, of a voter with whom others seldom agree: where it votes alone, its vote still decides."""


class WeightedMajorityModel(TableModel):
    """Votes weighed by the log odds of being right (Nitzan & Paroush, 1982).

    Accuracies come from human labels where a voter voted on items with one, and lean on its agreement with
    the other voters on the same item; ``remarks_`` says whose come from where.

    Parameters
    ----------
    prior_votes : float, above 0
        Votes that a belief is worth against what comes after it.
    """

    def __init__(self, *, prior_votes: float = PRIOR_VOTES) -> None:
        self.prior_votes = prior_votes

    def fit(
        self, statistics: VotePatterns, *, gold: GoldVotes | None = None, class_balance: Floats | None = None
    ) -> Self:
        """Fit to vote patterns; the class balance is uniform where it is not given.

        Raises
        ------
        ValueError
            There are no rows, or ``class_balance`` is none.
        """
        require_rows(statistics.rows)
        k = statistics.n_classes
        self.class_balance_ = uniform_or(class_balance, k)
        agreed, compared = agreement(statistics)
        accuracy = _pulled(agreed, compared, PRIOR_ACCURACY, self.prior_votes)
        accuracy = np.maximum(accuracy, 1 / k + LEAST_LIFT)
        right, judged = np.zeros_like(accuracy), np.zeros_like(accuracy)
        if gold is not None:
            right, judged = right_on_gold(gold)
        self.weights_ = _pulled(right, judged, accuracy, self.prior_votes)
        self.log_table_ = log_odds_table(self.weights_, k)
        self.remarks_ = _sources(judged > 0, compared > 0)
        return self


def agreement(statistics: VotePatterns) -> tuple[Floats, Floats]:
    """Give how often each voter agrees with the others on the item, and on how many items there are any.

    Returns
    -------
    tuple of two arrays, each of shape (m,)
        Where the others differ among themselves, the share of them that agree counts.
    """
    k, cast = statistics.n_classes, statistics.indicators
    per_class = np.asarray(cast @ np.tile(np.eye(k), (statistics.n_voters, 1)))
    rows = np.repeat(np.arange(len(per_class)), np.diff(cast.indptr))
    others = per_class.sum(axis=1)[rows] - 1
    shares = (per_class[rows, cast.indices % k] - 1) / np.maximum(others, 1)
    items = np.where(others > 0, statistics.counts[rows], 0)
    voters = cast.indices // k
    m = statistics.n_voters
    agreed = np.bincount(voters, weights=shares * items, minlength=m)
    return np.asarray(agreed), np.asarray(np.bincount(voters, weights=items, minlength=m))


def right_on_gold(gold: GoldVotes) -> tuple[Floats, Floats]:
    """Give each voter's right votes on items with gold and its votes there, by weight, both shape (m,)."""
    right = gold.weight @ (gold.votes.hard == gold.labels[:, None])
    return np.asarray(right), np.asarray(gold.weight @ (gold.votes.hard != ABSTAIN))


def _pulled(right: Floats, cast: Floats, belief: Floats | float, votes: float) -> Floats:
    """Give the share of right votes after adding ``votes`` of which ``belief`` are right."""
    return np.asarray((right + votes * belief) / (cast + votes))


def _sources(judged: Bools, compared: Bools) -> tuple[str, ...]:
    sources = {
        "human labels": judged,
        "agreement with the others": ~judged & compared,
        f"the prior belief of {PRIOR_ACCURACY}": ~judged & ~compared,
    }
    parts = [f"of {mask.sum()} from {name}" for name, mask in sources.items() if mask.any()]
    return (f"accuracies of {len(judged)} voters: {', '.join(parts)}",)

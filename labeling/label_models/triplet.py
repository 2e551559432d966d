"""The triplet model: accuracies in closed form from how three voters vary together."""

from __future__ import annotations

from typing import Self

import numpy as np

from labeling.label_models.co_votes import CoVotes, count_co_votes
from labeling.label_models.evidence import require_rows
from labeling.label_models.tables import TableModel, uniform_or
from labeling.types import Bools, Floats, GoldVotes, Ints, VoteMatrix

LEAST_PROBABILITY = 1e-3
PRIOR_ACCURACY = 0.7
"""Of a voter whose votes fall together with those of no two others."""


class TripletModel(TableModel):
    """Accuracies in closed form, without any iteration (Fu et al., 2020), one class against the rest.

    Of three voters that err independently given the class, the covariances of "says c" give how much each
    one tells about class c; here by least squares over all triplets at once, weighed by the items that two
    voters share, so that voters who never meet add nothing. A voter with several answers is compared where
    it votes; one that only ever gives one answer, everywhere. The class balance is taken as known; human
    labels play no further part.

    Attributes
    ----------
    log_table_ : array, shape (m, k, k)
    """

    log_table_: Floats

    def statistics(self, votes: VoteMatrix) -> CoVotes:  # type: ignore[override]
        """Count which votes occur together."""
        return count_co_votes(votes)

    def fit(
        self, statistics: CoVotes, *, gold: GoldVotes | None = None, class_balance: Floats | None = None
    ) -> Self:
        """Fit to co-vote counts; the class balance is uniform where it is not given.

        Raises
        ------
        ValueError
            There are no rows, or ``class_balance`` is none.
        """
        require_rows(statistics.rows)
        k, m = statistics.n_classes, statistics.n_voters
        balance = uniform_or(class_balance, k)
        table = np.empty((m, k, k))
        unknown = np.zeros(m, dtype=bool)
        for c, share in enumerate(balance):
            rest = np.arange(k) != c
            table[:, c, c], others, lonely = one_against_rest(statistics, c, share)
            table[:, c, rest] = others[:, None]
            unknown |= lonely & (statistics.cast.reshape(m, k)[:, c] > 0)
        self.log_table_ = np.log(table)
        self.class_balance_ = balance
        self.weights_ = np.einsum("jyy,y->j", table, balance) / np.einsum("jay,y->j", table, balance)
        self.remarks_ = _remarks(unknown)
        return self


def one_against_rest(statistics: CoVotes, c: int, share: float) -> tuple[Floats, Floats, Bools]:
    """Give P(says c | class c), P(says c | other class) and who could not be told, each of shape (m,).

    Parameters
    ----------
    statistics : CoVotes
    c : int
    share : float, in (0, 1)
        Of class c.
    """
    covariances, together, rates = co_variation(statistics, c)
    lift, known = lifts(covariances / (share * (1 - share)), together)
    default = rates * (PRIOR_ACCURACY - share) / (share * (1 - share))
    lift = np.where(known, lift, default)
    bounds = LEAST_PROBABILITY, 1 - LEAST_PROBABILITY
    return np.clip(rates + (1 - share) * lift, *bounds), np.clip(rates - share * lift, *bounds), ~known


def co_variation(statistics: CoVotes, c: int) -> tuple[Floats, Floats, Floats]:
    """Give covariances of "says c", the items behind each, both (m, m), and the rates of c, shape (m,)."""
    m, k = statistics.n_voters, statistics.n_classes
    cast = statistics.cast.reshape(m, k)
    everywhere = (cast > 0).sum(axis=1) == 1
    counts = statistics.counts.reshape(m, k, m, k)
    items = _asked(counts.sum(axis=(1, 3)), cast.sum(axis=1), everywhere, statistics.rows)
    sign = np.where(everywhere & (cast[:, c] == 0), -1, 1)
    spoken = np.where(sign < 0, cast.argmax(axis=1), c)
    voters = np.arange(m)
    both = counts[voters[:, None], spoken[:, None], voters, spoken]
    said = np.where(everywhere, cast[voters, spoken][:, None], counts[voters, spoken].sum(axis=2))
    safe = np.maximum(items, 1)
    covariances = np.outer(sign, sign) * (both / safe - (said / safe) * (said.T / safe))
    rates = cast[:, c] / np.maximum(np.diag(items), 1)
    np.fill_diagonal(items, 0.0)
    return covariances, items, rates


def _asked(together: Ints, votes: Ints, everywhere: Bools, rows: int) -> Floats:
    """Give the number of items on which two voters are compared, shape (m, m)."""
    met = np.where(everywhere, votes[:, None], together)
    met = np.where(everywhere[:, None], votes, met).astype(float)
    met[np.ix_(everywhere, everywhere)] = rows
    return met


def lifts(products: Floats, items: Floats) -> tuple[Floats, Bools]:
    """Solve ``products[i, j] = d[i] d[j]``, off the diagonal, for d, shape (m,).

    Each triplet says ``d_i² = p_ij p_ik / p_jk``; the least-squares answer to all of them, each in the form
    ``d_i² p_jk = p_ij p_ik``, needs no division by what is near zero. Voters are held to be better than
    random on the whole, which fixes the sign.

    Returns
    -------
    tuple of array of float and mask, each of shape (m,)
        d, and whether any triplet tells of it.
    """
    weight = np.sqrt(items)
    p = products * weight
    linked = ((p @ p) * p).sum(axis=1)
    scale = (weight @ (weight * products**2) * weight).sum(axis=1)
    known = (linked > 0) & (scale > 0)
    size = np.sqrt(np.where(known, linked, 0) / np.where(known, scale, 1))
    sign = np.where((p * size).sum(axis=1) < 0, -1.0, 1.0)
    return size * sign, known


def _remarks(unknown: Bools) -> tuple[str, ...]:
    if not unknown.any():
        return ()
    word = f"{unknown.sum()} of {len(unknown)} voters share items with too few others to be judged"
    return (f"{word}: taken as right at {PRIOR_ACCURACY} there",)

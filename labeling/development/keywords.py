"""Candidate keywords: terms that would vote rightly where no function votes by them yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

from labeling.development.terms import term_matrix
from labeling.intervals import wilson_interval
from labeling.types import ABSTAIN, Bools, Floats, Ints, VoteMatrix

LEAST_GOLD = 10
"""Items with gold that a term must occur in to be estimated from gold; ten right of ten prove .72."""
LEAST_COVERED = 5
"""Covered items that a term must occur in to be estimated from the label model's posterior."""
LEAST_PRECISION = 0.7
"""Precision that the lower end of the interval from gold must reach, else the label model's estimate; the
upper end of the interval from little gold reaches it in any case."""
COVERED_BY = 0.9
"""Share of a term's items on which a function votes from which the function has the term already."""
DENSE = 0.5
"""Share of all items from which a voter's votes say nothing about single terms."""
SAME_ITEMS = 0.8
"""Likeness (Jaccard) of two terms' items from which only the better term is given."""


@dataclass(frozen=True)
class Keyword:
    """A term as a candidate for one class.

    Attributes
    ----------
    term : str
    label : int
        Class index.
    items, uncovered : int
        Items that hold the term, and those of them on which nobody votes.
    precision : float
        Estimated share of the term's items that are of the class, in [0, 1].
    interval : (float, float) or None
        Wilson's, 95 %, where the estimate is from gold; None where it is the label model's posterior.
    judged : int
        Items that the estimate rests on: with gold, or covered.
    """

    term: str
    label: int
    items: int
    uncovered: int
    precision: float
    interval: tuple[float, float] | None
    judged: int


@dataclass(frozen=True)
class Estimate:
    """Precision of t terms for k classes: arrays of shape (t, k), but ``judged``, shape (t,).

    Attributes
    ----------
    precision : array
        The estimate, in [0, 1].
    low, high : array
        Ends of its interval; the estimate itself where there is none.
    judged : array of int
        Items that the estimate rests on.
    """

    precision: Floats
    low: Floats
    high: Floats
    judged: Ints


def candidate_keywords(
    texts: Sequence[str],
    votes: VoteMatrix,
    gold: npt.NDArray[np.int8],
    posterior: Floats,
    *,
    least: int = LEAST_COVERED,
    most: int = 5,
) -> list[Keyword]:
    """Give candidate keywords of every class, most right less wrong votes on uncovered items first.

    A term is estimated from gold where ``LEAST_GOLD`` items that hold it have gold, else from the label
    model's posterior on the covered items that hold it. Terms that some voter has already are left out.

    Parameters
    ----------
    texts : sequence of str, length n
    votes : VoteMatrix
        Of n items on k classes.
    gold : array of int8, shape (n,)
        Class indices; -1 is none.
    posterior : array, shape (n, k)
        The label model's class probabilities.
    least : int
        Texts that a term must occur in.
    most : int
        Candidates of each class.
    """
    matrix, terms = term_matrix(texts, least)
    by_gold = gold_estimate(matrix, gold, votes.n_classes)
    by_model = posterior_estimate(matrix, posterior, votes.covered)
    from_gold = by_gold.judged >= LEAST_GOLD
    proven = from_gold[:, None] & (by_gold.low >= LEAST_PRECISION)
    likely = ~from_gold & (by_model.judged >= LEAST_COVERED)
    probable = likely[:, None] & (by_model.low >= LEAST_PRECISION) & (by_gold.high >= LEAST_PRECISION)
    promising = (proven | probable) & ~voted_already(matrix, votes)
    margin = 2 * np.where(from_gold[:, None], by_gold.low, by_model.low) - 1
    items = np.asarray(matrix.sum(axis=0)).ravel()
    uncovered = matrix.T @ (~votes.covered).astype(float)
    found: list[Keyword] = []
    for c in range(votes.n_classes):
        rank = np.lexsort((-margin[:, c] * items, -margin[:, c] * uncovered))
        for t in distinct_terms(matrix, rank[promising[rank, c]], most):
            estimate = by_gold if from_gold[t] else by_model
            found.append(_keyword(str(terms[t]), c, t, items, uncovered, estimate, bool(from_gold[t])))
    return found


def gold_estimate(matrix: csr_matrix, gold: npt.NDArray[np.int8], n_classes: int) -> Estimate:
    """Count, of each term's items with gold, those of each class.

    Parameters
    ----------
    matrix : csr_matrix, shape (n, t)
    gold : array of int8, shape (n,)
    n_classes : int
    """
    right = np.asarray(matrix.T @ (gold[:, None] == np.arange(n_classes)).astype(float))
    judged = right.sum(axis=1)
    low, high = wilson_interval(right, judged[:, None])
    return Estimate(right / np.maximum(judged, 1)[:, None], low, high, judged.astype(np.int64))


def posterior_estimate(matrix: csr_matrix, posterior: Floats, covered: Bools) -> Estimate:
    """Average the label model's posterior over each term's covered items.

    Parameters
    ----------
    matrix : csr_matrix, shape (n, t)
    posterior : array, shape (n, k)
    covered : mask, shape (n,)
    """
    judged = np.asarray(matrix.T @ covered.astype(float))
    share = np.asarray(matrix.T @ (posterior * covered[:, None])) / np.maximum(judged, 1)[:, None]
    return Estimate(share, share, share, judged.astype(np.int64))


def voted_already(matrix: csr_matrix, votes: VoteMatrix) -> Bools:
    """Mask, shape (t, k): terms of which some voter has nearly all items for that class already.

    Voters that vote on more than ``DENSE`` of all items are left out: they cover every term, and know none.
    """
    items = np.maximum(np.asarray(matrix.sum(axis=0)).ravel(), 1)
    already = np.zeros((matrix.shape[1], votes.n_classes), dtype=bool)
    for j in range(len(votes.voters)):
        column = votes.hard[:, j]
        if (column != ABSTAIN).sum() > DENSE * len(votes):
            continue
        for c in np.unique(column[column != ABSTAIN]):
            already[:, c] |= (matrix.T @ (column == c).astype(float)) >= COVERED_BY * items
    return already


def distinct_terms(matrix: csr_matrix, ordered: Ints, most: int) -> list[int]:
    """Give the first terms, at most ``most``, but one alone of those that occur in nearly the same items."""
    columns = matrix.tocsc()
    chosen: list[int] = []
    for t in ordered:
        if len(chosen) == most:
            break
        if all(_likeness(columns, int(t), other) < SAME_ITEMS for other in chosen):
            chosen.append(int(t))
    return chosen


def _likeness(columns: csr_matrix, a: int, b: int) -> float:
    both = float(columns[:, a].multiply(columns[:, b]).sum())
    return both / float(columns[:, a].sum() + columns[:, b].sum() - both)


def _keyword(
    term: str, c: int, t: int, items: Floats, uncovered: Floats, estimate: Estimate, from_gold: bool
) -> Keyword:
    ends = (round(float(estimate.low[t, c]), 4), round(float(estimate.high[t, c]), 4))
    return Keyword(
        term=term,
        label=c,
        items=int(items[t]),
        uncovered=int(uncovered[t]),
        precision=round(float(estimate.precision[t, c]), 4),
        interval=ends if from_gold else None,
        judged=int(estimate.judged[t]),
    )

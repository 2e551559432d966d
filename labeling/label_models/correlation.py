"""Voters that say the same thing: found, and merged so that together they weigh as one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from labeling.label_models.co_votes import one_hot
from labeling.label_models.majority import vote_shares
from labeling.label_models.posterior import log_likelihood
from labeling.types import ABSTAIN, Floats, GoldVotes, VoteMatrix

LOOKED_AT = 20_000
"""Rows of a pool that are looked at, evenly spaced: dependence that matters shows in fewer."""

LEAST_OVERLAP = 30
LEAST_EXCESS = 0.5
CLEAR_EXCESS = 0.9
"""What it takes where no other voter can tell dependence from accuracy."""

LEAST_GROUPS = 3
"""Fewer voters leave a label model nothing to learn from: only what is clearly one is merged to that."""

SAME_ROWS = 0.98
"""Share of all votes that two voters give together, above which they are one."""

LEAST_DEVIATIONS = 4.0

Groups = tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class PairAgreement:
    """How often pairs of m voters agree where both vote, and how often their accuracies let them.

    Attributes
    ----------
    overlap, agreeing, expected : array, shape (m, m)
        Numbers of rows.
    """

    overlap: Floats
    agreeing: Floats
    expected: Floats

    @property
    def excess(self) -> Floats:
        """Share of the room above the expected that agreement takes, shape (m, m); 0 where unclear."""
        room = self.overlap - self.expected
        clear = (self.overlap >= LEAST_OVERLAP) & (room > 0.02 * self.overlap)
        above = np.where(clear, self.agreeing - self.expected, 0.0)
        deviation = np.sqrt(np.maximum(self.expected * room / np.maximum(self.overlap, 1), 1e-9))
        share = np.where(above > LEAST_DEVIATIONS * deviation, above / np.where(clear, room, 1.0), 0.0)
        np.fill_diagonal(share, 0.0)
        return np.asarray(share)


def pair_agreement(votes: VoteMatrix, q: Floats) -> PairAgreement:
    """Compare agreement of pairs with what voters that err independently given the class would show.

    Parameters
    ----------
    q : array, shape (n, k)
        Class probabilities of the rows, or human labels as indicators.
    """
    m, k = len(votes.voters), votes.n_classes
    said = one_hot(votes.hard, k).astype(float)
    cast = (votes.hard != ABSTAIN).astype(float)
    mass = (said.T @ q).reshape(m, k, k) + 0.5 / k
    given = mass / mass.sum(axis=1, keepdims=True)
    expected = sum(((cast * q[:, [c]]).T @ cast) * (given[:, :, c] @ given[:, :, c].T) for c in range(k))
    together = (said.T @ said).reshape(m, k, m, k)
    return PairAgreement(cast.T @ cast, np.einsum("iaja->ij", together), np.asarray(expected))


def shared_votes(votes: VoteMatrix) -> Floats:
    """Give which share of its votes the busier voter of each pair shares with the other, shape (m, m)."""
    m, k = len(votes.voters), votes.n_classes
    said = one_hot(votes.hard, k).astype(float)
    together = np.einsum("iaja->ij", (said.T @ said).reshape(m, k, m, k))
    number = np.diag(together)
    most = np.maximum(number[:, None], number[None, :])
    share = np.where(most >= LEAST_OVERLAP, together / np.maximum(most, 1), 0.0)
    np.fill_diagonal(share, 0.0)
    return np.asarray(share)


def triplet_excess(votes: VoteMatrix, i: int, j: int, others: Sequence[int]) -> float:
    """Give how far voters i and j agree beyond what their agreement with others makes of their accuracies.

    Agreement above chance of two independent voters is the product of their accuracies above chance, and
    three voters give each (method of moments; Fu et al., 2020).

    Returns
    -------
    float
        As ``PairAgreement.excess``; infinite where fewer than two others can tell.
    """
    above, error = _above_chance(votes.hard[:, [i, j, *others]], votes.n_classes)
    accuracy = [_by_triplets(above, error, voter) for voter in (0, 1)]
    if not all(np.isfinite(accuracy)):
        return float("inf")
    expected = min(float(np.prod(accuracy)), 0.98)
    return float((above[0, 1] - expected) / (1 - expected))


def _above_chance(hard: npt.NDArray[np.int8], n_classes: int) -> tuple[Floats, Floats]:
    """Give agreement of pairs above chance, in (-1, 1], NaN where unclear, and its standard error at most."""
    cast = (hard != ABSTAIN).astype(float)
    said = one_hot(hard, n_classes).astype(float)
    overlap = cast.T @ cast
    m = hard.shape[1]
    agreeing = np.einsum("iaja->ij", (said.T @ said).reshape(m, n_classes, m, n_classes))
    rate = np.where(overlap >= LEAST_OVERLAP, agreeing / np.maximum(overlap, 1), np.nan)
    scale = n_classes / (n_classes - 1)
    return scale * (rate - 1 / n_classes), scale * 0.5 / np.sqrt(np.maximum(overlap, 1))


def _by_triplets(above: Floats, error: Floats, voter: int) -> float:
    """Give a voter's accuracy above chance from pairs of the others, columns 2 and on, by least squares.

    Pairs that hardly agree above chance say nothing and would pull the estimate down.
    """
    first, second = np.triu_indices(len(above) - 2, 1)
    between = above[first + 2, second + 2]
    products = above[voter, first + 2] * above[voter, second + 2]
    clear = between > LEAST_DEVIATIONS * error[first + 2, second + 2]
    usable = clear & np.isfinite(products)
    if not usable.any():
        return float("nan")
    square = (products[usable] @ between[usable]) / (between[usable] @ between[usable])
    return float(np.sqrt(np.clip(square, 0, 1)))


def find_groups(votes: VoteMatrix, gold: GoldVotes | None = None) -> Groups:
    """Group voters whose errors are the same; most groups hold one voter.

    The most dependent pair is merged first, and what remains is looked at anew: a crowd of copies would else
    pass for the truth. Human labels tell dependence from accuracy where enough of them have both votes; else
    it is excess over the agreement that majority and triplets of the other voters explain. Soft voters stay
    single.

    Returns
    -------
    tuple of tuple of int
        Columns, each in one group, in order of their first.
    """
    sample = votes.take(np.arange(0, len(votes), max(1, len(votes) // LOOKED_AT)))
    groups: list[tuple[int, ...]] = [(j,) for j in range(len(votes.voters))]
    single = [name in votes.soft for name in votes.voters]
    while len(groups) > 1:
        excess = _dependence(sample, groups, gold)
        hard = ~np.array([single[group[0]] for group in groups])
        excess[~(hard[:, None] & hard)] = 0.0
        i, j = sorted(np.unravel_index(int(excess.argmax()), excess.shape))
        if excess[i, j] < (LEAST_EXCESS if len(groups) > LEAST_GROUPS else CLEAR_EXCESS):
            break
        groups[i] = tuple(sorted(groups[i] + groups.pop(int(j))))
    return tuple(sorted(groups))


def _dependence(votes: VoteMatrix, groups: Sequence[tuple[int, ...]], gold: GoldVotes | None) -> Floats:
    merged = merge_votes(votes, groups)
    screened = pair_agreement(merged, vote_shares(merged)).excess
    excess = np.zeros_like(screened)
    for i, j in zip(*np.nonzero(np.triu(screened >= LEAST_EXCESS)), strict=True):
        excess[i, j] = min(screened[i, j], _confirmed(merged, screened, int(i), int(j)))
    if gold is not None and len(gold):
        told = pair_agreement(merge_votes(gold.votes, groups), np.eye(votes.n_classes)[gold.labels])
        excess = np.where(told.overlap >= LEAST_OVERLAP, told.excess, excess)
    same = shared_votes(merged)
    return np.asarray(np.triu(np.where(same >= SAME_ROWS, same, excess)))


def _confirmed(votes: VoteMatrix, screened: Floats, i: int, j: int) -> float:
    """Ask voters that depend on neither i nor j; where too few can tell, only sameness counts."""
    dependent = (screened[i] > 0) | (screened[j] > 0) | (screened[:, i] > 0) | (screened[:, j] > 0)
    several = np.array([len(np.unique(column[column >= 0])) > 1 for column in votes.hard.T])
    others = [v for v in np.flatnonzero(several & ~dependent).tolist() if v not in (i, j)]
    excess = triplet_excess(votes, i, j, others)
    if np.isfinite(excess):
        return excess
    return 1.0 if screened[i, j] >= CLEAR_EXCESS else 0.0


def merge_votes(votes: VoteMatrix, groups: Sequence[tuple[int, ...]]) -> VoteMatrix:
    """Let each group vote as one: its majority, abstaining on a tie.

    A group of soft voters alone gives the geometric mean of the likelihoods of those that vote; beside hard
    votes a soft voter of a group counts by its hard vote.
    """
    columns = [_merged(votes.hard[:, list(group)], votes.n_classes) for group in groups]
    members = [tuple(votes.voters[j] for j in group) for group in groups]
    soft = {
        " = ".join(group): mean_likelihood([votes.soft[name] for name in group])
        for group in members
        if all(name in votes.soft for name in group)
    }
    names = tuple(map(" = ".join, members))
    return VoteMatrix(np.column_stack(columns), names, votes.n_classes, votes.classes, soft=soft)


def mean_likelihood(soft: Sequence[Floats]) -> npt.NDArray[np.float32]:
    """Give the geometric mean of likelihoods, each of shape (n, k), over the voters that do not abstain."""
    if len(soft) == 1:
        return soft[0].astype(np.float32)
    speakers = np.sum([likelihood.any(axis=1) for likelihood in soft], axis=0)[:, None]
    mean = np.exp(np.sum([log_likelihood(s) for s in soft], axis=0) / np.maximum(speakers, 1))
    return np.asarray(np.where(speakers > 0, mean, 0), dtype=np.float32)


def _merged(hard: npt.NDArray[np.int8], n_classes: int) -> npt.NDArray[np.int8]:
    if hard.shape[1] == 1:
        return hard[:, 0]
    counts = np.stack([(hard == c).sum(axis=1) for c in range(n_classes)], axis=1)
    top = counts.max(axis=1)
    clear = (top > 0) & ((counts == top[:, None]).sum(axis=1) == 1)
    return np.where(clear, counts.argmax(axis=1), ABSTAIN).astype(np.int8)

"""What a batch is made of: uniform rows, those that a strategy chooses, and floors for what is rare."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest

import numpy as np

from active.likeness import Likeness
from active.strategies.uncertainty import smallest
from labeling.types import Floats, Ints

FEW_LABELS = 5
"""Labels below which a class is rare, once there are labels at all."""

SEEN_ROWS = 100_000
"""Candidates, drawn uniformly, that a strategy looks at: more take longer and are chosen no better from."""

LOOKED_AT = 50
"""Rows looked at for each uniform row, before near-duplicates are taken for want of others."""

Ask = Callable[[int, Ints], Ints]
"""Chooses at most so many of some pool rows, the best first."""


@dataclass(frozen=True)
class Floor:
    """A least number of a batch's rows that are of some kind.

    Parameters
    ----------
    least : int
    rows : array of int
        Pool rows of the kind.
    ask : Ask
        Chooses such rows.
    candidates : array of int
        Pool rows to choose from.
    """

    least: int
    rows: Ints = field(repr=False)
    ask: Ask = field(repr=False)
    candidates: Ints = field(repr=False)

    def lacking(self, batch: Ints) -> int:
        """Count the rows that a batch lacks; below 0, those that it has beyond the floor."""
        return self.least - int(np.isin(batch, self.rows).sum())


def uniform_rows(order: Ints, n: int, likeness: Likeness) -> tuple[Ints, Floats]:
    """Take the first ``n`` rows of a random order that are not alike.

    Parameters
    ----------
    order : array of int, shape (c,)
        All candidates.

    Returns
    -------
    rows : array of int, shape (min(n, c),)
    inclusion : array of float64, same shape, in (0, 1]
        The probability with which each was drawn: a row of a group of g that are alike is asked for in
        the name of all. (Rosén, 1997, On sampling with probability proportional to size.)
    """
    window = order[: LOOKED_AT * n]
    places = filled(np.flatnonzero(likeness.distinct(window, n)), len(window), n)
    rows = order[places]
    looked = (places.max() + 1) / len(order) if len(places) else 0.0
    groups = likeness.counts(order, rows)
    return rows, (1 - (1 - looked) ** groups) / groups


def filled(places: Ints, n_places: int, n: int) -> Ints:
    """Add the first places that are not among ``places`` until there are min(n, n_places)."""
    others = np.setdiff1d(np.arange(n_places), places)
    return np.asarray(np.concatenate([places, others])[:n])


def distinct_rows(ask: Ask, n: int, candidates: Ints, before: Ints, likeness: Likeness) -> Ints:
    """Ask for ``n`` rows that are like none of ``before`` nor like each other, as far as there are any.

    Returns
    -------
    array of int, shape (min(n, what is left of candidates without before),)
        Near-duplicates only where nothing else is left.
    """
    free = candidates[~np.isin(candidates, before)]
    chosen, left = free[:0], free[~likeness.near(free, before)]
    while len(chosen) < n and len(left):
        found = ask(n - len(chosen), left)
        chosen = np.concatenate([chosen, found[likeness.distinct(found, n)]])
        left = left[~likeness.near(left, found)] if len(chosen) < n else left
    lacking = n - len(chosen)
    rest = free[~np.isin(free, chosen)] if lacking else free[:0]
    return np.concatenate([chosen, ask(lacking, rest)]) if len(rest) else chosen


def with_floors(chosen: Ints, drawn: Ints, floors: Sequence[Floor], likeness: Likeness) -> Ints:
    """Exchange the last of ``chosen`` for rows that a floor lacks, counting the uniformly ``drawn`` ones.

    Floors that come later take nothing that an earlier one needs, and the other way round.
    """
    for floor in floors:
        batch = np.concatenate([drawn, chosen])
        spare = spare_places(chosen, drawn, floor, [other for other in floors if other is not floor])
        lacking = min(floor.lacking(batch), len(spare))
        if lacking > 0:
            extra = distinct_rows(floor.ask, lacking, floor.candidates, batch, likeness)
            chosen = np.concatenate([np.delete(chosen, spare[: len(extra)]), extra])
    return chosen


def spare_places(chosen: Ints, drawn: Ints, floor: Floor, others: Sequence[Floor]) -> list[int]:
    """Give places of ``chosen``, the last first, that are not of a floor's kind and that others can spare."""
    over = [-other.lacking(np.concatenate([drawn, chosen])) for other in others]
    kinds = [np.isin(chosen, other.rows) for other in others]
    places = []
    for i in np.flatnonzero(~np.isin(chosen, floor.rows))[::-1].tolist():
        needed_by = [j for j, kind in enumerate(kinds) if kind[i]]
        if all(over[j] > 0 for j in needed_by):
            places.append(i)
            for j in needed_by:
                over[j] -= 1
    return places


def critical_floor(share: float, n: int, critical: Ints, ask: Ask) -> Floor:
    """Keep a share of ``n`` rows for the pool rows ``critical``, as many as there are."""
    return Floor(min(math.ceil(share * n), len(critical)), critical, ask, critical)


def rare_floor(share: float, n: int, candidates: Ints, proba: Floats, counts: Ints) -> Floor:
    """Keep a share of ``n`` rows for classes with fewer than five labels, none before the first label.

    Parameters
    ----------
    candidates : array of int, shape (p,)
        Pool rows.
    proba : array of float, shape (p, k)
        Their class probabilities.
    counts : array of int, shape (k,)
        Labels of each class.
    """
    rare = np.argsort(counts, kind="stable")
    rare = rare[counts[rare] < FEW_LABELS] if counts.sum() else rare[:0]

    def ask(n: int, rows: Ints) -> Ints:
        return rows[likeliest(proba[np.searchsorted(candidates, rows)][:, rare], n)]

    expected = candidates[np.isin(proba.argmax(axis=1), rare)]
    return Floor(math.ceil(share * n) if len(rare) else 0, expected, ask, candidates)


def likeliest(proba: Floats, n: int) -> Ints:
    """Choose, of each class in turn, the row that is most probably of it.

    Parameters
    ----------
    proba : array of float, shape (p, c)
        Of the classes that take turns.

    Returns
    -------
    array of int, shape (min(n, p),)
        Positions without repetition.
    """
    best = [smallest(-column, n).tolist() for column in proba.T]
    turns = [i for turn in zip_longest(*best) for i in turn if i is not None]
    return np.array(list(dict.fromkeys(turns))[:n], dtype=np.int64)


def seen(candidates: Ints, n: int, rng: np.random.Generator) -> Ints:
    """Draw the candidates that are looked at for ``n`` rows, ascending: all where they are not too many."""
    size = max(SEEN_ROWS, n)
    return candidates if len(candidates) <= size else np.sort(rng.choice(candidates, size, replace=False))

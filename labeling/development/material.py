"""Which items an author of functions is shown."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from labeling.development.bench import Bench
from labeling.lf.authors import Material, ShownItem
from labeling.types import ABSTAIN, Bools, Ints, VoteMatrix

MOST_LABELLED = 40
MOST_DISPUTED = 12
MOST_UNCOVERED = 12
SHOWN_OF_GOLD = 1 / 3
"""The most that is shown of the gold of a class: what was shown cannot judge what came of it."""


def choose_material(bench: Bench, seed: int) -> tuple[Material, Ints]:
    """Draw items for an author, and give their rows, all of them together.

    Labelled items are drawn uniformly within each class, so that the gold that is left is as it was.

    Parameters
    ----------
    bench : Bench
    seed : int
    """
    votes, n = bench.votes, len(bench.pool)
    order = np.random.default_rng(seed).permutation(n)
    labelled = labelled_rows(bench.gold, order, len(bench.names))
    left = order[(bench.gold == ABSTAIN)[order]]
    disputed = left[is_disputed(votes)[left]][:MOST_DISPUTED]
    uncovered = left[~votes.covered[left]][:MOST_UNCOVERED]
    material = Material(
        tuple(_shown(bench, int(i)) for i in labelled),
        tuple(_shown(bench, int(i)) for i in disputed),
        tuple(_shown(bench, int(i)) for i in uncovered),
        votes.voters,
    )
    return material, np.concatenate([labelled, disputed, uncovered])


def labelled_rows(gold: npt.NDArray[np.int8], order: Ints, n_classes: int) -> Ints:
    """Give rows with gold, the same number of each class as far as there are enough.

    Parameters
    ----------
    gold : array of int8, shape (n,)
        Class indices; -1 without.
    order : array of int, shape (n,)
        The rows in the order in which they are drawn.
    n_classes : int
    """
    each = max(1, MOST_LABELLED // n_classes)
    by_class = [order[gold[order] == c] for c in range(n_classes)]
    return np.concatenate([rows[: min(each, int(len(rows) * SHOWN_OF_GOLD))] for rows in by_class])


def is_disputed(votes: VoteMatrix) -> Bools:
    """Mask, shape (n,): items with votes for two classes or more."""
    voted = votes.hard != ABSTAIN
    highest = votes.hard.max(axis=1, initial=ABSTAIN)
    return np.asarray((voted & (votes.hard != highest[:, None])).any(axis=1))


def _shown(bench: Bench, i: int) -> ShownItem:
    said: Sequence[int] = bench.votes.hard[i].tolist()
    votes = {
        name: bench.names[code]
        for name, code in zip(bench.votes.voters, said, strict=True)
        if code != ABSTAIN
    }
    return ShownItem(bench.pool.items.item(i), bench.name(bench.gold[i]), votes)

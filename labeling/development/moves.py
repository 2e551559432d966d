"""What changed from one set of votes or labels to another: gained, lost, flipped, by class."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from labeling.development.accuracy import Accuracy, judge
from labeling.development.hits import Span
from labeling.types import ABSTAIN, Ints

Codes = npt.NDArray[np.int8]


@dataclass(frozen=True)
class MovedItem:
    """One item that changed.

    ``gold`` is its class where the writer may know it; ``hits`` are the parts of the text that the voter
    matches now, empty where it cannot tell or does not vote.
    """

    id: str
    text: str
    gold: str | None
    hits: tuple[Span, ...] = ()


@dataclass(frozen=True)
class Move:
    """Items that went from one class to another; None is no vote, or no label."""

    before: str | None
    after: str | None
    total: int
    items: tuple[MovedItem, ...]


@dataclass(frozen=True)
class Change:
    """All moves from one state of n items to another, the most frequent first, with accuracy on gold."""

    moves: tuple[Move, ...]
    accuracy_before: Accuracy
    accuracy_after: Accuracy

    @property
    def gained(self) -> int:
        """Items that had none and have one now."""
        return sum(m.total for m in self.moves if m.before is None)

    @property
    def lost(self) -> int:
        """Items that had one and have none now."""
        return sum(m.total for m in self.moves if m.after is None)

    @property
    def flipped(self) -> int:
        """Items that went from one class to another."""
        return sum(m.total for m in self.moves if m.before is not None and m.after is not None)

    def to_dict(self) -> dict[str, Any]:
        """Give a JSON-ready mapping."""
        return {
            "gained": self.gained,
            "lost": self.lost,
            "flipped": self.flipped,
            "moves": [asdict(m) for m in self.moves],
            "accuracy_before": self.accuracy_before.to_dict(),
            "accuracy_after": self.accuracy_after.to_dict(),
        }


def moved(before: Codes, after: Codes) -> list[tuple[int, int, Ints]]:
    """Group the items whose class changed by (class before, class after), the most frequent first.

    Parameters
    ----------
    before, after : array of int8, shape (n,)
        Class indices; -1 is none.

    Returns
    -------
    list of (int, int, array of item indices)

    Examples
    --------
    >>> [(a, b, rows.tolist()) for a, b, rows in moved(np.array([0, -1, -1, 1]), np.array([0, 1, 1, -1]))]
    [(-1, 1, [1, 2]), (1, -1, [3])]
    """
    changed = np.flatnonzero(before != after)
    pairs, group = np.unique(np.stack([before[changed], after[changed]], axis=1), axis=0, return_inverse=True)
    groups = [(int(a), int(b), changed[group.reshape(-1) == g]) for g, (a, b) in enumerate(pairs)]
    return sorted(groups, key=lambda found: -len(found[2]))


def describe_change(
    before: Codes,
    after: Codes,
    gold: Codes,
    name: Callable[[int], str | None],
    show: Callable[[int], MovedItem],
    limit: int,
) -> Change:
    """Describe what changed on n items.

    Parameters
    ----------
    before, after, gold : array of int8, shape (n,)
        Class indices; -1 is none.
    name : callable
        Gives the name of a class index, None of -1.
    show : callable
        Gives item i for people.
    limit : int
        Items shown of each move; those with gold go first, for they say whether the move is right.
    """
    moves = []
    for old, new, rows in moved(before, after):
        shown = rows[np.argsort(gold[rows] == ABSTAIN, kind="stable")][:limit]
        moves.append(Move(name(old), name(new), len(rows), tuple(show(int(i)) for i in shown)))
    return Change(tuple(moves), judge(before, gold), judge(after, gold))

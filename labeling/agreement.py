"""How far voters say the same: right or wrong, and which of them count as one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import Any

import numpy as np

from labeling.intervals import wilson_interval
from labeling.label_models.correlation import find_groups
from labeling.types import ABSTAIN, Bools, Codes, GoldVotes, PoolGold, VoteMatrix

Interval = tuple[float, float]


@dataclass(frozen=True)
class VoterPair:
    """How far two voters say the same; shares lie in [0, 1], intervals hold them with 95 % confidence.

    Attributes
    ----------
    both : int
        Items on which both vote.
    agree : float or None
        Share of them on which both name the same class; None without any.
    agree_chance : float or None
        What it were if neither looked at the items: by how often each names each class.
    judged : int
        Items on which both vote, and people told the class.
    both_wrong, both_wrong_chance : int and float
        Of these, those on which both are wrong, and how many it were if they erred independently.
    same_wrong : float or None
        Share of the items on which both are wrong that have the same wrong answer of both.
    same_wrong_chance : float
        What it were if each picked any of the wrong classes: with two classes it is always the same one.
    """

    first: str
    second: str
    both: int
    agree: float | None
    agree_interval: Interval | None
    agree_chance: float | None
    judged: int
    both_wrong: int
    both_wrong_chance: float
    same_wrong: float | None
    same_wrong_interval: Interval | None
    same_wrong_chance: float


@dataclass(frozen=True)
class Agreement:
    """The agreement of some voters, pair by pair.

    Attributes
    ----------
    pairs : tuple of VoterPair
        Those that agree most first.
    groups : tuple of tuple of str
        Voters that the label model takes for one: all that share a group with others.
    """

    pairs: tuple[VoterPair, ...]
    groups: tuple[tuple[str, ...], ...]

    def to_dict(self) -> dict[str, Any]:
        """Give a JSON-ready mapping."""
        return {"pairs": [asdict(pair) for pair in self.pairs], "groups": [list(g) for g in self.groups]}


def measure_agreement(votes: VoteMatrix, gold: PoolGold, voters: Sequence[str]) -> Agreement:
    """Compare some of the voters with one another.

    Parameters
    ----------
    votes : VoteMatrix
        Of n items by all m voters, for those that are not compared tell what is dependence.
    gold : PoolGold
    voters : sequence of str
        Those to compare.
    """
    hard = {name: votes.hard[:, votes.voters.index(name)] for name in voters}
    pairs = [
        _compare(a, b, hard[a], hard[b], gold.labels, votes.n_classes) for a, b in combinations(voters, 2)
    ]
    told = GoldVotes(votes.take(gold.rows), gold.told) if len(gold.rows) else None
    groups = [tuple(votes.voters[j] for j in group) for group in find_groups(votes, told) if len(group) > 1]
    asked = set(voters)
    return Agreement(
        tuple(sorted(pairs, key=lambda pair: -(pair.agree or 0.0))),
        tuple(group for group in groups if asked & set(group)),
    )


def _compare(first: str, second: str, a: Codes, b: Codes, labels: Codes, n_classes: int) -> VoterPair:
    both = (a != ABSTAIN) & (b != ABSTAIN)
    same = a == b
    known = both & (labels != ABSTAIN)
    wrong = known & (a != labels) & (b != labels)
    judged = int(known.sum())
    errors = (known & (a != labels)).sum() * (known & (b != labels)).sum()
    agree, agree_interval = _share(same, both)
    same_wrong, same_wrong_interval = _share(same, wrong)
    return VoterPair(
        first=first,
        second=second,
        both=int(both.sum()),
        agree=agree,
        agree_interval=agree_interval,
        agree_chance=_by_chance(a[both], b[both], n_classes),
        judged=judged,
        both_wrong=int(wrong.sum()),
        both_wrong_chance=round(float(errors / max(judged, 1)), 2),
        same_wrong=same_wrong,
        same_wrong_interval=same_wrong_interval,
        same_wrong_chance=round(1 / (n_classes - 1), 4),
    )


def _share(hits: Bools, among: Bools) -> tuple[float, Interval] | tuple[None, None]:
    """Give the share of ``hits`` among some items with its interval (Wilson, 1927)."""
    number = int(among.sum())
    if not number:
        return None, None
    count = int((hits & among).sum())
    low, high = wilson_interval(count, number)
    return round(count / number, 4), (round(float(low), 4), round(float(high), 4))


def _by_chance(a: Codes, b: Codes, n_classes: int) -> float | None:
    """Give the agreement of two voters who name classes as often, but anywhere (Cohen, 1960)."""
    if not len(a):
        return None
    shares = [np.bincount(said, minlength=n_classes) / len(said) for said in (a, b)]
    return round(float(shares[0] @ shares[1]), 4)

"""Trials of proposed functions on the pool: what each votes on, how often it is right, what it adds."""

from __future__ import annotations

import time
import timeit
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from labeling.development.accuracy import Accuracy, judge
from labeling.intervals import wilson_interval
from labeling.items import Items
from labeling.items.content import is_json
from labeling.lf.vector import VectorFunction, vote_frame
from labeling.types import ABSTAIN, Codes, Floats, LabelSchema, VoteMatrix

DENSE = 0.5
"""Share of all items from which a voter has the votes of any other, and is no reason against it."""
BLOCK = 50_000
"""Items that are in memory at once."""
SLOWEST = 2e-7
"""Seconds for a character; a plain expression takes a hundredth of that."""
PROBE, LONGEST = 100_000, 100
"""Characters, and texts at most, that speed is measured on."""


@dataclass(frozen=True)
class Trial:
    """What a function does on n items.

    Attributes
    ----------
    votes, uncovered, conflicts : int
        Items that it votes on; of them those on which nobody else votes, and those on which somebody votes
        for another class.
    coverage : float
        Share of all items that it votes on, in [0, 1].
    accuracy : Accuracy
        On the gold that its author has not seen.
    interval : (float, float)
        Wilson's, 95 %; [0, 1] without gold.
    blind : float
        Share of that gold that is of its class: what naming the class everywhere would be right on.
    twin : str or None
        The voter that gives most of its votes already.
    shared : float
        The share of its votes that the twin gives, in [0, 1].
    """

    votes: int
    coverage: float
    uncovered: int
    conflicts: int
    accuracy: Accuracy
    interval: tuple[float, float]
    blind: float
    twin: str | None
    shared: float

    def to_dict(self) -> dict[str, Any]:
        """Give a JSON-ready mapping."""
        return {
            "votes": self.votes,
            "coverage": self.coverage,
            "uncovered": self.uncovered,
            "conflicts": self.conflicts,
            **self.accuracy.to_dict(),
            "interval": list(self.interval),
            "blind": self.blind,
            "twin": self.twin,
            "shared": self.shared,
        }


def try_function(codes: Codes, others: VoteMatrix, gold: npt.NDArray[np.int8]) -> Trial:
    """Measure a function of one class.

    Parameters
    ----------
    codes : array of int8, shape (n,)
        Its votes; -1 abstains.
    others : VoteMatrix
        Votes of the voters that are there, on the same n items.
    gold : array of int8, shape (n,)
        Class indices that may judge; -1 without.
    """
    voted = codes != ABSTAIN
    rows = others.hard[voted]
    against = (rows != ABSTAIN) & (rows != codes[voted][:, None])
    judged = judge(codes, gold)
    low, high = wilson_interval(judged.right, judged.judged)
    known = gold[gold != ABSTAIN]
    shares = shared_votes(codes, others)
    twin = int(shares.argmax()) if shares.size and shares.max() > 0 else None
    return Trial(
        votes=int(voted.sum()),
        coverage=round(float(voted.mean()), 4) if len(codes) else 0.0,
        uncovered=int((rows == ABSTAIN).all(axis=1).sum()),
        conflicts=int(against.any(axis=1).sum()),
        accuracy=judged,
        interval=(round(float(low), 4), round(float(high), 4)),
        blind=round(float((known == codes.max(initial=ABSTAIN)).mean()), 4) if len(known) else 0.0,
        twin=None if twin is None else others.voters[twin],
        shared=0.0 if twin is None else round(float(shares[twin]), 4),
    )


def shared_votes(codes: Codes, others: VoteMatrix) -> Floats:
    """Give the share of a function's votes that each other voter gives too, shape (m,), in [0, 1].

    Of a voter on more than ``DENSE`` of all items, it is the share of the items on which either votes.
    """
    voted, there = codes != ABSTAIN, others.hard != ABSTAIN
    same = ((others.hard == codes[:, None]) & voted[:, None]).sum(axis=0)
    either = (there | voted[:, None]).sum(axis=0)
    dense = there.sum(axis=0) > DENSE * len(codes)
    return np.asarray(same / np.maximum(np.where(dense, either, voted.sum()), 1), dtype=np.float64)


def vote_columns(functions: Sequence[VectorFunction], items: Items, schema: LabelSchema) -> Codes:
    """Let functions vote on all items, shape (n, m) of class indices; nothing is stored.

    Parameters
    ----------
    functions : sequence of VectorFunction, length m
        None of them with ``needs_python``.
    """
    import polars as pl

    codes = np.full((len(items), len(functions)), ABSTAIN, dtype=np.int8)
    lookups = [np.array([*(schema.index[c] for c in f.classes), ABSTAIN], dtype=np.int8) for f in functions]
    json_fields = [field.name for field in items.content.schema if is_json(field)]
    for start in range(0, len(items), BLOCK):
        block = pl.DataFrame(pl.from_arrow(items.content.slice(start, BLOCK)))
        votes = vote_frame(functions, block, items.text_field, json_fields)
        for j, (said, lookup) in enumerate(zip(votes, lookups, strict=True)):
            codes[start : start + BLOCK, j] = lookup[said]
    return codes


def speed_probe(texts: Sequence[str]) -> list[str]:
    """Give about ``PROBE`` characters of the longest texts; nothing where there are none."""
    sample = "\n".join(sorted(texts, key=len, reverse=True)[:LONGEST])[:PROBE]
    return [sample] * (PROBE // len(sample)) if sample else []


def is_slow(function: VectorFunction, probe: Sequence[str]) -> bool:
    """Tell whether a function takes more than ``SLOWEST`` for a character of the probe; of no text, never.

    Linear time is no promise of little time: an expression with large repetitions steps through thousands
    of states at each character.
    """
    if not probe:
        return False
    return _seconds(function, probe) - _seconds(function, [""]) > SLOWEST * sum(map(len, probe))


def _seconds(function: VectorFunction, texts: Sequence[str]) -> float:
    """Give the processor's seconds that a function takes; to compile it is part of that."""
    import polars as pl

    frame = pl.DataFrame({"text": texts})
    return min(
        timeit.repeat(
            lambda: vote_frame([function], frame, "text"), timer=time.process_time, number=1, repeat=2
        )
    )

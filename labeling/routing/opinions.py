"""Who says what of each item: voters by kind and the text model, counted for the reasons of routes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from labeling.types import ABSTAIN, Codes, Floats, Ints, VoteMatrix

KINDS = ("function", "language model", "recorded vote")
MIXED = -2
"""The class of dissenters who do not agree among themselves."""

NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


@dataclass(frozen=True)
class Opinions:
    """What voters and scorer say of n items.

    Attributes
    ----------
    label, hundredths : array of int, shape (n,)
        The label that would be given out, and its probability in hundredths, never rounded up.
    text : array of int8, shape (n,)
        The class that the text alone tells; -1 where it tells none.
    agree, differ : array of int, shape (n, 3)
        Voters of each kind that vote for the label, and for another class.
    other : array of int, shape (n,)
        What those others vote for; -2 where they are not of one mind, -1 where there is none.
    """

    label: Ints = field(repr=False)
    hundredths: Ints = field(repr=False)
    text: Codes = field(repr=False)
    agree: Ints = field(repr=False)
    differ: Ints = field(repr=False)
    other: Ints = field(repr=False)

    def columns(self) -> list[Ints]:
        """Give the ten columns that ``describe`` takes, each of shape (n,)."""
        counts = [*self.agree.T, *self.differ.T]
        return [self.label, self.hundredths, self.text.astype(np.int64), self.other, *counts]


def count_opinions(
    votes: VoteMatrix, kinds: Sequence[str], labels: Ints, confidence: Floats, text: Codes
) -> Opinions:
    """Count who agrees with the labels of n items.

    Parameters
    ----------
    kinds : sequence of str, length m
        Of ``KINDS``, for each voter.
    labels : array of int, shape (n,)
    confidence : array, shape (n,)
        Their probabilities, in [0, 1].
    text : array of int8, shape (n,)
    """
    hard = votes.hard
    agrees, differs = hard == labels[:, None], (hard != ABSTAIN) & (hard != labels[:, None])
    by_kind = [np.array([kind == k for kind in kinds], dtype=bool) for k in KINDS]
    lowest = np.where(differs, hard, np.iinfo(np.int8).max).min(axis=1, initial=np.iinfo(np.int8).max)
    highest = np.where(differs, hard, ABSTAIN).max(axis=1, initial=ABSTAIN)
    return Opinions(
        label=labels,
        hundredths=np.floor(np.round(100 * confidence, 6)).astype(np.int64),
        text=text,
        agree=np.column_stack([agrees[:, of].sum(axis=1) for of in by_kind]),
        differ=np.column_stack([differs[:, of].sum(axis=1) for of in by_kind]),
        other=np.where((lowest < highest) & (highest != ABSTAIN), MIXED, highest).astype(np.int64),
    )


def describe(names: Sequence[str], facts: Sequence[int]) -> str:
    """Say who says what of an item.

    Parameters
    ----------
    facts : sequence of int, length 10
        A line of ``Opinions.columns``.

    Examples
    --------
    >>> describe(("HAM", "SPAM"), (0, 98, 0, -1, 2, 0, 0, 0, 0, 0))
    'two functions and the text model agree on HAM, .98'
    >>> describe(("HAM", "SPAM"), (0, 71, 1, 1, 1, 1, 0, 1, 0, 0))
    'one function and one language model agree on HAM, .71; one function and the text model say SPAM'
    """
    label, hundredths, text, other, *counts = facts
    for_it, against = _voters(counts[:3]), _voters(counts[3:])
    if text == label:
        for_it.append("the text model")
    elif text != ABSTAIN and text == other:
        against.append("the text model")
    said = [_for(for_it, sum(counts[:3]) + (text == label), f"{names[label]}, {decimal(hundredths)}")]
    if against:
        others = "other classes" if other == MIXED else names[other]
        many = sum(counts[3:]) + (text == other) > 1
        said.append(f"{_listed(against)} {'say' if many else 'says'} {others}")
    if text not in (ABSTAIN, label, other):
        said.append(f"the text model says {names[text]}")
    return "; ".join(said)


def _for(who: list[str], count: int, given: str) -> str:
    if not who:
        return f"votes and text weighed together give {given}"
    return f"{_listed(who)} agree on {given}" if count > 1 else f"{who[0]} says {given}"


def _voters(counts: Sequence[int]) -> list[str]:
    return [counted(n, kind) for n, kind in zip(counts, KINDS, strict=True) if n]


def counted(n: int, noun: str) -> str:
    """Write a number of things in words, up to ten.

    Examples
    --------
    >>> counted(1, "function"), counted(12, "recorded vote")
    ('one function', '12 recorded votes')
    """
    number = NUMBERS[n] if n < len(NUMBERS) else f"{n:,}"
    return f"{number} {noun}" if n == 1 else f"{number} {noun}s"


def _listed(who: Sequence[str]) -> str:
    return who[0] if len(who) == 1 else f"{', '.join(who[:-1])} and {who[-1]}"


def decimal(hundredths: int) -> str:
    """Write hundredths as a decimal.

    Examples
    --------
    >>> decimal(98), decimal(5), decimal(100)
    ('.98', '.05', '1.00')
    """
    return "1.00" if hundredths >= 100 else f".{hundredths:02d}"

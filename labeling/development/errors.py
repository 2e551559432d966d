"""The errors of one voter, in buckets: against gold, against the other voters together, against each."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from labeling.development.accuracy import Accuracy, judge
from labeling.development.bench import Bench, open_bench
from labeling.development.bucket_names import BUCKETS
from labeling.development.buckets import Codes, disputes, doubted, missed, right, without_voter, wrong
from labeling.development.hits import Span, hits
from labeling.pool import project_functions
from labeling.project import Project
from labeling.types import ABSTAIN, Ints

MOST_PAIRS = 3
"""Voters of whose disagreement examples are shown."""


@dataclass(frozen=True)
class Case:
    """One item of a bucket.

    Attributes
    ----------
    vote, gold, other : str or None
        Class names: of the voter, of gold, of the other voter where the bucket is about one.
    label : str or None
        The label model's, with its ``probability``; None where nobody votes.
    hits : tuple of (start, end)
        The parts of the text that the voter matched; empty where it cannot tell.
    """

    id: str
    text: str
    vote: str | None
    gold: str | None
    other: str | None
    label: str | None
    probability: float
    hits: tuple[Span, ...]


@dataclass(frozen=True)
class Bucket:
    """Items of one kind: how many, and the most instructive; ``other`` is the voter disagreed with."""

    name: str
    other: str | None
    total: int
    cases: tuple[Case, ...]


@dataclass(frozen=True)
class ErrorReport:
    """What one voter does wrong, and how its votes stand against gold."""

    voter: str
    votes: int
    items: int
    accuracy: Accuracy
    gold: int
    buckets: tuple[Bucket, ...]
    remark: str | None

    def to_dict(self) -> dict[str, Any]:
        """Give a JSON-ready mapping."""
        return {**asdict(self), "accuracy": self.accuracy.to_dict()}


def voter_errors(project: Project, voter: str, buckets: Collection[str] = (), limit: int = 5) -> ErrorReport:
    """Sort a voter's items into buckets, the most instructive first.

    Parameters
    ----------
    voter : str
    buckets : collection of str
        Keys of `BUCKETS`; all of them if empty.
    limit : int
        Items shown of each bucket.

    Raises
    ------
    InputError
        No voter has that name; or of the data or the functions.
    """
    functions = project_functions(project)
    bench = open_bench(project, functions)
    function = next((f for f in functions if f.name == voter), None)
    view = _View(bench, bench.column(voter), limit, function)
    found = [bucket for name in BUCKETS if not buckets or name in buckets for bucket in view.buckets(name)]
    return ErrorReport(
        voter=voter,
        votes=int((view.codes != ABSTAIN).sum()),
        items=len(bench.pool),
        accuracy=judge(view.codes, bench.gold),
        gold=int((bench.gold != ABSTAIN).sum()),
        buckets=tuple(found),
        remark=bench.remark,
    )


class _View:
    """One voter on the bench: its buckets, filled with cases."""

    def __init__(self, bench: Bench, j: int, limit: int, function: object) -> None:
        self.bench, self.j, self.limit, self.function = bench, j, limit, function
        self.codes: Codes = bench.votes.hard[:, j]
        other_votes = without_voter(bench.votes, j)
        self.others = np.where(other_votes.covered[:, None], bench.posterior_of(other_votes), 0.0)

    def buckets(self, name: str) -> list[Bucket]:
        if name == "disputed":
            return self._disputed()
        if name == "doubted":
            return [self._bucket(name, doubted(self.codes, self.others))]
        by_gold: dict[str, Callable[[Codes, Codes], Ints]] = {
            "wrong": wrong,
            "missed": missed,
            "right": right,
        }
        found = by_gold[name](self.codes, self.bench.gold)
        # Where the label is in danger too, the error matters most.
        in_danger = self.bench.posterior[found, self.bench.gold[found]]
        return [self._bucket(name, found[np.argsort(in_danger, kind="stable")])]

    def _disputed(self) -> list[Bucket]:
        found = disputes(self.bench.votes, self.j)
        return [self._dispute(other, rows, rank) for rank, (other, rows) in enumerate(found)]

    def _dispute(self, other: int, rows: Ints, rank: int) -> Bucket:
        support = self.others[rows, self.codes[rows]]
        ordered = rows[np.argsort(support, kind="stable")]
        return self._bucket("disputed", ordered, other, self.limit if rank < MOST_PAIRS else 0)

    def _bucket(self, name: str, rows: Ints, other: int | None = None, limit: int | None = None) -> Bucket:
        shown = rows[: self.limit if limit is None else limit]
        cases = tuple(self._case(int(i), other) for i in shown)
        return Bucket(name, None if other is None else self.bench.votes.voters[other], len(rows), cases)

    def _case(self, i: int, other: int | None) -> Case:
        bench, text = self.bench, self.bench.pool.items.texts[i]
        return Case(
            id=bench.pool.items.row_of_item(i),
            text=text,
            vote=bench.name(self.codes[i]),
            gold=bench.name(bench.gold[i]),
            other=None if other is None else bench.name(bench.votes.hard[i, other]),
            label=bench.name(bench.labels[i]),
            probability=round(float(bench.posterior[i].max()), 4),
            hits=hits(self.function, text) if self.codes[i] != ABSTAIN else (),
        )

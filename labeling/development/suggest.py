"""Suggestions for new functions: what is not covered yet, and keywords that would cover it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from labeling.development.bench import Bench, open_bench
from labeling.development.clusters import cluster_texts, leftover
from labeling.development.keywords import LEAST_PRECISION, candidate_keywords
from labeling.project import Project
from labeling.types import ABSTAIN, Ints, VoteMatrix

MOST_ITEMS = 20_000
"""Items that suggestions are drawn from; of more, a sample."""


@dataclass(frozen=True)
class UncoveredCluster:
    """Similar items on which nobody votes: their number, salient terms, and two of them as (row id, text)."""

    size: int
    terms: tuple[str, ...]
    examples: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class SuggestedKeyword:
    """A keyword that may become a function.

    Attributes
    ----------
    coverage : float
        Share of the items looked at that hold the term, in [0, 1].
    uncovered : int
        Of them, items on which nobody votes yet.
    precision, interval, judged, basis
        The estimated share of right votes; from ``gold`` with Wilson's 95 % interval, or from the
        ``posterior`` of the label model, without; and the items that it rests on.
    builder : str
        A line for the functions' file.
    """

    term: str
    label: str
    coverage: float
    items: int
    uncovered: int
    precision: float
    interval: tuple[float, float] | None
    judged: int
    basis: str
    builder: str


@dataclass(frozen=True)
class Suggestions:
    """What functions could be written next.

    Attributes
    ----------
    sampled : int or None
        Items looked at, where it is not all.
    scattered : int
        Uncovered items that were looked at and have too little in common for a cluster.
    least_precision : float
        Estimated precision that keywords must reach, in [0, 1].
    """

    items: int
    uncovered: int
    sampled: int | None
    seed: int
    gold: int
    clusters: tuple[UncoveredCluster, ...]
    scattered: int
    keywords: tuple[SuggestedKeyword, ...]
    least_precision: float
    remark: str | None

    def to_dict(self) -> dict[str, Any]:
        """Give a JSON-ready mapping."""
        return asdict(self)


def suggest_functions(project: Project, limit: int = 5) -> Suggestions:
    """Find clusters of uncovered items and candidate keywords.

    Parameters
    ----------
    limit : int
        Keywords of each class.

    Raises
    ------
    InputError
        Of the data or the functions.
    """
    bench = open_bench(project)
    items, seed = bench.pool.items, project.config.label_model.seed
    rows = sample_items(len(items), bench.gold != ABSTAIN, MOST_ITEMS, seed)
    clusters, scattered = _clusters(bench, rows, seed)
    return Suggestions(
        items=len(items),
        uncovered=int((~bench.votes.covered).sum()),
        sampled=None if len(rows) == len(items) else len(rows),
        seed=seed,
        gold=int((bench.gold != ABSTAIN).sum()),
        clusters=clusters,
        scattered=scattered,
        keywords=_keywords(bench, rows, limit),
        least_precision=LEAST_PRECISION,
        remark=bench.remark,
    )


def sample_items(n: int, first: Any, most: int, seed: int) -> Ints:
    """Give at most ``most`` of n items, ascending.

    Parameters
    ----------
    n : int
    first : mask, shape (n,)
        Items that go before all others: those with gold.
    most : int
    seed : int
    """
    order = np.random.default_rng(seed).random(n)
    order[first] -= 1
    return np.sort(np.argsort(order, kind="stable")[:most])


def _clusters(bench: Bench, rows: Ints, seed: int) -> tuple[tuple[UncoveredCluster, ...], int]:
    items = bench.pool.items
    uncovered = rows[~bench.votes.covered[rows]]
    found = cluster_texts([items.texts[i] for i in uncovered], seed=seed)
    left = leftover(found, len(uncovered))
    shown = tuple(
        UncoveredCluster(
            cluster.size,
            cluster.terms,
            tuple((items.row_of_item(int(i)), items.texts[i]) for i in uncovered[list(cluster.typical)]),
        )
        for cluster in found
        if cluster is not left
    )
    return shown, left.size if left else 0


def _keywords(bench: Bench, rows: Ints, limit: int) -> tuple[SuggestedKeyword, ...]:
    votes = VoteMatrix(bench.votes.hard[rows], bench.votes.voters, bench.votes.n_classes)
    texts = [bench.pool.items.texts[i] for i in rows]
    found = candidate_keywords(texts, votes, bench.gold[rows], bench.posterior[rows], most=limit)
    return tuple(
        SuggestedKeyword(
            term=k.term,
            label=bench.names[k.label],
            coverage=round(k.items / len(rows), 4),
            items=k.items,
            uncovered=k.uncovered,
            precision=k.precision,
            interval=k.interval,
            judged=k.judged,
            basis="gold" if k.interval else "posterior",
            builder=builder_line(k.term, bench.names[k.label]),
        )
        for k in found
    )


def builder_line(term: str, label: str) -> str:
    """Give the line that declares a keyword as a function.

    Examples
    --------
    >>> builder_line("free money", "SPAM")
    'says_free_money = keyword("free money", label="SPAM")'
    """
    name = "says_" + "".join(c if f"x{c}".isidentifier() else "_" for c in term)
    quoted = [json.dumps(text, ensure_ascii=False) for text in (term, label)]
    return f"{name} = keyword({quoted[0]}, label={quoted[1]})"

"""Figures on the held-out file, which nothing but the report reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from labeling.calibration.reliability import Reliability, measure_reliability
from labeling.items import Items, gold_labels
from labeling.people.shares import Share
from labeling.pool.held_out import score_held_out
from labeling.pool.stored import read_held_out
from labeling.pool.training import pool_gold
from labeling.report.absent import Absent
from labeling.report.present import Present
from labeling.scoring import most_probable
from labeling.types import ABSTAIN, Codes, Floats, Ints

NO_FILE = "the config names no held-out file: `test: {path: F, column: C}` in it does."


@dataclass(frozen=True)
class ClassFigures:
    """One class on the held-out items: how many there are, how many of them are found, how many are right."""

    name: str
    items: int
    recall: Share
    precision: Share

    @property
    def f1(self) -> float | None:
        """Harmonic mean of both, None where there is neither an item nor a label of the class."""
        among = self.recall.among + self.precision.among
        return 2 * self.recall.hits / among if among else None

    def to_dict(self) -> dict[str, Any]:
        """Give a JSON-ready mapping."""
        shares = {"recall": self.recall.to_dict(), "precision": self.precision.to_dict()}
        return {"name": self.name, "items": self.items, **shares, "f1": _rounded(self.f1)}


@dataclass(frozen=True)
class HeldOut:
    """How the present scorer does on items that nothing learns from.

    Attributes
    ----------
    items : int
        Held-out items with a label that are not among the data.
    among_data, unlabelled : int
        Held-out items that are left out, as their text is among the data, or have no label that most rows
        share.
    right : Share
        Scorer's labels that are right.
    votes_right : Share
        Label model's labels that are right, among the items that somebody votes on.
    log_loss : float
        Mean negative natural logarithm of the probability of the truth.
    classes : tuple of ClassFigures
    confusion : array of int, shape (k, k)
        Items by their class, in rows, and the class that the scorer gives.
    reliability : Reliability
    silent : tuple of str
        Voters of the data that vote on no held-out item.
    """

    items: int
    among_data: int
    unlabelled: int
    right: Share
    votes_right: Share
    log_loss: float
    classes: tuple[ClassFigures, ...]
    confusion: Ints = field(repr=False)
    reliability: Reliability = field(repr=False)
    silent: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Give a JSON-ready mapping."""
        counts = {name: getattr(self, name) for name in ("items", "among_data", "unlabelled")}
        return {
            **counts,
            "accuracy": self.right.to_dict(),
            "votes_accuracy": self.votes_right.to_dict(),
            "log_loss": _rounded(self.log_loss),
            "classes": [found.to_dict() for found in self.classes],
            "confusion": self.confusion.tolist(),
            "reliability": self.reliability.to_dict(),
            "silent": list(self.silent),
        }


def measure_held_out(present: Present) -> HeldOut | Absent:
    """Score the held-out rows with what the models have learnt so far.

    Raises
    ------
    InputError
        Of the held-out file.
    """
    project, pool = present.project, present.pool
    if project.config.test is None:
        return Absent(NO_FILE)
    everything = read_held_out(project)
    seen = np.isin(everything.clusters.astype(str), pool.items.clusters.astype(str))
    if seen.all():
        return Absent("all held-out rows are among the data: `test:` names another file.")
    items = everything.without(seen[everything.row_item])
    truth = gold_labels(items, project.config.test.column, project.schema).labels
    if (truth == ABSTAIN).all():
        return Absent("no held-out row that is not among the data has a label: `test:` names another column.")
    return judge(present, items, truth, int(seen.sum()))


def judge(present: Present, items: Items, truth: Codes, among_data: int) -> HeldOut:
    """Score items and hold the labels against the truth, shape (t,), -1 where there is none."""
    pool, names, digests = present.pool, present.project.schema.names, items.digests.tolist()
    scores = score_held_out(present.project, pool, pool_gold(present.project, pool, present.people), items)
    judged = np.flatnonzero(truth != ABSTAIN)
    told, proba = truth[judged].astype(np.int64), scores.proba[judged]
    labels = most_probable(scores.proba, digests, names)[judged]
    voted = most_probable(scores.posterior, digests, names)[judged]
    return HeldOut(
        items=len(judged),
        among_data=among_data,
        unlabelled=len(items) - len(judged),
        right=Share(int((labels == told).sum()), len(judged)),
        votes_right=Share.of(voted == told, scores.votes.covered[judged]),
        log_loss=log_loss(proba, told),
        classes=class_figures(labels, told, names),
        confusion=confusion(labels, told, len(names)),
        reliability=measure_reliability(proba, told),
        silent=scores.silent,
    )


def log_loss(proba: Floats, truth: Ints) -> float:
    """Give the mean negative logarithm of the probability of the truth; finite where it is 0.

    Examples
    --------
    >>> round(log_loss(np.array([[0.5, 0.5], [0.25, 0.75]]), np.array([0, 1])), 4)
    0.4904
    """
    found = proba[np.arange(len(truth)), truth]
    return float(-np.log(np.maximum(found, np.finfo(float).tiny)).mean())


def class_figures(labels: Codes, truth: Ints, names: Sequence[str]) -> tuple[ClassFigures, ...]:
    """Judge labels, shape (t,), class by class."""
    return tuple(
        ClassFigures(
            name=name,
            items=int((truth == c).sum()),
            recall=Share.of(labels == c, truth == c),
            precision=Share.of(truth == c, labels == c),
        )
        for c, name in enumerate(names)
    )


def confusion(labels: Codes, truth: Ints, n_classes: int) -> Ints:
    """Count items by class, in rows, and label, shape (k, k)."""
    counts = np.zeros((n_classes, n_classes), dtype=np.int64)
    np.add.at(counts, (truth, labels.astype(np.int64)), 1)
    return counts


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 6)

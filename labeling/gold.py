"""Gold labels: what the answers of people to an item amount to."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from labeling.types import ABSTAIN, BLIND, Annotation, LabelSchema, Lane


@dataclass(frozen=True)
class GoldLabel:
    """The label that people agree on for an item.

    ``label`` is None where as many said one thing as another, or where everybody skipped or
    said that no class fits. ``agreement`` is the share of answers that gave the label, in [0, 1];
    ``confidence``, where answers were weighed and not only counted, the probability of the label; ``said``
    who named which class last.
    """

    digest: str
    label: str | None
    agreement: float
    annotators: tuple[str, ...]
    lane: Lane
    confidence: float | None = None
    said: tuple[tuple[str, str], ...] = ()

    @property
    def sure(self) -> float:
        """How sure the label is, in [0, 1]: its probability, or else its share of the answers."""
        return self.agreement if self.confidence is None else self.confidence


def amount_to(answers: Sequence[str]) -> tuple[str | None, float]:
    """Give the most frequent answer with its share; None on a tie or without answers.

    Examples
    --------
    >>> amount_to(["SPAM", "HAM", "SPAM"])
    ('SPAM', 0.6666666666666666)
    >>> amount_to(["SPAM", "HAM"])
    (None, 0.5)
    """
    if not answers:
        return None, 0.0
    (first, votes), *others = Counter(answers).most_common(2)
    share = votes / len(answers)
    return (None if others and others[0][1] == votes else first), share


def gold_labels(
    answers: Iterable[tuple[str, Annotation]], lanes: Mapping[str, Lane], schema: LabelSchema
) -> dict[str, GoldLabel]:
    """Give the gold label of every item that somebody answered or skipped, by content digest.

    Parameters
    ----------
    answers : iterable of (content digest, Annotation)
        Present answers only: neither superseded nor deleted.
    lanes : mapping of task id to Lane
        The present lane of each task; an audit item that selection picked counts as review.
    schema : LabelSchema
        Answers that name none of its classes do not count.
    """
    by_item: defaultdict[str, list[Annotation]] = defaultdict(list)
    for digest, annotation in answers:
        by_item[digest].append(annotation)
    return {digest: _gold(digest, given, lanes, schema) for digest, given in by_item.items()}


def _gold(
    digest: str, given: Sequence[Annotation], lanes: Mapping[str, Lane], schema: LabelSchema
) -> GoldLabel:
    named = one_each(a for a in given if not a.skipped and a.label in schema.index)
    label, agreement = amount_to([str(a.label) for a in named])
    blind = all(lanes.get(a.task_id) in BLIND for a in given)
    people = tuple(sorted({a.annotator for a in given}))
    said = tuple(sorted((a.annotator, str(a.label)) for a in named))
    return GoldLabel(digest, label, agreement, people, Lane.AUDIT if blind else Lane.REVIEW, said=said)


def one_each(given: Iterable[Annotation]) -> list[Annotation]:
    """Keep the last answer of each person."""
    return list({a.annotator: a for a in sorted(given, key=lambda a: a.updated_at)}.values())


def gold_array(
    gold: Mapping[str, GoldLabel], digests: Sequence[str], schema: LabelSchema, lane: Lane
) -> npt.NDArray[np.int8]:
    """Give the class indices of one lane's gold, shape (n,), in the order of ``digests``; -1 where none."""
    labels = np.full(len(digests), ABSTAIN, dtype=np.int8)
    for i, digest in enumerate(digests):
        found = gold.get(digest)
        if found is not None and found.lane == lane and found.label is not None:
            labels[i] = schema.index[found.label]
    return labels


def gold_confidence(gold: Mapping[str, GoldLabel], digests: Sequence[str]) -> npt.NDArray[np.float64]:
    """Give how sure each label is, shape (n,), in (0, 1]; 1 without one."""
    found = (gold.get(digest) for digest in digests)
    return np.array([1.0 if g is None or g.label is None else g.sure for g in found])

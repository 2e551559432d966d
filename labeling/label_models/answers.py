"""Answers of people, as (item, worker, label), in the form of votes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from labeling.errors import InputError
from labeling.types import ABSTAIN, MAX_CLASSES, Ints, VoteMatrix

MOST_CELLS = 2**31


@dataclass(frozen=True)
class Answers:
    """Votes of workers on items, with the names of both in the order of the matrix.

    ``conflicts`` counts pairs of worker and item with different answers, which count as an abstention.
    """

    votes: VoteMatrix
    items: tuple[str, ...] = field(repr=False)
    classes: tuple[str, ...]
    conflicts: int


def votes_from_answers(
    items: Sequence[str], workers: Sequence[str], labels: Sequence[str], classes: Sequence[str] | None = None
) -> Answers:
    """Turn answers, one per position, into votes: a worker is a voter, who abstains on all other items.

    Parameters
    ----------
    items, workers, labels : sequence of str, each of length a
        Items and workers are put in order of their names.
    classes : sequence of str, optional
        Class names in the order wanted; those found, in order, if None.

    Raises
    ------
    InputError
        Nothing was answered, a label is no class, or there are too many classes, items or workers for a
        matrix.
    """
    item_names, rows = _named(items)
    worker_names, voters = _named(workers)
    class_names = tuple(classes) if classes is not None else _named(labels)[0]
    _check(len(item_names), len(worker_names), labels, class_names)
    place = {name: c for c, name in enumerate(class_names)}
    told = np.array([place[label] for label in labels], dtype=np.int8)
    hard = np.full((len(item_names), len(worker_names)), ABSTAIN, dtype=np.int8)
    hard[rows, voters] = told
    different = hard[rows, voters] != told
    hard[rows[different], voters[different]] = ABSTAIN
    pairs = set(zip(rows[different].tolist(), voters[different].tolist(), strict=True))
    votes = VoteMatrix(hard, worker_names, len(class_names))
    return Answers(votes, item_names, class_names, len(pairs))


def _named(values: Sequence[str]) -> tuple[tuple[str, ...], Ints]:
    names, places = np.unique(np.asarray(values, dtype=str), return_inverse=True)
    return tuple(names.tolist()), places


def _check(items: int, workers: int, labels: Sequence[str], classes: tuple[str, ...]) -> None:
    if not items:
        raise InputError("answers: expected at least one, got none. Give (item, worker, label).")
    strange = sorted(set(labels) - set(classes))
    if strange:
        known = ", ".join(classes)
        raise InputError(f"answers: expected one of {known}, got {strange[0]!r}. Add it to the classes.")
    if len(classes) > MAX_CLASSES:
        raise InputError(f"answers: expected at most {MAX_CLASSES} classes, got {len(classes)}. Merge some.")
    if items * workers > MOST_CELLS:
        raise InputError(
            f"answers: expected at most {MOST_CELLS} pairs of item and worker, got {items} items by "
            f"{workers} workers. Split the items into shards and add up their statistics."
        )

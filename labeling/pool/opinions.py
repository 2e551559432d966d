"""Who answered what about the items that models learn from, as arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from labeling.pool.people import People
from labeling.types import Answers, Ints, LabelSchema, Lane


@dataclass(frozen=True)
class Opinions:
    """People's answers, never an auditor's.

    Attributes
    ----------
    rows : array of int, shape (m,)
        Items that somebody answered, as rows of the pool.
    answers : Answers
        On those m items.
    annotators : tuple of str, length p
    """

    rows: Ints
    answers: Answers = field(repr=False)
    annotators: tuple[str, ...]


def read_opinions(people: People, digests: Sequence[str], schema: LabelSchema) -> Opinions:
    """Collect the answers on items whose gold is not the audit's; of each person the last one counts."""
    given = last_answers(people, schema)
    asked = {digest for digest, _ in given}
    rows = [i for i, digest in enumerate(digests) if digest in asked]
    place = {digests[row]: i for i, row in enumerate(rows)}
    annotators = sorted({person for digest, person in given if digest in place})
    number = {name: i for i, name in enumerate(annotators)}
    told = sorted(
        (place[digest], number[person], schema.index[label])
        for (digest, person), label in given.items()
        if digest in place
    )
    items, persons, labels = np.array(told, dtype=np.int64).reshape(-1, 3).T
    answers = Answers(items, persons, labels, len(annotators))
    return Opinions(np.array(rows, dtype=np.int64), answers, tuple(annotators))


def last_answers(people: People, schema: LabelSchema) -> dict[tuple[str, str], str]:
    """Give what each person said last of each item, by content digest and annotator; no audit."""
    return {
        (digest, annotation.annotator): str(annotation.label)
        for digest, annotation in sorted(people.given, key=lambda pair: pair[1].updated_at)
        if not annotation.skipped
        and annotation.label in schema.index
        and people.gold[digest].lane == Lane.REVIEW
    }

"""All answers of a project as arrays, with what is known of their items."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from labeling.items import Items, gold_labels
from labeling.people.responses import Responses
from labeling.people.withholding import is_withheld
from labeling.pool.people import People, read_people
from labeling.pool.stored import stored_items
from labeling.project import Project
from labeling.store import StoredTask
from labeling.types import ABSTAIN, Annotation, Answers, Bools, Floats, Ints, LabelSchema, Lane


@dataclass(frozen=True)
class Gathered:
    """What people answered, the audit included, and what is known beside it.

    Attributes
    ----------
    responses : Responses
        a answers on m items, the last of each person to each, in order of time.
    digests : tuple of str, length m
    annotators : tuple of str, length p
        All who answered or skipped anything.
    times : tuple of str, length a
        When each was given, ISO 8601 in UTC.
    skipped, unclear : mapping of annotator to int
        Tasks that each skipped, and those of which each said that no class fits.
    checks : array of int, shape (m,)
        What the gold column says; -1 without.
    slices : mapping of str to mask, shape (m,)
    seconds, givers : arrays, shape (g,)
        Of everything that was given, skips and repeated answers included: seconds (NaN where none are
        told) and annotators by index.
    waiting : int
        Tasks without an answer.
    """

    responses: Responses
    digests: tuple[str, ...] = field(repr=False)
    annotators: tuple[str, ...]
    times: tuple[str, ...] = field(repr=False)
    skipped: Mapping[str, int]
    unclear: Mapping[str, int]
    checks: Ints = field(repr=False)
    slices: Mapping[str, Bools] = field(repr=False)
    seconds: Floats = field(repr=False)
    givers: Ints = field(repr=False)
    waiting: int


def gather(project: Project) -> Gathered:
    """Read all that people answered.

    Raises
    ------
    InputError
        Of the data.
    """
    with project.store.read() as tx:
        people = read_people(tx, project.schema)
    items = stored_items(project)
    given = last_given(people, project.schema)
    digests = tuple(sorted({digest for digest, _ in given}))
    annotators = tuple(sorted({a.annotator for _, a in people.given}))
    place = {digest: i for i, digest in enumerate(digests)}
    number = {name: j for j, name in enumerate(annotators)}
    rows = item_rows(items, digests)
    return Gathered(
        responses=responses_of(project, people, given, place, number),
        digests=digests,
        annotators=annotators,
        times=tuple(a.updated_at for _, a in given),
        skipped=Counter(a.annotator for _, a in people.given if a.skipped),
        unclear=Counter(a.annotator for _, a in people.given if says_unclear(a, project.schema)),
        checks=at_rows(known_labels(project, items), rows, ABSTAIN),
        slices={name: at_rows(mask, rows, False) != 0 for name, mask in slice_masks(project, items).items()},
        seconds=seconds_of([a for _, a in people.given]),
        givers=np.array([number[a.annotator] for _, a in people.given], dtype=np.int64),
        waiting=sum(
            map(len, (people.open_review, people.open_audit, people.open_repeats, people.open_doubles))
        ),
    )


def last_given(people: People, schema: LabelSchema) -> list[tuple[str, Annotation]]:
    """Give each person's last answer to each item with its content digest, in order of time; no skips."""
    ordered = sorted(people.given, key=lambda pair: pair[1].updated_at)
    named = [(d, a) for d, a in ordered if not a.skipped and a.label in schema.index]
    last = {(digest, annotation.annotator): annotation for digest, annotation in named}
    return [(d, a) for d, a in named if last[d, a.annotator] is a]


def says_unclear(annotation: Annotation, schema: LabelSchema) -> bool:
    """Say whether an answer is that no class fits."""
    return not annotation.skipped and schema.unclear is not None and annotation.label == schema.unclear


def responses_of(
    project: Project,
    people: People,
    given: Sequence[tuple[str, Annotation]],
    place: Mapping[str, int],
    number: Mapping[str, int],
) -> Responses:
    """Give answers with the circumstances that they were given in."""
    index = project.schema.index
    tasks = {task.task_id: task for task in people.tasks}
    answers = Answers(
        np.array([place[digest] for digest, _ in given], dtype=np.int64),
        np.array([number[a.annotator] for _, a in given], dtype=np.int64),
        np.array([index[str(a.label)] for _, a in given], dtype=np.int64),
        len(number),
    )
    shown = [index.get(a.suggestion or "", ABSTAIN) for _, a in given]
    withheld = [index.get(held_back(project, a, tasks[a.task_id]) or "", ABSTAIN) for _, a in given]
    return Responses(answers, seconds_of([a for _, a in given]), np.array(shown), np.array(withheld))


def held_back(project: Project, annotation: Annotation, task: StoredTask) -> str | None:
    """Give the suggestion that chance kept from who answered; None where nothing was kept back."""
    share, name = project.config.people.withheld, project.config.project
    chance = task.lane == Lane.REVIEW and is_withheld(name, task.digest, share)
    return task.suggestion if chance and annotation.suggestion is None else None


def seconds_of(annotations: Sequence[Annotation]) -> Floats:
    """Give what answers took, shape (a,); NaN where the page does not tell."""
    return np.array([np.nan if a.seconds is None else a.seconds for a in annotations], dtype=float)


def item_rows(items: Items, digests: Sequence[str]) -> Ints:
    """Give the row of each content in the data of today, shape (m,); -1 where it is gone."""
    row_of = {digest: i for i, digest in enumerate(items.digests)}
    return np.array([row_of.get(digest, -1) for digest in digests], dtype=np.int64)


def at_rows(values: Ints | Bools, rows: Ints, absent: int | bool) -> Ints:
    """Take values of the pool, shape (n,), at some rows; ``absent`` where there is none."""
    if not len(values):
        return np.full(len(rows), absent)
    return np.where(rows >= 0, values[rows], absent)


def known_labels(project: Project, items: Items) -> Ints:
    """Give what the gold column says of each item, shape (n,), -1 without."""
    gold = project.config.gold
    if gold is None:
        return np.full(len(items), ABSTAIN, dtype=np.int64)
    return gold_labels(items, gold.column, project.schema).labels.astype(np.int64)


def slice_masks(project: Project, items: Items) -> dict[str, Bools]:
    """Give the items of each slice, shape (n,)."""
    slices = {name: chosen.expression for name, chosen in project.config.slices.items()}
    return {name: e.mask(items.frame(e.columns)) for name, e in slices.items()}

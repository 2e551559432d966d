"""What people see beside a text: why its class is suggested, and which critical slices hold it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from labeling.items import Items
from labeling.project import Project
from labeling.routing import CriticalReasons
from labeling.store import StoredTask
from labeling.types import ABSTAIN, Bools, LabelSchema, Lane, ReviewTask, VoteMatrix

MOST_NAMED = 4
"""Voters of a class that are named; the others are counted."""


def with_reasons(
    tasks: Sequence[ReviewTask],
    items: Items,
    votes: VoteMatrix,
    critical: CriticalReasons,
    schema: LabelSchema,
    told: Mapping[str, StoredTask],
) -> tuple[ReviewTask, ...]:
    """Add to each task of review that suggests a class why it does; the others have no such text.

    Where the same class was suggested before, what was said then stays: a queue is renewed task by task.

    Parameters
    ----------
    tasks : sequence of ReviewTask
    items : Items
    votes : VoteMatrix
        On them.
    critical : CriticalReasons
        Of them.
    schema : LabelSchema
    told : mapping of str to StoredTask
        Tasks as they were before, by id.
    """
    suggesting = {t.digest for t in tasks if t.lane == Lane.REVIEW and t.suggestion is not None}
    row_of = {digest: i for i, digest in enumerate(items.digests) if digest in suggesting}

    def why(task: ReviewTask) -> str | None:
        if task.digest not in row_of or task.lane != Lane.REVIEW:
            return None
        before = told.get(task.task_id)
        if before is not None and before.why is not None and before.suggestion == task.suggestion:
            return before.why
        return why_suggested(task, row_of[task.digest], votes, critical, schema)

    return tuple(replace(task, why=why(task)) for task in tasks)


def why_suggested(
    task: ReviewTask, i: int, votes: VoteMatrix, critical: CriticalReasons, schema: LabelSchema
) -> str:
    """Say in plain text why item i is suggested to be of a class: how probable, who votes for what."""
    row = votes.hard[i]
    sure = "" if task.confidence is None else f", {task.confidence:.0%} probable"
    order = sorted(set(row.tolist()) - {ABSTAIN}, key=lambda code: schema.names[code] != task.suggestion)
    said = [f"For {schema.names[c]}: {_listed(votes.voters, np.flatnonzero(row == c))}." for c in order]
    named = sorted({int(c) for c in (critical.voted[i], critical.probable[i]) if c != ABSTAIN})
    marks = [f"{schema.names[c]} is critical: a person decides." for c in named]
    return " ".join([f"{task.suggestion}{sure}.", *(said or ["No voter says anything of it."]), *marks])


def _listed(voters: Sequence[str], chosen: np.ndarray[tuple[int, ...], np.dtype[np.intp]]) -> str:
    names = [voters[j] for j in chosen[:MOST_NAMED].tolist()]
    more = len(chosen) - len(names)
    return ", ".join(names) + (f" and {more} more" if more else "")


def critical_slices(project: Project, items: Items) -> dict[str, Bools]:
    """Give the items, shape (n,), of each critical slice that only reads fields which people may see."""
    shown = {*items.public_fields, items.text_field}
    critical = {name: s.expression for name, s in project.config.slices.items() if s.critical}
    return {name: e.mask(items.frame(e.columns)) for name, e in critical.items() if e.columns <= shown}

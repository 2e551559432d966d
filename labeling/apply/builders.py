"""Votes of builders, on whole columns in this process."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence

from labeling.apply.columns import OpenColumns
from labeling.apply.content import take_rows
from labeling.apply.tasks import Task, group_tasks
from labeling.apply.verdicts import Verdicts
from labeling.items import Items
from labeling.items.content import is_json
from labeling.lf.examples import check_examples
from labeling.lf.vector import VectorFunction, vote_frame
from labeling.votes import VoteColumn

BUILDING = "applying builders"


def apply_builders(
    items: Items,
    columns: OpenColumns,
    builders: Mapping[int, VectorFunction],
    verdicts: Verdicts,
    progress: Callable[[str, int, int], None],
) -> None:
    """Let builders, by number, vote on what they lack, block by block, after a check of their examples."""
    unchecked = verdicts.unknown(builders.values())
    failures = [list(map(str, check_examples(f, items.text_field))) for f in unchecked]
    verdicts.remember(list(zip(unchecked, failures, strict=True)))
    refused = verdicts.refusals(builders.values())
    voting = {j: f for j, f in builders.items() if f.name not in refused}
    tasks = [
        task
        for block in range(len(columns.blocks))
        for task in group_tasks(block, {j: columns.missing(block, j) for j in voting})
    ]
    total, done = sum(map(len, tasks)), 0
    for task in tasks:
        _apply_task(items, [voting[j] for j in task.functions], task, columns)
        done += len(task)
        progress(BUILDING, done, total)
        columns.keep_now_and_then()


def _apply_task(items: Items, builders: Sequence[VectorFunction], task: Task, columns: OpenColumns) -> None:
    import polars as pl

    start = time.perf_counter()
    content = take_rows(items.content, columns.blocks[task.block].rows[task.places])
    json_fields = [field.name for field in content.schema if is_json(field)]
    votes = vote_frame(builders, pl.DataFrame(pl.from_arrow(content)), items.text_field, json_fields)
    seconds = (time.perf_counter() - start) / len(builders)
    for j, builder, codes in zip(task.functions, builders, votes, strict=True):
        columns.add(task.block, j, task.places, VoteColumn(codes, builder.classes, None, seconds))

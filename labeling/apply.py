"""Applying voters to items: what the vote store has is read, what it lacks is computed and kept."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from labeling.items import Items
from labeling.lf import LabelingFunction
from labeling.store import Store, manifest
from labeling.types import ABSTAIN, Item, LabelSchema, VoteMatrix, digest_of
from labeling.votes import Block, VoteColumn, VoteStore, new_blocks, to_indices
from labeling.votes.applied import AppliedVotes, VoterRun

Progress = Callable[[str, int, int], None]
REPORT_EVERY = 1_000


@dataclass(frozen=True)
class FunctionApplier:
    """Applies Python functions to every present item whose vote is not stored yet.

    Votes are kept block by block and function by function, so an interrupted run loses one column at most.

    Parameters
    ----------
    items : Items
        n unique contents.
    schema : LabelSchema
    store : Store
    vote_store : VoteStore
    progress : callable
        Called with (what, done, total).
    """

    items: Items
    schema: LabelSchema
    store: Store
    vote_store: VoteStore
    progress: Progress

    def apply(self, functions: Sequence[LabelingFunction]) -> AppliedVotes:
        """Give the votes of m functions on n items."""
        blocks = self._covering_blocks()
        n = len(self.items)
        hard = np.full((n, len(functions)), ABSTAIN, dtype=np.int8)
        runs = []
        for j, function in enumerate(functions):
            run = VoterRun(function.name, digest_of(function.fingerprint, self.items.text_field))
            for block in blocks:
                column, ran = self._column(function, run.fingerprint, block)
                rows, places = self._present(block)
                hard[rows, j] = to_indices(column.names, self.schema.index)[places]
                run = run.plus(with_strangers(column, block, self.schema), ran=ran, cached=len(rows) - ran)
            runs.append(run)
            if run.ran:
                self.progress("voting", n * (j + 1), n * len(functions))
        matrix = VoteMatrix(hard, tuple(f.name for f in functions), len(self.schema))
        return AppliedVotes(matrix, tuple(runs))

    @cached_property
    def _row_of(self) -> Mapping[str, int]:
        return {digest: row for row, digest in enumerate(self.items.digests)}

    def _present(self, block: Block) -> tuple[list[int], list[int]]:
        """Give the rows of the items that a block holds, with their places in the block."""
        pairs = [(self._row_of[d], i) for i, d in enumerate(block.digests) if d in self._row_of]
        return [row for row, _ in pairs], [place for _, place in pairs]

    def _covering_blocks(self) -> list[Block]:
        with self.store.read() as tx:
            known = self.vote_store.blocks(tx)
        fresh = new_blocks(known, self.items.digests)
        entries = [self.vote_store.write_block(b, len(known) + i) for i, b in enumerate(fresh)]
        if entries:
            with self.store.write() as tx:
                for entry in entries:
                    manifest.record(tx, entry)
        return [b for b in [*known, *fresh] if not self._row_of.keys().isdisjoint(b.digests)]

    def _column(self, function: LabelingFunction, fingerprint: str, block: Block) -> tuple[VoteColumn, int]:
        """Read a column, compute what it lacks of the present items, and keep that at once."""
        with self.store.read() as tx:
            entry = self.vote_store.find(tx, block, fingerprint)
        column = self.vote_store.read_column(entry) if entry else VoteColumn.empty(len(block.digests))
        rows, places = self._present(block)
        missing = [(row, place) for row, place in zip(rows, places, strict=True) if not column.known[place]]
        if missing:
            column = self._compute(function, column, missing)
            entry = self.vote_store.write_column(block, fingerprint, column)
            with self.store.write() as tx:
                manifest.record(tx, entry)
        return column, len(missing)

    def _compute(
        self, function: LabelingFunction, column: VoteColumn, missing: Sequence[tuple[int, int]]
    ) -> VoteColumn:
        names, known = list(column.names), list(column.known)
        faults, first_fault, start = column.faults, column.first_fault, time.perf_counter()
        for done, (row, place) in enumerate(missing):
            item = self.items.item(row)
            names[place], fault = vote_on(function, item)
            known[place] = True
            if fault:
                faults += 1
                first_fault = first_fault or {"item": item.digest, "traceback": fault}
            if done % REPORT_EVERY == 0:
                self.progress(f"  {function.name}", done, len(missing))
        return VoteColumn(names, known, faults, first_fault, column.seconds + time.perf_counter() - start)


def vote_on(function: LabelingFunction, item: Item) -> tuple[str | None, str | None]:
    """Give a function's vote, or an abstention with the traceback of its fault."""
    try:
        vote = function(item)
        if vote is not None and not isinstance(vote, str):
            raise TypeError(f"returned {vote!r}, expected the name of a class or None")
        if vote is not None:
            vote.encode()
    except Exception:
        return None, traceback.format_exc(limit=-3)
    return vote, None


def with_strangers(column: VoteColumn, block: Block, schema: LabelSchema) -> VoteColumn:
    """Count votes that name no class as faults; their names stay stored, for such a class may be added."""
    places = [i for i, name in enumerate(column.names) if name is not None and name not in schema.index]
    if not places:
        return column
    said = f"returned {column.names[places[0]]!r}, expected None or one of {', '.join(schema.names)}"
    first_fault = column.first_fault or {"item": block.digests[places[0]], "traceback": said}
    return replace(column, faults=column.faults + len(places), first_fault=first_fault)


def apply(
    functions: Sequence[LabelingFunction],
    records: Iterable[Mapping[str, Any]],
    class_names: Sequence[str],
    *,
    text: str = "text",
) -> VoteMatrix:
    """Apply functions to records in memory, for a notebook; faults are raised, nothing is stored.

    Parameters
    ----------
    functions : sequence of LabelingFunction, length m
    records : iterable of mapping, n of them
        Such as ``frame.to_dict("records")``.
    class_names : sequence of str, length k
    text : str
        The field that ``item.text`` gives.

    Returns
    -------
    VoteMatrix
        Shape (n, m).

    Raises
    ------
    KeyError
        A function answers with something that is not a class.

    Examples
    --------
    >>> links = LabelingFunction("links", lambda item: "SPAM" if "http" in item.text else None)
    >>> apply([links], [{"text": "see http://example.org"}, {"text": "nice"}], ["HAM", "SPAM"]).hard.tolist()
    [[1], [-1]]
    """
    codes: dict[str | None, int] = {name: i for i, name in enumerate(class_names)}
    codes[None] = ABSTAIN
    items = [Item(str(i), record, text) for i, record in enumerate(records)]
    rows = [[codes[function(item)] for function in functions] for item in items]
    hard = np.array(rows, dtype=np.int8).reshape(len(items), len(functions))
    return VoteMatrix(hard, tuple(f.name for f in functions), len(class_names))

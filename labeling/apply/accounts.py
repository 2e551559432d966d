"""What a run came to: the votes on all items, and the account of each voter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from labeling.apply.columns import OpenColumns
from labeling.apply.limits import strange_vote
from labeling.items import Items
from labeling.types import ABSTAIN, Bools, Codes, LabelSchema
from labeling.votes import VoteColumn
from labeling.votes.alignment import PlacedBlock
from labeling.votes.applied import VoterRun


@dataclass(frozen=True)
class Accounts:
    """Reads columns of votes, in their last state.

    Parameters
    ----------
    items : Items
        n unique contents.
    schema : LabelSchema
    columns : OpenColumns
        Of m functions.
    """

    items: Items
    schema: LabelSchema
    columns: OpenColumns

    def votes(self, refused: Sequence[bool]) -> Codes:
        """Give class indices, shape (n, m); functions that are refused abstain."""
        hard = np.full((len(refused), len(self.items)), ABSTAIN, dtype=np.int8)
        for j in np.flatnonzero(~np.array(refused, dtype=bool)):
            for b, block in enumerate(self.columns.blocks):
                block.spread(self.columns.columns[b, int(j)].indices(self.schema.index), hard[j])
        return np.ascontiguousarray(hard.T)

    def run(self, name: str, function: int, ran: int) -> VoterRun:
        """Give the account of one voter, which was called ``ran`` times in this run."""
        faults, seconds, first = 0, 0.0, None
        for b, block in enumerate(self.columns.blocks):
            column = self.columns.columns[b, function]
            failed = column.failed(self.schema.index) & block.present
            faults += int(failed.sum())
            seconds += column.seconds
            if first is None and failed.any():
                first = self._first_fault(column, block, failed)
        version = self.columns.fingerprints[function]
        return VoterRun(name, version, ran, len(self.items) - ran, faults, first, seconds)

    def _first_fault(self, column: VoteColumn, block: PlacedBlock, failed: Bools) -> Mapping[str, str]:
        """Give the fault whose traceback is kept; else the first vote that names no class, or any fault."""
        kept = column.first_fault
        row = None if kept is None else self._row_of(kept["item"])
        if kept is not None and row is not None:
            return {**kept, "row": self.items.row_of_item(row)}
        strange = failed & (column.codes >= 0)
        place = int(strange.argmax() if strange.any() else failed.argmax())
        code, row = int(column.codes[place]), int(block.rows[place])
        said = strange_vote(column.names[code], self.schema) if code >= 0 else "its traceback was not kept"
        digest = self.items.digest_column[row].as_py().hex()
        return {"item": digest, "row": self.items.row_of_item(row), "traceback": said}

    def _row_of(self, digest: str) -> int | None:
        digests = self.items.digest_column
        row = pc.index(digests, pa.scalar(bytes.fromhex(digest), digests.type)).as_py()
        return None if row < 0 else int(row)

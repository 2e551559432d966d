"""Columns of votes under work: read from the vote store, filled, and kept block by block."""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

import numpy as np
from sqlalchemy import Connection

from labeling.store import ManifestEntry, Store, manifest
from labeling.types import FAULT, LOST, UNKNOWN, Bools, Ints
from labeling.votes import VoteColumn, VoteStore, column_key, renamed
from labeling.votes.alignment import PlacedBlock

KEEP_SECONDS = 30.0
FILES_AT_ONCE = 8
"""What takes the time of a file is the disk."""

Key = tuple[int, int]
"""Block and function, by number."""


@dataclass
class OpenColumns:
    """The columns of m functions on all blocks of a pool.

    Parameters
    ----------
    store : Store
    votes : VoteStore
    blocks : sequence of PlacedBlock
    fingerprints : sequence of str, length m
    """

    store: Store
    votes: VoteStore
    blocks: Sequence[PlacedBlock]
    fingerprints: Sequence[str]
    columns: dict[Key, VoteColumn] = field(init=False, repr=False)
    _kept: dict[Key, ManifestEntry] = field(init=False, repr=False)
    _changed: set[Key] = field(default_factory=set, init=False, repr=False)
    _clashes: dict[Key, ManifestEntry] = field(default_factory=dict, init=False, repr=False)
    _last: float = field(default_factory=time.monotonic, init=False, repr=False)

    def __post_init__(self) -> None:
        with self.store.read() as tx:
            stored = self.votes.column_entries(tx)
        keys = [(b, j) for b in range(len(self.blocks)) for j in range(len(self.fingerprints))]
        self._kept = {key: stored[self._key(key)] for key in keys if self._key(key) in stored}
        with ThreadPoolExecutor(FILES_AT_ONCE) as pool:
            self.columns = dict(zip(keys, pool.map(self._read, keys), strict=True))

    def missing(self, block: int, function: int) -> Bools:
        """Mask, shape (places,): items of the pool whose vote is still to be computed."""
        codes = self.columns[block, function].codes
        return np.asarray((codes == UNKNOWN) & self.blocks[block].present)

    def add(self, block: int, function: int, places: Ints, new: VoteColumn) -> None:
        """Take the votes on some places of a block; ``new`` holds as many, unknown ones among them.

        Parameters
        ----------
        places : array of int, shape (p,)
        new : VoteColumn of p places
        """
        column = self.columns[block, function]
        names = tuple(dict.fromkeys((*column.names, *new.names)))
        codes = renamed(column.codes, column.names, names).copy()
        known = new.known
        codes[places[known]] = renamed(new.codes, new.names, names)[known]
        first = column.first_fault or new.first_fault
        self.columns[block, function] = VoteColumn(codes, names, first, column.seconds + new.seconds)
        self._changed.add((block, function))

    def forget_faults(self, function: int) -> None:
        """Leave a function's faults to the next run."""
        for block in range(len(self.blocks)):
            column = self.columns[block, function]
            failed = np.isin(column.codes, (FAULT, LOST))
            if failed.any():
                codes = np.where(failed, np.int8(UNKNOWN), column.codes)
                self.columns[block, function] = replace(column, codes=codes, first_fault=None)
                self._changed.add((block, function))

    def keep_now_and_then(self) -> None:
        """Keep what has changed where the last time is long enough ago."""
        if time.monotonic() - self._last > KEEP_SECONDS:
            self.keep()

    def keep(self) -> None:
        """Write what has changed; what another process has written meanwhile of the same columns stays in."""
        while self._changed:
            with ThreadPoolExecutor(FILES_AT_ONCE) as pool:
                written = dict(zip(self._changed, pool.map(self._write, self._changed), strict=True))
            with self.store.write() as tx:
                again = {key for key, entry in written.items() if not self._record(tx, key, entry)}
            for key in again & self._clashes.keys():
                self._kept[key] = self._clashes.pop(key)
                self.columns[key] = self.columns[key].merged(self.votes.read_column(self._kept[key]))
            self._changed = again
        self._last = time.monotonic()

    def _key(self, key: Key) -> str:
        block, function = key
        return column_key(self.blocks[block].key, self.fingerprints[function])

    def _record(self, tx: Connection, key: Key, entry: ManifestEntry) -> bool:
        """Record a column; not where another process was first, or a clean-up took the file away."""
        present = manifest.find(tx, "votes", entry.key)
        if present not in (None, entry, self._kept.get(key)):
            self._clashes[key] = present
            return False
        if not self.votes.artifacts.exists(entry):
            return False
        manifest.record(tx, entry)
        self._kept[key] = entry
        return True

    def _write(self, key: Key) -> ManifestEntry:
        return self.votes.write_column(self._key(key), self.columns[key])

    def _read(self, key: Key) -> VoteColumn:
        if key not in self._kept:
            return VoteColumn.empty(len(self.blocks[key[0]]))
        column = self.votes.read_column(self._kept[key])
        lost = column.codes == LOST
        if not lost.any():
            return column
        return replace(column, codes=np.where(lost, np.int8(UNKNOWN), column.codes), first_fault=None)

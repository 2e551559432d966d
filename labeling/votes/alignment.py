"""Where the items of a pool are in the blocks of the vote store."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from labeling.store import ManifestEntry, Store, manifest
from labeling.types import ABSTAIN, Bools, Codes, LabelSchema
from labeling.votes import BLOCK_ITEMS, DIGEST_BYTES, VoteStore, block_id, column_key

ABSENT = -1
Rows = npt.NDArray[np.int64]


@dataclass(frozen=True)
class PlacedBlock:
    """A block and the row of the pool that each of its places is, ``ABSENT`` where the pool lacks it."""

    key: str
    rows: Rows

    @cached_property
    def present(self) -> Bools:
        """Mask, shape (places,): places that are items of the pool."""
        return np.asarray(self.rows != ABSENT)

    def spread(self, values: Codes | Bools, over: Codes | Bools) -> None:
        """Write the values of the places, shape (places,), to their rows of ``over``, shape (n,)."""
        if self._is_slice:
            over[self.rows[0] : self.rows[-1] + 1] = values
        else:
            over[self.rows[self.present]] = values[self.present]

    @cached_property
    def _is_slice(self) -> bool:
        return bool(self.present.all() and (np.diff(self.rows) == 1).all() and len(self.rows))

    def __len__(self) -> int:
        return len(self.rows)


def place_blocks(store: VoteStore, entries: Sequence[ManifestEntry], digests: pa.Array) -> list[PlacedBlock]:
    """Find the items of a pool in stored blocks.

    A block that is a slice of the pool is known by its id, and not even read.

    Parameters
    ----------
    entries : sequence of ManifestEntry
        The blocks, oldest first.
    digests : FixedSizeBinaryArray, shape (n,)

    Returns
    -------
    list of PlacedBlock
        Those that hold an item of the pool; each item is in one of them at most.
    """
    lookup, start, placed = DigestRows(digests), 0, []
    free = np.ones(len(digests) + 1, dtype=bool)
    free[ABSENT] = False
    for entry in entries:
        window = digests.slice(start, entry.rows)
        if len(window) == entry.rows and block_id(window) == entry.key:
            rows: Rows = np.arange(start, start + entry.rows)
        else:
            rows = lookup.rows(store.read_block(entry))
        rows = np.where(free[rows], rows, ABSENT)
        held = rows[rows != ABSENT]
        if len(held):
            free[held] = False
            start = int(held[-1]) + 1
            placed.append(PlacedBlock(entry.key, rows))
    return placed


def cover(store: Store, votes: VoteStore, digests: pa.Array) -> list[PlacedBlock]:
    """Find the items of a pool in blocks, after writing new blocks for those that are in none."""
    with store.read() as tx:
        entries = votes.block_entries(tx)
    placed = place_blocks(votes, entries, digests)
    fresh = list(_new_blocks(placed, len(digests)))
    written: list[ManifestEntry] = []
    while len(written) < len(fresh):
        written = [
            votes.write_block(digests.take(pa.array(r)), len(entries) + i) for i, r in enumerate(fresh)
        ]
        with store.write() as tx:
            # What is written and not recorded yet is garbage, and may have been cleaned up.
            written = [entry for entry in written if votes.artifacts.exists(entry)]
            for entry in written:
                manifest.record(tx, entry)
    return placed + [PlacedBlock(e.key, rows) for e, rows in zip(written, fresh, strict=True)]


def stored_votes(
    store: Store, votes: VoteStore, digests: pa.Array, fingerprint: str, schema: LabelSchema
) -> tuple[Codes, Bools]:
    """Read the votes of one version of a voter on a pool.

    Parameters
    ----------
    digests : FixedSizeBinaryArray, shape (n,)
    fingerprint : str
        As in `VoterRun`.

    Returns
    -------
    codes : array of int8, shape (n,)
        Class indices, -1 abstains.
    known : mask, shape (n,)
        Items on which the voter was applied.
    """
    with store.read() as tx:
        entries, columns = votes.block_entries(tx), votes.column_entries(tx)
    codes = np.full(len(digests), ABSTAIN, dtype=np.int8)
    known = np.zeros(len(digests), dtype=bool)
    for block in place_blocks(votes, entries, digests):
        entry = columns.get(column_key(block.key, fingerprint))
        if entry is not None:
            column = votes.read_column(entry)
            block.spread(column.indices(schema.index), codes)
            block.spread(column.known, known)
    return codes, known


def _new_blocks(placed: Sequence[PlacedBlock], n: int) -> Iterator[Rows]:
    free = np.ones(n, dtype=bool)
    for block in placed:
        free[block.rows[block.present]] = False
    fresh = np.flatnonzero(free)
    return (fresh[i : i + BLOCK_ITEMS] for i in range(0, len(fresh), BLOCK_ITEMS))


class DigestRows:
    """Rows of digests, shape (n,), by binary search over their first eight bytes."""

    def __init__(self, digests: pa.Array) -> None:
        self._digests = digests

    def rows(self, digests: pa.Array) -> Rows:
        """Give the row of each digest, ``ABSENT`` where it is not there."""
        wanted = _words(digests)
        if not len(self._order) or not len(wanted):
            return np.full(len(wanted), ABSENT)
        near = np.searchsorted(self._sorted, wanted[:, 0])
        rows = self._order[np.minimum(near, len(self._order) - 1)]
        return np.where((self._words[rows] == wanted).all(axis=1), rows, ABSENT)

    @cached_property
    def _words(self) -> npt.NDArray[np.uint64]:
        return _words(self._digests)

    @cached_property
    def _order(self) -> Rows:
        return np.argsort(self._words[:, 0], kind="stable")

    @cached_property
    def _sorted(self) -> npt.NDArray[np.uint64]:
        return np.asarray(self._words[self._order, 0])


def _words(digests: pa.Array) -> npt.NDArray[np.uint64]:
    """Give digests as two numbers each, shape (n, 2)."""
    data = memoryview(digests.buffers()[1] or b"")
    start = digests.offset * DIGEST_BYTES
    numbers = np.frombuffer(data[start : start + len(digests) * DIGEST_BYTES], dtype=np.uint64)
    return numbers.reshape(len(digests), 2)

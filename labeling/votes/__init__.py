"""The vote store: one immutable column of votes per block of items and version of a voter."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pyarrow as pa
import sqlalchemy as sa

from labeling.artifacts import Artifacts
from labeling.store import ManifestEntry, manifest
from labeling.types import ABSTAIN, FAULT, LOST, UNKNOWN, Bools, Codes

BLOCK_ITEMS = 100_000
DIGEST_BYTES = 16


@dataclass(frozen=True)
class VoteColumn:
    """One voter's votes on one block of n items.

    Parameters
    ----------
    codes : array of int8, shape (n,)
        Indices into ``names``; -1 abstains; ``FAULT``, ``LOST`` and ``UNKNOWN`` are no votes.
    names : tuple of str
        The classes that were voted for, of this or of an earlier schema.
    first_fault : mapping, optional
        ``{"item": digest, "traceback": text}``.
    seconds : float
        That all calls took together.
    """

    codes: Codes = field(repr=False)
    names: tuple[str, ...] = ()
    first_fault: Mapping[str, str] | None = None
    seconds: float = 0.0

    @classmethod
    def empty(cls, length: int) -> VoteColumn:
        """Give a column of which nothing is computed."""
        return cls(np.full(length, UNKNOWN, dtype=np.int8))

    @property
    def known(self) -> Bools:
        """Mask, shape (n,): what was computed."""
        return np.asarray(self.codes != UNKNOWN)

    def indices(self, index: Mapping[str, int]) -> Codes:
        """Give class indices, shape (n,): whatever is no vote for a class of ``index`` abstains."""
        return translated(self.codes, [index.get(name, ABSTAIN) for name in self.names], ABSTAIN)

    def failed(self, index: Mapping[str, int]) -> Bools:
        """Mask, shape (n,): faults, and votes that name no class of ``index``, where one may be added yet."""
        strange = [name not in index for name in self.names]
        return translated(self.codes, strange, 0).astype(bool) | np.isin(self.codes, (FAULT, LOST))

    def merged(self, other: VoteColumn) -> VoteColumn:
        """Add what another process computed of the same column meanwhile; where both know, this one stays."""
        names = tuple(dict.fromkeys((*self.names, *other.names)))
        theirs = renamed(other.codes, other.names, names)
        codes = np.where(self.known, self.codes, theirs)
        first = self.first_fault or other.first_fault
        return replace(self, codes=codes, names=names, first_fault=first)


def translated(codes: Codes, table: list[int] | list[bool], other: int) -> Codes:
    """Look codes up, shape (n,): code i becomes ``table[i]``, a negative one ``other``."""
    values = np.full(256, other, dtype=np.int8)
    values[: len(table)] = table
    return values[codes.view(np.uint8)]


def renamed(codes: Codes, names: tuple[str, ...], into: tuple[str, ...]) -> Codes:
    """Turn indices into one list of names into those into another that holds all of them."""
    if into[: len(names)] == names:
        return codes
    votes = translated(codes, [into.index(name) for name in names], ABSTAIN)
    return np.where(codes < 0, codes, votes)


@dataclass(frozen=True)
class VoteStore:
    """Blocks of items, each an immutable list of content digests, and their columns of votes.

    A column that the manifest does not name has not been computed.
    """

    artifacts: Artifacts

    def block_entries(self, tx: sa.Connection) -> list[ManifestEntry]:
        """List the blocks, oldest first; the key of each is the `block_id` of its digests."""
        return sorted(manifest.entries(tx, "block"), key=lambda e: (int(e.meta["position"]), e.key))

    def read_block(self, entry: ManifestEntry) -> pa.Array:
        """Read the digests of a block, 16 bytes each."""
        digests = self.artifacts.read(entry)["digest"].combine_chunks()
        if pa.types.is_fixed_size_binary(digests.type):
            return digests
        return pa.array([bytes.fromhex(d) for d in digests.to_pylist()], pa.binary(DIGEST_BYTES))

    def write_block(self, digests: pa.Array, position: int) -> ManifestEntry:
        """Write a block; the caller records the entry."""
        table = pa.table({"digest": digests})
        return self.artifacts.write("block", table, key=block_id(digests), meta={"position": position})

    def column_entries(self, tx: sa.Connection) -> dict[str, ManifestEntry]:
        """List all columns by `column_key`."""
        return {entry.key: entry for entry in manifest.entries(tx, "votes")}

    def write_column(self, key: str, column: VoteColumn) -> ManifestEntry:
        """Write a column; the caller records the entry."""
        meta: dict[str, Any] = {
            "names": list(column.names),
            "first_fault": None if column.first_fault is None else dict(column.first_fault),
            "seconds": column.seconds,
        }
        return self.artifacts.write("votes", pa.table({"code": column.codes}), key=key, meta=meta)

    def read_column(self, entry: ManifestEntry) -> VoteColumn:
        """Read a column back."""
        codes = self.artifacts.read(entry)["code"].to_numpy()
        meta = entry.meta
        return VoteColumn(codes, tuple(meta["names"]), meta["first_fault"], meta["seconds"])


def block_id(digests: pa.Array) -> str:
    """Name a block by its content: the digest of its digests in their order."""
    data = memoryview(digests.buffers()[1] or b"")
    start = digests.offset * DIGEST_BYTES
    return hashlib.sha256(data[start : start + len(digests) * DIGEST_BYTES]).hexdigest()[:32]


def column_key(block: str, fingerprint: str) -> str:
    """Name a column within the manifest."""
    return f"{block}/{fingerprint}"

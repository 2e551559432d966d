"""The vote store: one immutable column of votes per block of items and version of a voter."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import sqlalchemy as sa

from labeling.artifacts import Artifacts
from labeling.store import ManifestEntry, manifest
from labeling.types import ABSTAIN, digest_of

BLOCK_ITEMS = 100_000


@dataclass(frozen=True)
class Block:
    """An immutable list of content digests, at most ``BLOCK_ITEMS`` long."""

    block_id: str
    digests: tuple[str, ...] = field(repr=False)

    @classmethod
    def of(cls, digests: Sequence[str]) -> Block:
        """Name a block by its content."""
        return cls(digest_of(list(digests)), tuple(digests))


@dataclass(frozen=True)
class VoteColumn:
    """One voter's votes on one block: class names (None abstains), with what went wrong.

    ``known`` tells which votes were computed: an item that was absent at the time was not.
    ``first_fault`` holds ``{"item": digest, "traceback": text}``.
    """

    names: Sequence[str | None] = field(repr=False)
    known: Sequence[bool] = field(repr=False)
    faults: int = 0
    first_fault: Mapping[str, str] | None = None
    seconds: float = 0.0

    @classmethod
    def empty(cls, length: int) -> VoteColumn:
        """Give a column of which nothing is computed."""
        return cls([None] * length, [False] * length)


@dataclass(frozen=True)
class VoteStore:
    """Blocks and their columns; a column that has no file has not been computed."""

    artifacts: Artifacts

    def blocks(self, tx: sa.Connection) -> list[Block]:
        """Read all blocks, oldest first."""
        entries = manifest.entries(tx, "block")
        ordered = sorted(entries, key=lambda e: int(e.meta["position"]))
        return [Block(e.key, tuple(self.artifacts.read(e)["digest"].to_pylist())) for e in ordered]

    def write_block(self, block: Block, position: int) -> ManifestEntry:
        """Write a block; the caller records the entry."""
        table = pa.table({"digest": list(block.digests)})
        return self.artifacts.write("block", table, key=block.block_id, meta={"position": position})

    def find(self, tx: sa.Connection, block: Block, fingerprint: str) -> ManifestEntry | None:
        """Look up the column of a voter's version on a block."""
        return manifest.find(tx, "votes", column_key(block, fingerprint))

    def write_column(self, block: Block, fingerprint: str, column: VoteColumn) -> ManifestEntry:
        """Write a column; the caller records the entry."""
        names = pa.array(column.names, type=pa.string()).dictionary_encode()
        meta: dict[str, Any] = {
            "faults": column.faults,
            "first_fault": json.dumps(column.first_fault),
            "seconds": column.seconds,
        }
        table = pa.table({"vote": names, "known": list(column.known)})
        return self.artifacts.write("votes", table, key=column_key(block, fingerprint), meta=meta)

    def read_column(self, entry: ManifestEntry) -> VoteColumn:
        """Read a column back."""
        table = self.artifacts.read(entry)
        meta = entry.meta
        return VoteColumn(
            table["vote"].to_pylist(),
            table["known"].to_pylist(),
            meta["faults"],
            json.loads(meta["first_fault"]),
            meta["seconds"],
        )


def column_key(block: Block, fingerprint: str) -> str:
    """Name a column within the manifest."""
    return f"{block.block_id}/{fingerprint}"


def new_blocks(known: Sequence[Block], digests: Iterable[str]) -> list[Block]:
    """Group the digests that no known block holds into new blocks, in their order."""
    held = {d for block in known for d in block.digests}
    fresh = [d for d in digests if d not in held]
    return [Block.of(fresh[i : i + BLOCK_ITEMS]) for i in range(0, len(fresh), BLOCK_ITEMS)]


def to_indices(names: Sequence[str | None], index: Mapping[str, int]) -> npt.NDArray[np.int8]:
    """Turn class names into indices; None and a class that the schema no longer has abstain."""
    codes = (ABSTAIN if name is None else index.get(name, ABSTAIN) for name in names)
    return np.fromiter(codes, dtype=np.int8, count=len(names))

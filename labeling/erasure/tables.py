"""Rewriting stored tables so that erased contents are in none of them."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from labeling.artifacts import Artifacts
from labeling.pool.spaces import FITTED_ON, ROWS, SPACE
from labeling.releases.publication import LABELS
from labeling.store import ManifestEntry
from labeling.types import UNKNOWN
from labeling.votes import DIGEST_BYTES, VoteColumn, VoteStore, block_id, column_key

DERIVED = ("rows", "items", "report", "function-draft", SPACE, FITTED_ON, ROWS)
"""Kinds that the next run makes anew: words of an erased text may be anywhere in them."""


@dataclass
class Rewriting:
    """What becomes of the manifest's entries; nothing counts before the caller records it.

    Attributes
    ----------
    removed : list of ManifestEntry
    written : list of ManifestEntry
    renamed : dict of str to str
        New digest of each score table, by the old one.
    """

    removed: list[ManifestEntry] = field(default_factory=list)
    written: list[ManifestEntry] = field(default_factory=list)
    renamed: dict[str, str] = field(default_factory=dict)

    def swap(self, old: ManifestEntry, new: ManifestEntry) -> None:
        """Put an entry in the place of another one."""
        self.removed.append(old)
        self.written.append(new)


def rewrite_tables(
    artifacts: Artifacts, entries: Iterable[ManifestEntry], row_id: str, erased: frozenset[str]
) -> Rewriting:
    """Write all tables anew that hold a row or an erased content; those of ``DERIVED`` go altogether.

    Parameters
    ----------
    erased : frozenset of str
        Content digests in hex.
    """
    entries, done = list(entries), Rewriting()
    for entry in entries:
        if entry.kind in DERIVED:
            done.removed.append(entry)
        elif entry.kind not in ("block", "votes"):
            _drop_lines(artifacts, entry, row_id, erased, done)
    _blank_blocks(artifacts, entries, erased, done)
    return done


def _drop_lines(
    artifacts: Artifacts, entry: ManifestEntry, row_id: str, erased: frozenset[str], done: Rewriting
) -> None:
    table = artifacts.read(entry)
    if entry.kind == LABELS:
        stays = ~np.asarray(pc.equal(table["id"], row_id), dtype=bool)
    elif "digest" in table.column_names:
        stays = ~_is_erased(table["digest"], erased)
    else:
        return
    if not stays.all():
        new = artifacts.write(entry.kind, table.filter(pa.array(stays)), key=entry.key, meta=entry.meta)
        done.swap(entry, new)
        if entry.kind == "scores":
            done.renamed[entry.digest] = new.digest


def _is_erased(digests: pa.ChunkedArray, erased: frozenset[str]) -> npt.NDArray[np.bool_]:
    if pa.types.is_fixed_size_binary(digests.type):
        values = pa.array([bytes.fromhex(d) for d in sorted(erased)], digests.type)
    else:
        values = pa.array(sorted(erased), digests.type)
    return np.asarray(pc.is_in(digests, value_set=values), dtype=bool)


def _blank_blocks(
    artifacts: Artifacts, entries: list[ManifestEntry], erased: frozenset[str], done: Rewriting
) -> None:
    """Put random digests in the place of erased ones, and no vote beside them: places have to stay."""
    votes = VoteStore(artifacts)
    for entry in (e for e in entries if e.kind == "block"):
        digests = votes.read_block(entry)
        gone = _is_erased(pa.chunked_array([digests]), erased)
        if not gone.any():
            continue
        values = [
            secrets.token_bytes(DIGEST_BYTES) if g else d
            for g, d in zip(gone, digests.to_pylist(), strict=True)
        ]
        fresh = pa.array(values, digests.type)
        done.swap(entry, votes.write_block(fresh, entry.meta["position"]))
        columns = [e for e in entries if e.kind == "votes" and e.key.startswith(f"{entry.key}/")]
        for column in columns:
            version = column.key.rpartition("/")[2]
            blank = _blank(votes.read_column(column), gone, erased)
            done.swap(column, votes.write_column(column_key(block_id(fresh), version), blank))


def _blank(column: VoteColumn, gone: npt.NDArray[np.bool_], erased: frozenset[str]) -> VoteColumn:
    first = column.first_fault
    told = None if first is not None and first["item"] in erased else first
    return replace(column, codes=np.where(gone, np.int8(UNKNOWN), column.codes), first_fault=told)

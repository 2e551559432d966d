"""Feature spaces as artifacts: what was fitted on a pool is kept until the pool has become another one."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from labeling.artifacts import Artifacts
from labeling.items.collection import hex_digests
from labeling.pool.readings import binary_digests
from labeling.project import Project
from labeling.store import ManifestEntry, manifest
from labeling.types import Content, FeatureMemory, FeatureSpace, State, digest_of

SPACE, FITTED_ON, ROWS = "feature_space", "feature_pool", "features"

PIECE = 1 << 24
"""Bytes of an array that are stored in one cell."""

OUTGROWN = 0.5
"""The space is fitted anew once it was fitted on less than this share of the items."""

TEXTS = "texts"


@dataclass(frozen=True)
class FittedSpace:
    """A space that was fitted.

    Parameters
    ----------
    entry : ManifestEntry
        Its arrays.
    artifacts : Artifacts
    """

    entry: ManifestEntry
    artifacts: Artifacts = field(repr=False)

    @property
    def id(self) -> str:
        """Digest of all that a row depends on but the item's own content."""
        return digest_of(self.entry.key, self.entry.digest)

    @cached_property
    def state(self) -> State:
        """The arrays, read when they are asked for."""
        return state_of(self.artifacts.read(self.entry))


def space_in_force(project: Project, space: FeatureSpace) -> FittedSpace | None:
    """Find what was fitted of a space, None if nothing was."""
    with project.store.read() as tx:
        entry = manifest.find(tx, SPACE, _key(project, space))
    return None if entry is None else FittedSpace(entry, project.artifacts)


def fitted_space(
    project: Project, content: Content, space: FeatureSpace, memory: FeatureMemory
) -> FittedSpace:
    """Give the space in force, fitted on this pool if there is none yet or it was outgrown."""
    present = space_in_force(project, space)
    before = None if present is None else _fitted_on(project, present)
    if present is not None and before is not None:
        known = len(before.intersection(content.digests.tolist()))
        if known >= OUTGROWN * len(content):
            return present
        said = f"features: fitted anew on {len(content)} items, of which {known} were there the last time"
        project.progress(said, 0, 0)
    key = _key(project, space)
    table = table_of(space.fit(content, memory))
    entry = project.artifacts.write(SPACE, table, key=key)
    digests = pa.table({"digest": binary_digests(content.digests.tolist())})
    pool = project.artifacts.write(FITTED_ON, digests, key=key)
    with project.store.write() as tx:
        if present is not None:
            old = [e for e in manifest.entries(tx, ROWS) if e.key.startswith(f"{present.id}/")]
            manifest.remove(tx, old)
        manifest.record(tx, entry)
        manifest.record(tx, pool)
    return FittedSpace(entry, project.artifacts)


def entries_of_other_spaces(
    entries: Iterable[ManifestEntry], project: Project, space: FeatureSpace
) -> list[ManifestEntry]:
    """List what belongs to spaces that the config does not ask for now, and rows of former versions."""
    found, key = list(entries), _key(project, space)
    others = [e for e in found if e.kind in (SPACE, FITTED_ON) and e.key != key]
    ids = {FittedSpace(e, project.artifacts).id for e in others if e.kind == SPACE}
    rows = [e for e in found if e.kind == ROWS]
    return [*others, *(e for e in rows if "/" not in e.key or e.key.partition("/")[0] in ids)]


def _key(project: Project, space: FeatureSpace) -> str:
    return digest_of(space.id, project.config.items.text_field, list(space.fields))


def _fitted_on(project: Project, fitted: FittedSpace) -> frozenset[str] | None:
    with project.store.read() as tx:
        entry = manifest.find(tx, FITTED_ON, fitted.entry.key)
    if entry is None:
        return None
    return frozenset(hex_digests(project.artifacts.read(entry)["digest"].combine_chunks()).tolist())


def table_of(state: State) -> pa.Table:
    """Give named arrays as a table, a row for each piece of one: ``name, dtype, shape, data``."""
    rows = [row for name in sorted(state) for row in _pieces(name, state[name])]
    columns = {name: [row[name] for row in rows] for name in ("name", "dtype", "shape")}
    data = pa.array([row["data"] for row in rows], pa.large_binary())
    return pa.table({**{n: pa.array(c, pa.string()) for n, c in columns.items()}, "data": data})


def _pieces(name: str, array: npt.NDArray[Any]) -> Iterator[dict[str, Any]]:
    if array.dtype == object:
        kind, data = TEXTS, json.dumps(array.tolist()).encode()
    else:
        little = array.astype(array.dtype.newbyteorder("<"), copy=False)
        kind, data = little.dtype.str, np.ascontiguousarray(little).tobytes()
    about = {"name": name, "dtype": kind, "shape": json.dumps(array.shape)}
    for start in range(0, max(len(data), 1), PIECE):
        yield {**about, "data": data[start : start + PIECE]}


def state_of(table: pa.Table) -> State:
    """Give the named arrays that ``table_of`` wrote."""
    about = {row["name"]: row for row in table.select(["name", "dtype", "shape"]).to_pylist()}
    pieces: dict[str, list[bytes]] = {}
    for name, data in zip(table["name"].to_pylist(), table["data"], strict=True):
        pieces.setdefault(name, []).append(data.as_py())
    return {name: _array(about[name], b"".join(pieces[name])) for name in about}


def _array(about: dict[str, Any], data: bytes) -> npt.NDArray[Any]:
    shape = json.loads(about["shape"])
    if about["dtype"] == TEXTS:
        array = np.empty(shape, dtype=object)
        array[:] = json.loads(data)
        return array
    return np.frombuffer(data, dtype=about["dtype"]).reshape(shape)
